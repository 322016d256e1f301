"""The statements that read within a scope. Each finds its keys by index alone, whole or not."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    func,
    select,
    text,
)

from core.errors import InvalidInput
from core.types import CameraSpan, Family, Scope, TimeSpan, merged
from index.rows.engine import Database
from index.rows.schema import REACHES_NS, plates, shots, tracklets


def tracklets_in(
    database: Database,
    scope: Scope,
    *,
    ids: Sequence[int] | None = None,
    families: Sequence[Family] | None = None,
    limit: int = 1000,
) -> Select[Any]:
    """Parts that overlap the scope, by first time, then id and part."""
    row = tracklets.c
    order = (row.start_ns, row.tracklet_id, row.part)
    spans = spans_of(database, scope.spans)
    inside = select(*order).distinct()
    if ids is None:
        inside = inside.where(overlaps(tracklets, spans))
    else:
        listed = database.numbers("ids", set(ids))
        inside = inside.where(row.tracklet_id == listed.c.value)
        inside = inside.where(found_overlaps(tracklets, spans))
    if families is not None:
        inside = inside.where(row.family.in_([str(family) for family in families]))
    keys = inside.order_by(*order).limit(limit).subquery("keys")
    same = (row.tracklet_id == keys.c.tracklet_id) & (row.part == keys.c.part)
    return select(tracklets).join(keys, same).order_by(*order)


def passings_in(database: Database, parts: Iterable[CameraSpan]) -> Select[Any]:
    """The tracklets, cameras, classes, starts and ends of every part in the spans: five texts.

    In any order, but the same in all five, and once for every span that a part overlaps; NULL
    where there is none. The index holds it all. (To make a row of each takes four times as long.)
    """
    row = tracklets.c
    columns = (row.tracklet_id, row.camera_id, row.class_id, row.start_ns, row.end_ns)
    texts: list[Any] = [func.aggregate_strings(column.cast(Text), " ") for column in columns]
    return select(*texts).where(overlaps(tracklets, spans_of(database, parts)))


def shots_in(
    database: Database,
    scope: Scope,
    *,
    shot_ids: Sequence[int] | None = None,
    tracklet_ids: Sequence[int] | None = None,
) -> Select[Any]:
    """Shots taken inside the scope, by time, then id."""
    if shot_ids is not None and tracklet_ids is not None:
        raise InvalidInput("shots: want ids of shots or of tracklets, got both")
    row, spans = shots.c, spans_of(database, scope.spans).c
    wanted = select(shots).order_by(row.device_ns, row.shot_id)
    ids = tracklet_ids if shot_ids is None else shot_ids
    if ids is None:
        return wanted.where(
            row.camera_id == spans.camera_id,
            row.device_ns >= spans.start_ns,
            row.device_ns < spans.end_ns,
        )
    listed = database.numbers("ids", set(ids))
    of_kind = row.tracklet_id if shot_ids is None else row.shot_id
    return wanted.where(
        of_kind == listed.c.value,
        row.camera_id + 0 == spans.camera_id,
        row.device_ns + 0 >= spans.start_ns,
        row.device_ns + 0 < spans.end_ns,
    )


def plates_in(
    database: Database,
    scope: Scope,
    *,
    plate_ids: Sequence[int] | None = None,
    tracklet_ids: Sequence[int] | None = None,
) -> Select[Any]:
    """Plates whose evidence lies in the scope, by time, then id; one of each tracklet asked for."""
    ids = tracklet_ids if plate_ids is None else plate_ids
    if ids is None or (plate_ids is not None and tracklet_ids is not None):
        raise InvalidInput("plates: want ids of plates or of tracklets, got both or none")
    row, spans = plates.c, spans_of(database, scope.spans).c
    listed = database.numbers("ids", set(ids))
    of_kind = row.tracklet_id if plate_ids is None else row.plate_id
    fullest = (row.reads.desc(), row.device_ns.desc(), row.plate_id.desc())
    place = func.row_number().over(partition_by=of_kind, order_by=fullest).label("place")
    inside = (
        select(row.plate_id, place)
        .where(
            of_kind == listed.c.value,
            row.camera_id + 0 == spans.camera_id,
            row.device_ns + 0 >= spans.start_ns,
            row.device_ns + 0 < spans.end_ns,
        )
        .subquery("keys")
    )
    chosen = (row.plate_id == inside.c.plate_id) & (inside.c.place == 1)
    return select(plates).join(inside, chosen).order_by(row.device_ns, row.plate_id)


def intervals_in(database: Database, table: Table, scope: Scope) -> Select[Any]:
    """Rows of footage or activity that overlap the scope, by camera and time."""
    key = next(iter(table.primary_key))
    inside = select(key.label("id")).where(overlaps(table, spans_of(database, scope.spans)))
    keys = inside.distinct().subquery("keys")
    order = (table.c.camera_id, table.c.start_ns, key)
    return select(table).join(keys, key == keys.c.id).order_by(*order)


def spans_of(database: Database, parts: Iterable[CameraSpan]) -> CTE:
    """(camera_id, start_ns, end_ns) as a table, merged: one parameter for however many."""
    by_camera: dict[int, list[TimeSpan]] = {}
    for part in parts:
        by_camera.setdefault(part.camera_id, []).append(part.span)
    rows = (
        (camera_id, span.start_ns, span.end_ns)
        for camera_id, spans in by_camera.items()
        for span in merged(spans)
    )
    return database.triples("spans", rows, "camera_id", "start_ns", "end_ns")


def overlaps(table: Table, spans: CTE) -> ColumnElement[bool]:
    """Rows of `table` that share an instant with a span: short ranges of its scope index."""
    row, lengths = table.c, _reaches()
    return and_(
        row.camera_id == spans.c.camera_id,
        row.reach == lengths.c.reach,
        row.start_ns < spans.c.end_ns,
        row.start_ns > spans.c.start_ns - lengths.c.length_ns,
        row.end_ns > spans.c.start_ns,
    )


def found_overlaps(table: Table, spans: CTE) -> ColumnElement[bool]:
    """`overlaps` for rows that are already found by their ids.

    The `+ 0` keeps the planner from starting at the spans, where there is far more to read.
    """
    row = table.c
    return and_(
        row.camera_id + 0 == spans.c.camera_id,
        row.start_ns + 0 < spans.c.end_ns,
        row.end_ns + 0 > spans.c.start_ns,
    )


def _reaches() -> CTE:
    listed = " UNION ALL ".join(
        f"SELECT {reach} AS reach, CAST({length} AS bigint) AS length_ns"
        for reach, length in enumerate(REACHES_NS)
    )
    typed = text(listed).columns(reach=BigInteger(), length_ns=BigInteger())
    return typed.cte("reaches").prefix_with("MATERIALIZED")
