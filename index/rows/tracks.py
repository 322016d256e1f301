"""Tracklets, shots, plates, footage, activity and epochs: what ingest writes and the door reads."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from sqlalchemy import Column, Connection, Row, Table, func, insert, select

from core.arrays import I64, Bool
from core.types import (
    Activity,
    CameraSpan,
    Epoch,
    Family,
    FootageSegment,
    Passings,
    Plate,
    Scope,
    Shot,
    TimeSpan,
    Tracklet,
)
from index.rows import queries, records, schema
from index.rows.changes import KeptPassings, changes_of, count_change
from index.rows.engine import Database
from index.rows.erasure import Erasure

_PAGE = 1000  # rows of an unlimited listing per transaction
_SPANS_AT_ONCE = 64  # of the passings in one row of texts
_KNOWN_AT_ONCE = 20_000  # ids per question of a sweep


class SqlTracks:
    """`core.protocols.TrackRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._passings = KeptPassings()

    # --- writing ---

    def put_epoch(self, epoch: Epoch) -> None:
        """`DuplicateId` for a known one of that camera."""
        self.put_epochs([epoch])

    def put_epochs(self, epochs: Sequence[Epoch]) -> None:
        """All or none, in one transaction; `DuplicateId` for a known one of its camera."""
        if epochs:
            rows = [records.epoch_row(epoch) for epoch in epochs]
            self._insert(f"put epoch {epochs[0].epoch}", schema.epochs, rows)

    def put_parts(
        self, parts: Sequence[tuple[Tracklet, Sequence[Shot]]], plates: Sequence[Plate] = ()
    ) -> None:
        """All or none, in one transaction, with the plates of those parts.

        `DuplicateId` for a known (tracklet, part), shot or plate. `Conflict` for a camera that
        there is not: a deleted one gets no row again; and for a plate of a part that there is not.
        """
        tracklet_rows = [records.tracklet_row(tracklet) for tracklet, _ in parts]
        shot_rows = [row for part in parts for row in records.shot_rows(*part)]
        plate_rows = [records.plate_row(plate) for plate in plates]
        if not tracklet_rows and not plate_rows:
            return
        with self._database.writing("put tracklet parts") as connection:
            put_new = self._database.put_new
            put_new(connection, schema.tracklets, records.TRACKLET_COLUMNS, tracklet_rows)
            put_new(connection, schema.shots, records.SHOT_COLUMNS, shot_rows)
            put_new(connection, schema.plates, records.PLATE_COLUMNS, plate_rows)
            cameras = {tracklet.camera_id for tracklet, _ in parts}
            count_change(self._database, connection, cameras)

    def put_footage(self, segment: FootageSegment) -> None:
        """`DuplicateId` for a known one."""
        what = f"put footage segment {segment.segment_id}"
        self._insert(what, schema.footage, [records.footage_row(segment)])

    def put_activity(self, activities: Sequence[Activity]) -> None:
        """Add, or replace those with a known id."""
        if activities:
            rows = [records.activity_row(activity) for activity in activities]
            with self._database.writing("put activity") as connection:
                self._database.put_all(connection, schema.activities, rows)

    def erase(self, camera_id: int, span: TimeSpan | None, now_ns: int) -> int:
        """Delete rows that START in the span (None: any), note it as ERASED; their number.

        The note comes first, the rows go in several transactions, so that ingest of other cameras
        goes on; done again after a `kill -9`, it ends the same. Activity is cut, not dropped, at
        the span's ends. Epochs stay: they say how sure times are, and nothing of anybody.
        """
        return Erasure(self._database, camera_id).run(span, now_ns)

    # --- sweeps and upkeep ---

    def known_shots(self, shot_ids: I64) -> Bool:
        """Which of these (N,) have a row."""
        return self._known(schema.shots.c.shot_id, shot_ids)

    def known_plates(self, plate_ids: I64) -> Bool:
        """Which of these (N,) have a row."""
        return self._known(schema.plates.c.plate_id, plate_ids)

    def known_segments(self, segment_ids: I64) -> Bool:
        """Which of these (N,) have a row."""
        return self._known(schema.footage.c.segment_id, segment_ids)

    def all_footage(self) -> Iterator[FootageSegment]:
        """Every segment by id, in pages: no transaction stays open while a caller hashes files."""
        after = -(1 << 63)
        while True:
            key = schema.footage.c.segment_id
            in_order = select(schema.footage).where(key > after).order_by(key).limit(_PAGE)
            with self._database.reading("list footage") as connection:
                page = [records.footage_of(row) for row in connection.execute(in_order)]
            if not page:
                return
            yield from page
            after = page[-1].segment_id

    def widened(self, camera_id: int, span: TimeSpan) -> TimeSpan:
        """The span out to the ends of the parts that overlap it, then of the footage around."""
        with self._database.reading("widen a span") as connection:
            span = self._joined(connection, schema.tracklets, CameraSpan(camera_id, span))
            # Files go by overlap: where segments overlap each other, cut through none of them.
            while True:
                wider = self._joined(connection, schema.footage, CameraSpan(camera_id, span))
                if wider == span:
                    return span
                span = wider

    # --- reading within a scope ---

    def tracklets(
        self,
        scope: Scope,
        *,
        ids: Sequence[int] | None = None,
        families: Sequence[Family] | None = None,
        limit: int = 1000,
    ) -> list[Tracklet]:
        """Whole parts that overlap the scope, by first time, then id and part."""
        wanted = queries.tracklets_in(
            self._database, scope, ids=ids, families=families, limit=limit
        )
        with self._database.reading("read tracklets") as connection:
            return [records.tracklet_of(row) for row in connection.execute(wanted)]

    def passings(self, scope: Scope) -> Passings:
        """Every tracklet that overlaps the scope, by first time, then id: its parts joined."""
        with self._database.reading("read passings") as connection:
            changes = changes_of(self._database, connection, scope)
        return self._passings.of(scope, changes, lambda: self._read_passings(scope))

    def shots(
        self,
        scope: Scope,
        *,
        shot_ids: Sequence[int] | None = None,
        tracklet_ids: Sequence[int] | None = None,
    ) -> list[Shot]:
        """Shots inside the scope, by time, then id. Give ids of one kind."""
        wanted = queries.shots_in(
            self._database, scope, shot_ids=shot_ids, tracklet_ids=tracklet_ids
        )
        with self._database.reading("read shots") as connection:
            return [records.shot_of(row) for row in connection.execute(wanted)]

    def plates(
        self,
        scope: Scope,
        *,
        plate_ids: Sequence[int] | None = None,
        tracklet_ids: Sequence[int] | None = None,
    ) -> list[Plate]:
        """Plates inside the scope, by time, then id. Give ids of one kind.

        Of each of the `tracklet_ids` one: that of the most reads, the latest of those.
        """
        wanted = queries.plates_in(
            self._database, scope, plate_ids=plate_ids, tracklet_ids=tracklet_ids
        )
        with self._database.reading("read plates") as connection:
            return [records.plate_of(row) for row in connection.execute(wanted)]

    def footage(self, scope: Scope) -> list[FootageSegment]:
        """Segments that overlap the scope, by camera and time."""
        wanted = queries.intervals_in(self._database, schema.footage, scope)
        with self._database.reading("read footage") as connection:
            return [records.footage_of(row) for row in connection.execute(wanted)]

    def activity(self, scope: Scope) -> list[Activity]:
        """What happened in the scope, by camera and time."""
        wanted = queries.intervals_in(self._database, schema.activities, scope)
        with self._database.reading("read activity") as connection:
            return [records.activity_of(row) for row in connection.execute(wanted)]

    def epochs(self, scope: Scope, epochs: Sequence[int]) -> list[Epoch]:
        """Those of the cameras in the scope, by camera and number."""
        cameras = self._database.numbers("cameras", {part.camera_id for part in scope.spans})
        listed = self._database.numbers("epochs", epochs)
        row = schema.epochs.c
        wanted = (
            select(schema.epochs)
            .where(row.camera_id.in_(select(cameras.c.value)))
            .where(row.epoch.in_(select(listed.c.value)))
            .order_by(row.camera_id, row.epoch)
        )
        with self._database.reading("read epochs") as connection:
            return [records.epoch_of(row) for row in connection.execute(wanted)]

    # --- shared ---

    def _read_passings(self, scope: Scope) -> Passings:
        """By two readers at once: most of it is the database's own work."""
        starts = range(0, len(scope.spans), _SPANS_AT_ONCE)
        groups = [scope.spans[start : start + _SPANS_AT_ONCE] for start in starts]
        with ThreadPoolExecutor(2, "passings") as readers:
            halves = readers.map(self._passing_texts, (groups[::2], groups[1::2]))
            return records.passings_of(row for half in halves for row in half)

    def _passing_texts(self, groups: Sequence[Sequence[CameraSpan]]) -> list[Row[Any]]:
        with self._database.reading("read passings") as connection:
            wanted = (queries.passings_in(self._database, group) for group in groups)
            rows = [connection.execute(one).one() for one in wanted]
        return [row for row in rows if row[0] is not None]

    def _insert(self, what: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        with self._database.writing(what) as connection:
            connection.execute(insert(table), rows)

    def _joined(self, connection: Connection, table: Table, part: CameraSpan) -> TimeSpan:
        ends = select(func.min(table.c.start_ns), func.max(table.c.end_ns))
        inside = queries.overlaps(table, queries.spans_of(self._database, [part]))
        start_ns, end_ns = connection.execute(ends.where(inside)).one()
        if start_ns is None:
            return part.span
        return TimeSpan(min(start_ns, part.span.start_ns), max(end_ns, part.span.end_ns))

    def _known(self, column: Column[int], ids: I64) -> Bool:
        found: list[int] = []
        for start in range(0, len(ids), _KNOWN_AT_ONCE):
            listed = self._database.numbers("ids", ids[start : start + _KNOWN_AT_ONCE].tolist())
            wanted = select(column).where(column.in_(select(listed.c.value)))
            with self._database.reading("look ids up") as connection:
                found += connection.scalars(wanted).all()
        return np.isin(ids, np.array(found, np.int64))
