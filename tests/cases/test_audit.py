"""The chain: what it keeps, and that every change inside it is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.audit import GENESIS, AuditLog, canonical, hash_of
from cases.events import EventKind, event_of_system
from core.errors import Forbidden, InvalidInput, StorageCorrupt
from core.types import AuditEntry, Outcome
from tests.builders import SetClock
from tests.cases.world import ANN, AUDITOR, World


class ListedRows:
    """`AuditRows` in a list that a forger can reach."""

    def __init__(self) -> None:
        self.kept: list[AuditEntry] = []

    def append(self, make: Callable[[AuditEntry | None], AuditEntry]) -> AuditEntry:
        self.kept.append(make(self.kept[-1] if self.kept else None))
        return self.kept[-1]

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
        return [entry for entry in self.kept if entry.seq > after][:limit]

    def count(self, event_kind: str | None = None) -> int:
        return sum(event_kind in (None, entry.event.kind) for entry in self.kept)


def written(count: int) -> tuple[ListedRows, AuditLog]:
    """A log of so many erasures, told apart by their note."""
    rows, clock = ListedRows(), SetClock()
    log = AuditLog(rows, clock)
    for number in range(1, count + 1):
        clock.advance(1.0)
        log.write(event_of_system(EventKind.ERASE, {"note": f"order {number}"}))
    return rows, log


def edited(entry: AuditEntry, note: str = "another order") -> AuditEntry:
    return replace(entry, event=replace(entry.event, detail={"note": note}))


def rehashed(entry: AuditEntry) -> AuditEntry:
    """The entry with a hash that fits it, as a forger with the disk would write it."""
    fitting = hash_of(entry.seq, entry.at_ns, entry.event, entry.previous)
    return replace(entry, hash=fitting)


def test_verify_of_an_empty_log_counts_nothing() -> None:
    assert AuditLog(ListedRows(), SetClock()).verify() == 0


def test_verify_of_a_whole_log_counts_its_entries() -> None:
    assert written(2500)[1].verify() == 2500  # more than one batch


def test_write_links_each_entry_to_the_one_before() -> None:
    rows, _ = written(3)
    assert [entry.previous for entry in rows.kept] == [
        GENESIS,
        rows.kept[0].hash,
        rows.kept[1].hash,
    ]


def test_write_keeps_sequence_numbers_without_a_gap() -> None:
    assert [entry.seq for entry in written(3)[0].kept] == [1, 2, 3]


@given(place=st.integers(1, 9))
def test_verify_names_an_edited_entry(place: int) -> None:
    rows, log = written(9)
    rows.kept[place - 1] = edited(rows.kept[place - 1])
    with pytest.raises(StorageCorrupt, match=f"entry {place}: edited"):
        log.verify()


@given(place=st.integers(1, 8))
def test_verify_names_an_entry_that_was_edited_and_hashed_again(place: int) -> None:
    rows, log = written(9)
    rows.kept[place - 1] = rehashed(edited(rows.kept[place - 1]))
    with pytest.raises(StorageCorrupt, match=f"entry {place}: replaced"):
        log.verify()


@given(place=st.integers(1, 8))
def test_verify_names_a_deleted_entry(place: int) -> None:
    rows, log = written(9)
    del rows.kept[place - 1]
    with pytest.raises(StorageCorrupt, match=f"entry {place}: deleted"):
        log.verify()


@given(places=st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda p: p[0] < p[1]))
def test_verify_names_the_first_of_two_entries_that_changed_places(places: tuple[int, int]) -> None:
    rows, log = written(9)
    a, b = (rows.kept[place - 1] for place in places)
    rows.kept[places[0] - 1] = replace(b, seq=a.seq)
    rows.kept[places[1] - 1] = replace(a, seq=b.seq)
    with pytest.raises(StorageCorrupt, match=f"entry {places[0]}: edited"):
        log.verify()


@given(field=st.sampled_from(["at_ns", "kind", "outcome", "actor", "case_id", "purpose"]))
def test_verify_sees_a_change_of_any_field(field: str) -> None:
    rows, log = written(3)
    forged: dict[str, AuditEntry] = {
        "at_ns": replace(rows.kept[1], at_ns=rows.kept[1].at_ns + 1),
        "kind": _with(rows.kept[1], kind="backup"),
        "outcome": _with(rows.kept[1], outcome=Outcome.DENY),
        "actor": _with(rows.kept[1], actor=9),
        "case_id": _with(rows.kept[1], case_id=9),
        "purpose": _with(rows.kept[1], purpose="none"),
    }
    rows.kept[1] = forged[field]
    with pytest.raises(StorageCorrupt, match="entry 2"):
        log.verify()


def _with(entry: AuditEntry, **changes: object) -> AuditEntry:
    return replace(entry, event=replace(entry.event, **changes))  # type: ignore[arg-type]


def test_verify_names_the_first_entry_cut_off_the_end_when_a_later_head_is_known() -> None:
    rows, log = written(9)
    head = rows.kept[-1]
    del rows.kept[6:]
    with pytest.raises(StorageCorrupt, match="entry 7: deleted"):
        log.verify(known=head)


def test_verify_of_a_log_that_was_made_anew_differs_from_the_known_head() -> None:
    _, log = written(9)
    other, _ = written(9)
    other.kept[3] = rehashed(edited(other.kept[3]))
    with pytest.raises(StorageCorrupt, match="entry 4: differs"):
        log.verify(known=other.kept[3])


def test_verify_of_real_rows_counts_them(world: World) -> None:
    world.open_case()
    for _ in range(3):
        world.door.coverage(ANN, 1)
    assert world.audit.verify() == 3


def test_write_refuses_a_field_that_its_kind_does_not_know() -> None:
    rows, log = written(0)
    with pytest.raises(InvalidInput, match="no such field 'password'"):
        log.write(event_of_system(EventKind.ERASE, {"note": "order", "password": "hunter2"}))
    assert rows.kept == []


def test_canonical_sorts_keys_and_keeps_letters() -> None:
    assert canonical({"b": [1, 2], "a": "盗窃"}) == '{"a":"盗窃","b":[1,2]}'.encode()


def test_read_gives_an_auditor_the_entries_and_logs_it_first(world: World) -> None:
    entries = world.audit.read(AUDITOR)
    assert [entry.event.kind for entry in entries] == [EventKind.AUDIT_READ]


def test_read_by_anybody_else_is_forbidden_and_leaves_a_deny(world: World) -> None:
    with pytest.raises(Forbidden, match="auditor"):
        world.audit.read(ANN)
    assert [entry.event.detail["reason"] for entry in world.denials()] == ["forbidden"]
