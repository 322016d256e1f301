"""How often each camera's tracklets changed, and what was read of a scope before they did again."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import fields

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from core.types import CameraSpan, Passings, Scope
from index.rows.engine import Database
from index.rows.schema import tracklet_changes

_MOST = 4  # scopes; 40 bytes a passing


def count_change(database: Database, connection: Connection, camera_ids: Iterable[int]) -> None:
    """Say, in the transaction that changes them, that tracklets of these cameras do.

    In the order of the ids, so that no two writers wait for each other.
    """
    rows = [{"camera_id": camera_id, "changes": 1} for camera_id in sorted(set(camera_ids))]
    if rows:
        insert = (sqlite if database.is_sqlite else postgresql).insert(tracklet_changes)
        counted = {"changes": tracklet_changes.c.changes + 1}
        connection.execute(
            insert.on_conflict_do_update(index_elements=["camera_id"], set_=counted), rows
        )


def changes_of(database: Database, connection: Connection, scope: Scope) -> dict[int, int]:
    """The numbers of the scope's cameras; none of those that never had a tracklet."""
    row = tracklet_changes.c
    ids = database.numbers("cameras", {part.camera_id for part in scope.spans})
    wanted = select(row.camera_id, row.changes).where(row.camera_id.in_(select(ids.c.value)))
    return {camera_id: changes for camera_id, changes in connection.execute(wanted)}


class KeptPassings:
    """Passings of the last few scopes; safe to use from several threads.

    A case asks for its scope again after each verdict, and its hours are mostly over.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[tuple[CameraSpan, ...], tuple[dict[int, int], Passings]] = {}

    def of(self, scope: Scope, changes: dict[int, int], read: Callable[[], Passings]) -> Passings:
        """What was read when the cameras had the same `changes`, else what `read` gives.

        The numbers have to be read before: what is written in between is then read again.
        """
        spans = tuple(scope.spans)
        with self._guard:
            before = self._kept.pop(spans, None)
        if before is not None and before[0] == changes:
            passings = before[1]
        else:
            passings = read()
            for field in fields(passings):  # several askers get the same
                getattr(passings, field.name).setflags(write=False)
        with self._guard:
            self._kept[spans] = changes, passings
            while len(self._kept) > _MOST:
                self._kept.pop(next(iter(self._kept)))
        return passings
