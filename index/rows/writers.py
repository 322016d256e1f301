"""Who may write: numbers for id makers, and leases that end by themselves."""

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.errors import Busy, Conflict, InvalidInput, NotFound
from core.ids import WRITERS
from index.rows.engine import Database
from index.rows.schema import camera_leases, cameras, writers


class SqlWriters:
    """`core.protocols.WriterRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease_writer(self, name: str, owner: str, now_ns: int, until_ns: int) -> int:
        """The number of `name`, for ever the same; `Busy` while another owner's lease lives."""
        _check_times(now_ns, until_ns)
        with self._database.writing(f"lease writer {name!r}") as connection:
            self._database.alone_in(connection, writers)
            known = connection.execute(select(writers).where(writers.c.name == name)).first()
            if known is None:
                return _new_writer(connection, name, owner, until_ns)
            _check_free(f"writer {name!r}", known, owner, now_ns)
            taken = {"owner": owner, "until_ns": until_ns}
            connection.execute(update(writers).where(writers.c.name == name).values(taken))
            return int(known.number)

    def lease_camera(self, camera_id: int, owner: str, now_ns: int, until_ns: int) -> None:
        """Take or renew; `Busy` while another owner's lease lives."""
        _check_times(now_ns, until_ns)
        with self._database.writing(f"lease camera {camera_id}") as connection:
            self._database.alone_in(connection, camera_leases)
            known = connection.scalar(
                select(cameras.c.camera_id).where(cameras.c.camera_id == camera_id)
            )
            if known is None:
                raise NotFound(f"camera {camera_id}: there is none")
            held = connection.execute(
                select(camera_leases).where(camera_leases.c.camera_id == camera_id)
            ).first()
            if held is not None:
                _check_free(f"camera {camera_id}", held, owner, now_ns)
            row = {"camera_id": camera_id, "owner": owner, "until_ns": until_ns}
            self._database.put(connection, camera_leases, row)

    def release(self, owner: str) -> None:
        """Give back all leases of `owner`."""
        with self._database.writing(f"release leases of {owner!r}") as connection:
            connection.execute(delete(camera_leases).where(camera_leases.c.owner == owner))
            connection.execute(update(writers).where(writers.c.owner == owner).values(owner=None))


def _new_writer(connection: Connection, name: str, owner: str, until_ns: int) -> int:
    number = connection.scalar(select(func.coalesce(func.max(writers.c.number) + 1, 0)))
    assert number is not None  # noqa: S101 (coalesce)
    if number >= WRITERS:
        raise Conflict(f"writer {name!r}: all {WRITERS} numbers are taken; use a known name")
    row = {"name": name, "number": number, "owner": owner, "until_ns": until_ns}
    connection.execute(insert(writers).values(row))
    return int(number)


def _check_free(what: str, held: Row[tuple[object, ...]], owner: str, now_ns: int) -> None:
    if held.owner not in (None, owner) and held.until_ns > now_ns:
        left_s = (held.until_ns - now_ns) / 1e9
        raise Busy(f"{what}: {held.owner!r} holds it for another {left_s:.0f} s")


def _check_times(now_ns: int, until_ns: int) -> None:
    if until_ns <= now_ns:
        raise InvalidInput(f"lease: want an end after {now_ns}, got {until_ns}")
