"""How a camera's rows of a span go: noted first, then deleted in pieces that let others write."""

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    tuple_,
)

from core.errors import NotFound
from core.types import Activity, ActivityKind, CameraSpan, TimeSpan, without
from index.rows import records
from index.rows.changes import count_change
from index.rows.engine import Database
from index.rows.queries import overlaps, spans_of
from index.rows.schema import (
    REACHES_NS,
    activities,
    cameras,
    footage,
    plates,
    shots,
    tracklets,
)

BEGINNING_NS = -(1 << 60)
"""Before all device times (1933); from here to now is an interval that fits `REACHES_NS`."""

_AT_ONCE = 1000  # parts, segments, shots or plates per transaction


class Erasure:
    """One camera's; see `core.protocols.TrackRows.erase`."""

    def __init__(self, database: Database, camera_id: int) -> None:
        self._database = database
        self._camera_id = camera_id

    def run(self, span: TimeSpan | None, now_ns: int) -> int:
        """The number of rows deleted; 0 when it was all done before."""
        whole = span or TimeSpan(BEGINNING_NS, max(now_ns, self._latest_ns()) + 1)
        deleted = self._note(whole)
        for table in (tracklets, footage):
            for reach in range(len(REACHES_NS)):
                deleted += self._delete(table, whole, table.c.reach == reach)
        for table in (shots, plates):
            deleted += self._delete(table, whole)
        if deleted:
            self._database.forget()
        return deleted

    def _latest_ns(self) -> int:
        ends = [
            select(func.max(table.c.end_ns)).where(table.c.camera_id == self._camera_id)
            for table in (tracklets, footage, activities)
        ]
        with self._database.reading("look for the latest row") as connection:
            return max(connection.scalar(end) or BEGINNING_NS for end in ends)

    # --- activity ---

    def _note(self, whole: TimeSpan) -> int:
        """Cut `whole` out of the camera's activity and say ERASED there instead."""
        with self._database.writing(f"note an erasure of camera {self._camera_id}") as connection:
            self._database.alone_in(connection, activities)
            known = select(cameras.c.camera_id).where(cameras.c.camera_id == self._camera_id)
            if connection.scalar(known) is None:
                raise NotFound(f"camera {self._camera_id}: there is none")
            old = self._touching(connection, whole)
            new, erased = _cut(old, whole)
            if [(a.kind, a.span) for a in old] == [(ActivityKind.ERASED, erased)]:
                return 0  # it says so already
            gone = {a.activity_id for a in old} - {a.activity_id for a in new}
            ours = func.coalesce(func.min(activities.c.activity_id), 0)
            # Ids of the store's own rows are negative: no id source makes such.
            next_id = min(connection.scalar(select(ours)) or 0, 0) - 1
            note = Activity(next_id, self._camera_id, ActivityKind.ERASED, erased)
            kept = [*_numbered(new, next_id - 1), note]
            replaced = activities.c.activity_id.in_([a.activity_id for a in old])
            connection.execute(delete(activities).where(replaced))
            connection.execute(insert(activities), [records.activity_row(a) for a in kept])
        return sum(a.activity_id in gone and a.kind != ActivityKind.ERASED for a in old)

    def _touching(self, connection: Connection, whole: TimeSpan) -> list[Activity]:
        widened = TimeSpan(whole.start_ns - 1, whole.end_ns + 1)
        spans = spans_of(self._database, [CameraSpan(self._camera_id, widened)])
        found = select(activities).where(overlaps(activities, spans))
        return [records.activity_of(row) for row in connection.execute(found)]

    # --- the rest ---

    def _delete(
        self, table: Table, whole: TimeSpan, of_kind: ColumnElement[bool] | None = None
    ) -> int:
        """Delete the camera's rows that start in `whole`, by ascending pieces of time."""
        time = table.c.start_ns if table in (tracklets, footage) else table.c.device_ns
        mine = table.c.camera_id == self._camera_id
        mine = mine if of_kind is None else and_(mine, of_kind)
        left, deleted = whole, 0
        while (piece := self._piece(time, mine, left)) is not None:
            here = and_(mine, time >= piece.start_ns, time < piece.end_ns)
            with self._database.writing(f"erase {table.name}") as connection:
                if table is tracklets:
                    deleted += _delete_of_parts(connection, here)
                    count_change(self._database, connection, [self._camera_id])
                deleted += connection.execute(delete(table).where(here)).rowcount
            if piece.end_ns == whole.end_ns:
                break
            left = TimeSpan(piece.end_ns, whole.end_ns)
        return deleted

    def _piece(
        self, time: Column[int], mine: ColumnElement[bool], left: TimeSpan
    ) -> TimeSpan | None:
        """The start of `left` with so many rows, and not much more; None where it has none."""
        here = and_(mine, time >= left.start_ns, time < left.end_ns)
        in_order = select(time).where(here).order_by(time).limit(1)
        with self._database.reading("look for rows to erase") as connection:
            if connection.scalar(in_order) is None:
                return None
            edge_ns = connection.scalar(in_order.offset(_AT_ONCE))
        # Many rows may share an instant: go past it at least.
        end_ns = left.end_ns if edge_ns is None else max(edge_ns, left.start_ns + 1)
        return TimeSpan(left.start_ns, end_ns)


def _delete_of_parts(connection: Connection, of_parts: ColumnElement[bool]) -> int:
    """Delete the shots and plates of some parts; their number."""
    keys = select(tracklets.c.tracklet_id, tracklets.c.part).where(of_parts)
    return sum(
        connection.execute(
            delete(table).where(tuple_(table.c.tracklet_id, table.c.part).in_(keys))
        ).rowcount
        for table in (shots, plates)
    )


def _cut(old: list[Activity], whole: TimeSpan) -> tuple[list[Activity], TimeSpan]:
    """What is left of `old` outside `whole`, and `whole` joined with what was erased before.

    The pieces of one activity share its id, and its count by their length.
    """
    left: list[Activity] = []
    for activity in old:
        if activity.kind == ActivityKind.ERASED:
            start_ns = min(whole.start_ns, activity.span.start_ns)
            whole = TimeSpan(start_ns, max(whole.end_ns, activity.span.end_ns))
    for activity in old:
        if activity.kind != ActivityKind.ERASED:
            left += (_piece(activity, span) for span in without(activity.span, [whole]))
    return left, whole


def _piece(activity: Activity, span: TimeSpan) -> Activity:
    count = round(activity.count * span.duration_s / activity.span.duration_s)
    return Activity(
        activity.activity_id, activity.camera_id, activity.kind, span, count, activity.detail
    )


def _numbered(pieces: list[Activity], next_id: int) -> list[Activity]:
    """The same, but a second piece of an activity gets an id of the store's own."""
    seen: set[int] = set()
    numbered = []
    for piece in pieces:
        if piece.activity_id in seen:
            piece = Activity(
                next_id, piece.camera_id, piece.kind, piece.span, piece.count, piece.detail
            )
            next_id -= 1
        seen.add(piece.activity_id)
        numbered.append(piece)
    return numbered
