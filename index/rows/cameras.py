"""Cameras, what their clocks were found to be, and the roads between them."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from sqlalchemy import Connection, Row, Select, Text, delete, func, insert, select

from core.errors import NotFound
from core.types import Camera, CameraGraph, ClockCorrection, SpeedPrior, Transport
from index.rows.engine import Database
from index.rows.schema import cameras, clock_corrections, graph_cameras, roads, speed_priors


class SqlCameras:
    """`core.protocols.CameraRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, camera: Camera) -> None:
        """Add or replace all but its clock history, which `correct_clock` alone extends."""
        self._put(f"put camera {camera.camera_id}", [camera])

    def put_all(self, several: Sequence[Camera]) -> None:
        """`put` of a whole list, in one transaction: a county's cameras come at once."""
        if several:
            self._put(f"put {len(several)} cameras", several)

    def _put(self, what: str, several: Sequence[Camera]) -> None:
        with self._database.writing(what) as connection:
            self._database.put_all(connection, cameras, [_row_of(one) for one in several])

    def get(self, camera_id: int) -> Camera:
        """`NotFound` if there is none."""
        found = self.some([camera_id])
        if not found:
            raise NotFound(f"camera {camera_id}: there is none")
        return found[0]

    def all(self) -> list[Camera]:
        """By id."""
        return self._read(select(cameras.c.camera_id))

    def some(self, camera_ids: Iterable[int]) -> list[Camera]:
        """Those of these that there are, by id."""
        return self._read(select(self._database.numbers("cameras", camera_ids).c.value))

    def correct_clock(self, camera_id: int, correction: ClockCorrection, at_ns: int) -> None:
        """Add a version to the clock history; the newest per `since_ns` counts."""
        with self._database.writing(f"correct the clock of camera {camera_id}") as connection:
            self._database.alone_in(connection, clock_corrections)
            _check_known(connection, camera_id)
            versions = select(func.count()).where(clock_corrections.c.camera_id == camera_id)
            row = {
                "camera_id": camera_id,
                "version": connection.scalar(versions),
                "since_ns": correction.since_ns,
                "offset_s": correction.offset_s,
                "sigma_s": correction.sigma_s,
                "at_ns": at_ns,
            }
            connection.execute(insert(clock_corrections).values(row))

    def put_graph(self, graph: CameraGraph) -> None:
        """Replace the roads; `Conflict` if one leads to a camera that there is not."""
        ids = graph.camera_ids.tolist()
        nodes = [{"position": i, "camera_id": camera_id} for i, camera_id in enumerate(ids)]
        with self._database.writing("put the camera graph") as connection:
            self._database.alone_in(connection, graph_cameras)
            for table in (roads, graph_cameras, speed_priors):
                connection.execute(delete(table))
            _insert(connection, graph_cameras, nodes)
            _insert(connection, roads, _road_rows(graph))
            _insert(connection, speed_priors, _speed_rows(graph))

    def graph(self) -> CameraGraph:
        """The roads; where none were imported, all cameras and empty edges."""
        with self._database.reading("read the camera graph") as connection:
            known = graph_cameras.c
            ids = list(connection.scalars(select(known.camera_id).order_by(known.position)))
            edges = connection.execute(_roads_as_text()).one()
            priors = connection.execute(
                select(speed_priors).order_by(speed_priors.c.position)
            ).all()
            if not ids:
                everyone = select(cameras.c.camera_id).order_by(cameras.c.camera_id)
                ids = list(connection.scalars(everyone))
        return _graph_of(ids, edges, priors)

    def delete(self, camera_id: int) -> None:
        """The camera and every row of it; nothing happens if there is none.

        One transaction: for a camera with much behind it, `TrackRows.erase` goes first in pieces.
        """
        with self._database.writing(f"delete camera {camera_id}") as connection:
            connection.execute(delete(cameras).where(cameras.c.camera_id == camera_id))
        self._database.forget()

    def _read(self, ids: Select[Any]) -> list[Camera]:
        wanted = select(cameras).where(cameras.c.camera_id.in_(ids)).order_by(cameras.c.camera_id)
        history = clock_corrections.c
        clocks = (
            select(clock_corrections)
            .where(history.camera_id.in_(ids))
            .order_by(history.camera_id, history.version)
        )
        with self._database.reading("read cameras") as connection:
            rows = connection.execute(wanted).all()
            newest: dict[int, dict[int, ClockCorrection]] = {}
            for row in connection.execute(clocks):
                correction = ClockCorrection(row.since_ns, row.offset_s, row.sigma_s)
                newest.setdefault(row.camera_id, {})[row.since_ns] = correction
        return [_camera_of(row, newest.get(row.camera_id, {})) for row in rows]


def _check_known(connection: Connection, camera_id: int) -> None:
    known = select(cameras.c.camera_id).where(cameras.c.camera_id == camera_id)
    if connection.scalar(known) is None:
        raise NotFound(f"camera {camera_id}: there is none")


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _row_of(camera: Camera) -> dict[str, Any]:
    lon_deg, lat_deg = camera.lon_lat_deg or (None, None)
    return {
        "camera_id": camera.camera_id,
        "name": camera.name,
        "lon_deg": lon_deg,
        "lat_deg": lat_deg,
        "kind": camera.kind,
        "main_url": camera.main_url,
        "sub_url": camera.sub_url,
        "transport": camera.transport,
        "username": camera.username,
        "secret": camera.secret,
        "retention_days": camera.retention_days,
        "analysis_fps": camera.analysis_fps,
        "recorded": camera.recorded,
    }


def _camera_of(row: Row[Any], newest: dict[int, ClockCorrection]) -> Camera:
    return Camera(
        camera_id=row.camera_id,
        name=row.name,
        lon_lat_deg=None if row.lon_deg is None else (row.lon_deg, row.lat_deg),
        kind=row.kind,
        main_url=row.main_url,
        sub_url=row.sub_url,
        transport=cast(Transport, row.transport),
        username=row.username,
        secret=bytes(row.secret),
        retention_days=row.retention_days,
        analysis_fps=row.analysis_fps,
        recorded=row.recorded,
        clocks=tuple(newest[since_ns] for since_ns in sorted(newest)),
    )


def _road_rows(graph: CameraGraph) -> list[dict[str, Any]]:
    ends = graph.camera_ids[graph.edges].tolist()  # (E, 2)
    lengths = graph.distance_m.tolist()
    return [
        {"position": i, "from_camera_id": a, "to_camera_id": b, "distance_m": metres}
        for i, ((a, b), metres) in enumerate(zip(ends, lengths, strict=True))
    ]


def _speed_rows(graph: CameraGraph) -> list[dict[str, Any]]:
    return [
        {
            "position": i,
            "family": prior.family,
            "slow_mps": prior.slow_mps,
            "usual_mps": prior.usual_mps,
            "fast_mps": prior.fast_mps,
        }
        for i, prior in enumerate(graph.speeds)
    ]


def _roads_as_text() -> Select[Any]:
    """Places, ends and lengths of all roads: four texts, in any order but the same; NULL for none.

    A county has some ten thousand, and each answer wants them: rows of their own take ten times as
    long.
    """
    road = roads.c
    columns = (road.position, road.from_camera_id, road.to_camera_id, road.distance_m)
    texts: list[Any] = [func.aggregate_strings(column.cast(Text), " ") for column in columns]
    return select(*texts)


def _graph_of(ids: list[int], edges: Row[Any], priors: Iterable[Row[Any]]) -> CameraGraph:
    position, *ends = (np.fromstring(text or "", np.int64, sep=" ") for text in edges[:3])
    order = np.argsort(position)
    metres = np.fromstring(edges[-1] or "", np.float64, sep=" ")
    camera_ids = np.array(ids, np.int64)
    by_id = np.argsort(camera_ids)
    places = [by_id[np.searchsorted(camera_ids, end, sorter=by_id)] for end in ends]
    return CameraGraph(
        camera_ids,
        np.ascontiguousarray(np.stack(places, axis=1)[order], np.int32),
        metres[order].astype(np.float32),
        tuple(SpeedPrior(p.family, p.slow_mps, p.usual_mps, p.fast_mps) for p in priors),
    )
