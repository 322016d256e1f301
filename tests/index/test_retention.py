"""What goes when, what a case keeps, and that gone means gone from the disk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import Busy, Conflict, InvalidInput, NotFound, StorageError
from core.types import ActivityKind, CameraSpan, Case, CaseState, ClockCorrection
from index.lease import UpkeepLease
from index.plates.packing import packed
from index.retention import RetentionReport, erase_case, keeps_alive
from tests.builders import T0_NS, at, case, plate, scope, span
from tests.index.installation import DAY_S, Installation, mark, text_of, vector_of

ALL = {
    "row": True,
    "vector": True,
    "plate": True,
    "plate row": True,
    "picture": True,
    "footage": True,
}
NOTHING = dict.fromkeys(ALL, False)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "kept")
    installation.add_camera()
    yield installation
    installation.close()


def go_to(kept: Installation, days: float, seconds: float = 0.0) -> None:
    kept.now.now_ns = at(days * DAY_S + seconds)


# --- by age ---


def test_what_is_young_stays(kept: Installation) -> None:
    one = kept.see(start_s=0)
    go_to(kept, 30)
    report = kept.retention().run()
    assert kept.tells(one) == ALL
    assert (report.rows, report.bytes, report.cameras) == (0, 0, ())


def test_what_is_too_old_goes_from_every_store(kept: Installation) -> None:
    old, young = kept.see(start_s=0), kept.see(start_s=7200)
    go_to(kept, 30, 100)
    report = kept.retention().run()
    assert (kept.tells(old), kept.tells(young)) == (NOTHING, ALL)
    # A part, its shot, its plate, its footage, its activity.
    assert (report.rows, report.cameras, report.segments) == (5, (1,), 0)


def test_ended_hours_of_vectors_and_plates_are_dropped_whole(kept: Installation) -> None:
    kept.see(start_s=0)
    kept.see(start_s=7200)
    go_to(kept, 30, 3600)
    assert kept.retention().run().segments == 2


def test_what_went_leaves_no_byte(kept: Installation) -> None:
    old = kept.see(start_s=0)
    go_to(kept, 31)
    kept.retention().run()
    assert kept.files_with(mark(1)) == kept.files_with(vector_of(old).tobytes()) == []


def test_what_went_is_told_as_erased(kept: Installation) -> None:
    kept.see(start_s=0)
    go_to(kept, 30, 100)
    kept.retention().run()
    told = kept.store.tracks.activity(scope(end_s=100))
    assert [activity.kind for activity in told] == [ActivityKind.ERASED]


def test_camera_has_its_own_days(kept: Installation) -> None:
    kept.add_camera(2, retention_days=7)
    long, short = kept.see(1), kept.see(2)
    go_to(kept, 8)
    kept.retention().run()
    assert (kept.tells(long, 1), kept.tells(short, 2)) == (ALL, NOTHING)


@pytest.mark.parametrize(
    ("asked_days", "after_days", "stays"),
    [(1, 2, True), (1, 4, False), (60, 9, True), (60, 11, False)],
)
def test_days_of_a_camera_lie_between_the_limits(
    kept: Installation, asked_days: int, after_days: int, stays: bool
) -> None:
    kept.add_camera(2, retention_days=asked_days)
    one = kept.see(2)
    go_to(kept, after_days)
    kept.retention(default_days=5, minimum_days=3, maximum_days=10).run()
    assert (kept.tells(one, 2) == ALL) is stays


def test_age_is_of_true_time(kept: Installation) -> None:
    fast = ClockCorrection(0, 2 * DAY_S, 1.0)  # the device runs two days ahead
    kept.store.cameras.correct_clock(1, fast, T0_NS)
    one = kept.see(start_s=2 * DAY_S)
    go_to(kept, 30, -100)
    kept.retention().run()
    assert kept.tells(one) == ALL
    go_to(kept, 30, 100)
    kept.retention().run()
    assert kept.tells(one) == NOTHING


def test_run_again_deletes_nothing_more(kept: Installation) -> None:
    kept.see()
    go_to(kept, 31)
    kept.retention().run()
    report = kept.retention().run()
    assert (report.rows, report.bytes, report.segments) == (0, 0, 0)


def test_run_without_cameras_does_nothing(kept: Installation) -> None:
    kept.store.cameras.delete(1)
    assert kept.retention().run().rows == 0


def test_report_fits_an_audit_entry() -> None:
    assert RetentionReport(5, (1, 2), 3, 4, 6, 7).detail() == {
        "before_ns": 5,
        "cameras": [1, 2],
        "rows": 3,
        "segments": 4,
        "bytes": 6,
        "held": 7,
    }


def test_limits_that_cross_are_refused(kept: Installation) -> None:
    with pytest.raises(InvalidInput, match="minimum <= default"):
        kept.retention(default_days=5, minimum_days=6)


# --- what a case keeps ---


@pytest.mark.parametrize(
    ("asked", "alive"),
    [
        (case(), True),
        (case(expires_ns=T0_NS), False),
        (case(state=CaseState.CLOSED), False),
        (case(state=CaseState.CLOSED, hold=True), True),
        (case(state=CaseState.REJECTED, hold=True), False),
        (case(state=CaseState.REQUESTED), False),
        (case(state=CaseState.REQUESTED, emergency=True), True),
        (case(hold=True, expires_ns=T0_NS), True),
    ],
)
def test_cases_that_keep_alive(asked: Case, alive: bool) -> None:
    assert keeps_alive(asked, at(10)) is alive


def held_case(start_s: float, end_s: float, *, camera_id: int = 1) -> Case:
    return case(hold=True, grants=[CameraSpan(camera_id, span(start_s, end_s))])


def test_held_span_stays_while_its_neighbours_go(kept: Installation) -> None:
    before, held, after = (kept.see(start_s=s) for s in (0, 1000, 2000))
    kept.store.cases.put(held_case(900, 1100))
    go_to(kept, 40)
    report = kept.retention().run()
    assert [kept.tells(one) for one in (before, held, after)] == [NOTHING, ALL, NOTHING]
    assert report.held == 1


def test_what_reaches_into_a_held_span_stays_whole(kept: Installation) -> None:
    into, out = kept.see(start_s=1000), kept.see(start_s=1100)  # 5 s in 60 s of footage
    kept.store.cases.put(held_case(1004, 1101))
    go_to(kept, 40)
    kept.retention().run()
    assert (kept.tells(into), kept.tells(out)) == (ALL, ALL)


def test_hold_of_another_camera_does_not_count(kept: Installation) -> None:
    one = kept.see()
    kept.store.cases.put(held_case(0, 100, camera_id=2))
    go_to(kept, 40)
    kept.retention().run()
    assert kept.tells(one) == NOTHING


def test_end_of_a_hold_frees_what_it_kept(kept: Installation) -> None:
    one = kept.see(start_s=1000)
    kept.store.cases.put(held_case(900, 1100))
    go_to(kept, 40)
    kept.retention().run()
    kept.store.cases.put(case(version=2, state=CaseState.CLOSED))
    kept.retention().run()
    assert kept.tells(one) == NOTHING
    assert kept.files_with(mark(1)) == []


def test_rows_that_stay_have_their_files(kept: Installation) -> None:
    for start_s in range(0, 3600, 60):
        kept.see(start_s=start_s)
    kept.store.cases.put(held_case(1234, 2345))
    go_to(kept, 40)
    kept.retention().run()
    kept.footage.verify(kept.store.tracks.all_footage())
    kept.shots.verify()
    kept.vectors.verify()
    kept.plates.verify()


# --- a camera's deletion ---


def test_deleted_camera_leaves_nothing(kept: Installation) -> None:
    kept.add_camera(2)
    gone = [kept.see(1, start_s=s) for s in (0, 7200)]
    stays = kept.see(2)
    kept.footage.stage(1, 99).write_bytes(mark(1))  # of a recorder that died
    rows = kept.retention().erase_camera(1)
    assert rows == 10
    assert kept.files_with(mark(1)) == []
    for one in gone:
        assert kept.tells(one) == NOTHING
    with pytest.raises(NotFound):
        kept.store.cameras.get(1)
    assert kept.tells(stays, 2) == ALL


def test_deleted_camera_leaves_no_vector_on_disk(kept: Installation) -> None:
    one = kept.see()
    kept.vectors.seal(at(7200))
    kept.retention().erase_camera(1)
    assert kept.files_with(vector_of(one).tobytes()) == []


def test_deleted_camera_leaves_no_reading_on_disk(kept: Installation) -> None:
    one = kept.see()
    read = plate(text=text_of(one))
    content = packed(read.log_probs[None], [read.layout], [read.colour]).tobytes()
    assert len(kept.files_with(content)) >= 2  # the index of plates, and the rows
    kept.plates.seal(at(7200))
    kept.retention().erase_camera(1)
    assert kept.files_with(content) == []


def test_camera_that_is_ingested_is_busy(kept: Installation) -> None:
    one = kept.see()
    kept.store.writers.lease_camera(1, "ingest", kept.now(), kept.now() + 10**10)
    with pytest.raises(Busy, match="camera 1"):
        kept.retention().erase_camera(1)
    assert kept.tells(one) == ALL


def test_unknown_camera_is_not_found(kept: Installation) -> None:
    with pytest.raises(NotFound, match="camera 9"):
        kept.retention().erase_camera(9)


def test_held_camera_is_not_deleted_without_an_order(kept: Installation) -> None:
    one = kept.see()
    kept.store.cases.put(held_case(0, 100))
    with pytest.raises(Conflict, match="2026-0001"):
        kept.retention().erase_camera(1)
    assert kept.tells(one) == ALL
    kept.retention().erase_camera(1, despite_holds=True)
    assert kept.tells(one) == NOTHING


# --- killed half-way, or two at once ---


class Killed(StorageError):
    """Stands for the end of the process."""


@pytest.mark.parametrize("dies_at", ["vectors", "plates", "shots", "footage"])
@pytest.mark.parametrize("what", ["run", "erase_camera"])
def test_killed_half_way_is_finished_by_the_next(
    kept: Installation, monkeypatch: pytest.MonkeyPatch, dies_at: str, what: str
) -> None:
    def die(*_: object) -> int:
        raise Killed(dies_at)

    one = kept.see()
    go_to(kept, 40)
    with monkeypatch.context() as patch:
        patch.setattr(getattr(kept, dies_at), "erase", die)
        with pytest.raises(Killed):
            kept.retention().run() if what == "run" else kept.retention().erase_camera(1)
    assert not kept.tells(one)["row"]
    if what == "run":
        kept.retention().run()
    else:
        kept.retention().erase_camera(1)
    assert kept.files_with(mark(1)) == kept.files_with(vector_of(one).tobytes()) == []


def test_upkeep_goes_one_at_a_time(kept: Installation) -> None:
    with UpkeepLease(kept.store.writers, "backup", kept.now):
        with pytest.raises(Busy, match="backup"):
            kept.retention().run()
        with pytest.raises(Busy, match="backup"):
            kept.retention().erase_camera(1)
    kept.retention().run()


def test_upkeep_of_a_dead_process_ends_by_itself(kept: Installation) -> None:
    UpkeepLease(kept.store.writers, "backup", kept.now).__enter__()
    kept.now.advance(601)
    kept.retention().run()


def test_upkeep_that_goes_on_stays_alone(kept: Installation) -> None:
    with UpkeepLease(kept.store.writers, "backup", kept.now) as lease:
        for _ in range(5):
            kept.now.advance(400)
            lease.renew()
            with pytest.raises(Busy):
                kept.retention().run()


# --- a rejected case ---


def test_rejected_case_leaves_nothing_of_what_it_produced(kept: Installation) -> None:
    kept.ask(case())
    kept.ask(case(2))
    assert erase_case(kept.store, kept.probes, 1) == 2
    assert erase_case(kept.store, kept.probes, 1) == 0
    assert kept.files_with(b"<probe of 1>") == []
    assert len(kept.files_with(b"<probe of 2>")) == 1
    assert kept.store.cases.get(1) == case()


def test_known_ids_follow_the_erasure(kept: Installation) -> None:
    one = kept.see()
    kept.retention().erase_camera(1)
    ids = np.array([one], np.int64)
    assert not kept.store.tracks.known_shots(ids).any()
    assert not kept.store.tracks.known_segments(ids).any()
