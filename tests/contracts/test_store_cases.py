"""What every `Store` holds of cases, and of the audit log."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from core.errors import Conflict, DuplicateId, InvalidInput, NotFound
from core.protocols import Store
from core.types import AuditEntry, CaseState, Outcome, Verdict
from tests.builders import (
    at,
    audit_entry,
    audit_event,
    case,
    decision,
    probe,
)

# --- cases ---


def test_case_comes_back_as_it_was_put(store: Store) -> None:
    wanted = case(cameras=(3, 1), members=(5, 1), emergency=True, hold=True)
    store.cases.put(wanted)
    assert store.cases.get(1) == wanted


def test_case_without_approver_comes_back(store: Store) -> None:
    wanted = case(approver=None, state=CaseState.REQUESTED, cameras=())
    store.cases.put(wanted)
    assert store.cases.all() == [wanted]


def test_unknown_case_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="case 4"):
        store.cases.get(4)


def test_next_version_replaces_the_case(store: Store) -> None:
    store.cases.put(case())
    store.cases.put(case(version=2, state=CaseState.CLOSED))
    assert store.cases.all() == [case(version=2, state=CaseState.CLOSED)]


@pytest.mark.parametrize("version", [1, 2, 4])
def test_version_that_does_not_follow_is_a_conflict(store: Store, version: int) -> None:
    store.cases.put(case())
    store.cases.put(case(version=2))
    with pytest.raises(Conflict, match="case 1"):
        store.cases.put(case(version=version, state=CaseState.CLOSED))
    assert store.cases.get(1) == case(version=2)


def test_second_version_of_no_case_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict, match="got none"):
        store.cases.put(case(version=2))


def test_version_nought_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="version"):
        store.cases.put(case(version=0))


# --- what a case produces ---


def test_probe_comes_back_as_it_was_put(store: Store) -> None:
    store.cases.put(case())
    plain = probe(1, vectors={"a@1": b"\x00\x00\x80\x3f", "b@2": b"\x01\x02\x03\x04"})
    from_frame = replace(probe(2), origin="frame", camera_id=1, device_ns=at(3), tracklet_id=9)
    for one in (from_frame, plain):
        store.cases.put_probe(one)
    assert store.cases.probes(1) == [plain, from_frame]


def test_probes_of_another_case_stay_there(store: Store) -> None:
    for case_id in (1, 2):
        store.cases.put(case(case_id))
        store.cases.put_probe(probe(case_id, case_id=case_id))
    assert [one.probe_id for one in store.cases.probes(2)] == [2]


def test_known_probe_is_a_duplicate(store: Store) -> None:
    store.cases.put(case())
    store.cases.put_probe(probe())
    with pytest.raises(DuplicateId):
        store.cases.put_probe(probe())


def test_probe_of_no_case_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict):
        store.cases.put_probe(probe())


def test_search_comes_back_as_it_was_put(store: Store) -> None:
    store.cases.put(case())
    detail = {"zeta": [1, 2.5, None], "alpha": {"id": (1 << 62) + 1, "why": "ähnlich"}}
    store.cases.put_search(1, 7, at(1), detail)
    assert store.cases.search(1, 7) == detail


def test_search_of_another_case_is_not_found(store: Store) -> None:
    for case_id in (1, 2):
        store.cases.put(case(case_id))
    store.cases.put_search(1, 7, at(1), {})
    with pytest.raises(NotFound, match="search 7"):
        store.cases.search(2, 7)


def test_searches_are_listed_by_time(store: Store) -> None:
    for case_id in (1, 2):
        store.cases.put(case(case_id))
    for search_id, at_s in ((7, 20), (9, 10), (8, 20)):
        store.cases.put_search(1, search_id, at(at_s), {})
    assert store.cases.searches(1) == [9, 7, 8]
    assert store.cases.searches(2) == []


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), object(), b"bytes"])
def test_search_detail_that_is_no_json_is_refused(store: Store, value: object) -> None:
    store.cases.put(case())
    with pytest.raises(InvalidInput, match="JSON"):
        store.cases.put_search(1, 7, at(1), {"score": value})


def test_decisions_come_by_time(store: Store) -> None:
    store.cases.put(case())
    late = decision(1, at_s=20, verdict=Verdict.REJECT)
    early = replace(decision(2, at_s=10, actor=2), note="the bag")
    for one in (late, early):
        store.cases.put_decision(one)
    assert store.cases.decisions(1) == [early, late]


def test_known_decision_is_a_duplicate(store: Store) -> None:
    store.cases.put(case())
    store.cases.put_decision(decision())
    with pytest.raises(DuplicateId):
        store.cases.put_decision(decision())


def test_erase_products_leaves_the_case_and_others(store: Store) -> None:
    for case_id in (1, 2):
        store.cases.put(case(case_id))
        store.cases.put_probe(probe(case_id, case_id=case_id))
        store.cases.put_search(case_id, case_id, at(1), {})
        store.cases.put_decision(decision(case_id, case_id=case_id))
    assert store.cases.erase_products(1) == 3
    assert store.cases.erase_products(1) == 0
    assert not store.cases.probes(1)
    assert not store.cases.decisions(1)
    assert not store.cases.searches(1)
    with pytest.raises(NotFound):
        store.cases.search(1, 1)
    assert store.cases.get(1) == case(1)
    assert len(store.cases.probes(2)) == len(store.cases.decisions(2)) == 1


# --- the audit log ---


def test_first_entry_follows_nothing(store: Store) -> None:
    seen: list[AuditEntry | None] = []

    def make(newest: AuditEntry | None) -> AuditEntry:
        seen.append(newest)
        return audit_entry(newest)

    entry = store.audit.append(make)
    assert (seen, store.audit.entries()) == ([None], [entry])


def test_next_entry_is_made_from_the_newest(store: Store) -> None:
    first = store.audit.append(audit_entry)
    second = store.audit.append(audit_entry)
    assert (second.seq, second.previous) == (2, first.hash)
    assert store.audit.entries() == [first, second]


def test_entry_comes_back_as_it_was_made(store: Store) -> None:
    event = replace(
        audit_event(outcome=Outcome.DENY),
        actor=None,
        case_id=None,
        detail={"z": 1, "a": [1.5, "ß", None], "deep": {"n": (1 << 62) + 1}},
    )
    wanted = replace(audit_entry(), event=event)
    store.audit.append(lambda _: wanted)
    (got,) = store.audit.entries()
    assert got == wanted
    assert list(got.event.detail) == ["z", "a", "deep"]


def test_maker_that_fails_leaves_no_entry(store: Store) -> None:
    def make(_: AuditEntry | None) -> AuditEntry:
        raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        store.audit.append(make)
    assert store.audit.append(audit_entry).seq == 1


MakeWrong = Callable[[AuditEntry], AuditEntry]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda e: replace(e, seq=e.seq + 1), id="gap"),
        pytest.param(lambda e: replace(e, seq=e.seq - 1), id="again"),
        pytest.param(lambda e: replace(e, previous="f" * 64), id="fork"),
    ],
)
def test_entry_that_does_not_follow_is_a_conflict(store: Store, wrong: MakeWrong) -> None:
    store.audit.append(audit_entry)
    with pytest.raises(Conflict, match="audit"):
        store.audit.append(lambda newest: wrong(audit_entry(newest)))
    assert store.audit.count() == 1


def test_entries_are_paged_by_number(store: Store) -> None:
    for _ in range(5):
        store.audit.append(audit_entry)
    assert [e.seq for e in store.audit.entries(after=1, limit=3)] == [2, 3, 4]
    assert store.audit.entries(after=5) == []


def test_count_is_of_all_or_of_a_kind(store: Store) -> None:
    for kind in ("search", "open", "search"):
        store.audit.append(partial(audit_entry, kind=kind))
    assert [store.audit.count(kind) for kind in (None, "search", "none")] == [3, 2, 0]
