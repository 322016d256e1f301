"""What every `FootageStore` promises."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64, Bool
from core.errors import Conflict, DuplicateId, InvalidInput, NotFound, StorageCorrupt
from core.ids import IdSource
from core.types import FootageSegment
from index.footage import FileFootageStore
from tests.builders import SetClock, at, scope, segment, span

Open = Callable[..., FileFootageStore]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    """Opens the store of this test; opening it again first closes what was open."""
    opened: list[FileFootageStore] = []

    def opener(writer: int | None = 1) -> FileFootageStore:
        for earlier in opened:
            earlier.close()
        opened.append(FileFootageStore(tmp_path / "footage", writer=writer, reserve_bytes=0))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> FileFootageStore:
    return open_store()


class Recorder:
    """Records made-up segments into a store, each with an id of its writer."""

    def __init__(self, store: FileFootageStore, writer: int = 1) -> None:
        self.store = store
        self.ids = IdSource(writer, SetClock())

    def record(
        self, camera_id: int = 1, start_s: float = 0, end_s: float = 60, content: bytes = b"mp4"
    ) -> FootageSegment:
        segment_id = self.ids.next()
        staged = self.store.stage(camera_id, segment_id)
        staged.write_bytes(content)
        wanted = segment(segment_id, camera_id=camera_id, start_s=start_s, end_s=end_s)
        return self.store.keep(staged, wanted)


@pytest.fixture
def recorder(store: FileFootageStore) -> Recorder:
    return Recorder(store)


def none_but(*kept: FootageSegment) -> Callable[[I64], Bool]:
    return lambda ids: np.isin(ids, [one.segment_id for one in kept])


def files(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.rglob("*.mp4"))


def test_keep_returns_hash_size_and_key(recorder: Recorder, tmp_path: Path) -> None:
    kept = recorder.record(content=b"packets")

    assert kept.sha256 == hashlib.sha256(b"packets").hexdigest()
    assert kept.size_bytes == 7
    assert (tmp_path / "footage" / kept.key).read_bytes() == b"packets"


def test_keep_moves_the_staged_file(recorder: Recorder, tmp_path: Path) -> None:
    recorder.record()

    assert len(files(tmp_path)) == 1


def test_keep_of_a_known_segment_raises_and_changes_nothing(
    recorder: Recorder, tmp_path: Path
) -> None:
    kept = recorder.record(content=b"first")
    staged = recorder.store.stage(1, kept.segment_id)
    staged.write_bytes(b"second")

    with pytest.raises(DuplicateId):
        recorder.store.keep(staged, kept)

    assert recorder.store.path(scope(), kept).read_bytes() == b"first"


def test_keep_refuses_a_file_that_was_not_staged_here(
    store: FileFootageStore, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.mp4"
    elsewhere.write_bytes(b"mp4")

    with pytest.raises(InvalidInput, match="staged"):
        store.keep(elsewhere, segment())


def test_keep_of_a_staged_file_that_is_missing_is_not_found(store: FileFootageStore) -> None:
    with pytest.raises(NotFound):
        store.keep(store.stage(1, 5), segment(5))


def test_stage_without_a_writer_is_refused(open_store: Open) -> None:
    with pytest.raises(Conflict):
        open_store(writer=None).stage(1, 5)


def test_stage_gives_each_segment_its_own_path(store: FileFootageStore) -> None:
    paths = {store.stage(1, 5), store.stage(1, 6), store.stage(2, 5)}

    assert len(paths) == 3


def test_path_after_reopening_is_the_same(open_store: Open) -> None:
    kept = Recorder(open_store()).record(content=b"packets")

    assert open_store(writer=None).path(scope(), kept).read_bytes() == b"packets"


@pytest.mark.parametrize("seconds", [(0, 1), (59, 60), (10, 20), (0, 3600)])
def test_path_is_given_where_the_scope_overlaps(
    recorder: Recorder, seconds: tuple[float, float]
) -> None:
    kept = recorder.record()

    assert recorder.store.path(scope((1,), *seconds), kept).is_file()


@pytest.mark.parametrize("outside", [scope((2,)), scope((1,), 60, 120), scope(())])
def test_path_outside_the_scope_is_not_found(recorder: Recorder, outside: object) -> None:
    kept = recorder.record()

    with pytest.raises(NotFound):
        recorder.store.path(outside, kept)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"key": "../../secret"}, {"camera_id": 2}, {"segment_id": 5}, {"key": ""}]
)
def test_path_of_a_row_that_names_another_file_is_not_found(
    recorder: Recorder, wrong: dict[str, object]
) -> None:
    kept = replace(recorder.record(), **wrong)  # type: ignore[arg-type]

    with pytest.raises(NotFound):
        recorder.store.path(scope((1, 2)), kept)


def test_drop_deletes_what_ended_before(recorder: Recorder, tmp_path: Path) -> None:
    old = recorder.record(start_s=0, end_s=60, content=b"12345")
    recorder.record(start_s=60, end_s=120)
    recorder.record(camera_id=2, start_s=0, end_s=60)

    assert recorder.store.drop(1, at(60)) == 5

    assert len(files(tmp_path)) == 2
    with pytest.raises(NotFound):
        recorder.store.path(scope(), old)


def test_erase_deletes_what_overlaps_the_span(recorder: Recorder, tmp_path: Path) -> None:
    minutes = [recorder.record(start_s=60 * i, end_s=60 * i + 60) for i in range(4)]

    assert recorder.store.erase(1, span(90, 121)) == 6

    kept = [(tmp_path / "footage" / one.key).exists() for one in minutes]
    assert kept == [True, False, False, True]


def test_erase_without_a_span_leaves_no_file_of_the_camera(
    recorder: Recorder, tmp_path: Path
) -> None:
    recorder.record(start_s=0, end_s=60)
    recorder.record(start_s=90_000, end_s=90_060)
    other = recorder.record(camera_id=2)

    recorder.store.erase(1)

    assert files(tmp_path) == [tmp_path / "footage" / other.key]
    assert not (tmp_path / "footage" / "1").exists()


def test_erase_of_an_unknown_camera_frees_nothing(store: FileFootageStore) -> None:
    assert store.erase(99) == 0


def test_sweep_deletes_what_has_no_row(open_store: Open, tmp_path: Path) -> None:
    recorder = Recorder(open_store())
    known, _ = recorder.record(), recorder.record(start_s=60, end_s=120)
    store = open_store()

    assert store.sweep(none_but(known)) == 1

    assert files(tmp_path) == [tmp_path / "footage" / known.key]
    assert store.sweep(none_but(known)) == 0


def test_sweep_deletes_what_a_dead_process_staged(open_store: Open, tmp_path: Path) -> None:
    open_store(writer=1).stage(1, 5).write_bytes(b"half")
    open_store(writer=2).stage(1, 6).write_bytes(b"half")
    store = open_store(writer=2)

    assert store.sweep(none_but()) == 2

    assert files(tmp_path) == []


def test_sweep_leaves_what_a_living_process_staged(open_store: Open, tmp_path: Path) -> None:
    store = open_store(writer=1)
    store.stage(1, 5).write_bytes(b"half")
    other = FileFootageStore(tmp_path / "footage", writer=2, reserve_bytes=0)

    assert other.sweep(none_but()) == 0
    assert store.sweep(none_but()) == 0

    assert len(files(tmp_path)) == 1
    other.close()


def test_sweep_leaves_the_files_of_other_writers(open_store: Open, tmp_path: Path) -> None:
    Recorder(open_store(writer=1)).record()

    assert open_store(writer=2).sweep(none_but()) == 0

    assert len(files(tmp_path)) == 1


def test_verify_of_sound_files_says_nothing(recorder: Recorder) -> None:
    recorder.store.verify([recorder.record(), recorder.record(start_s=60, end_s=120)])


@pytest.mark.parametrize("change", ["flip", "cut", "delete"])
def test_verify_names_a_file_that_changed(recorder: Recorder, tmp_path: Path, change: str) -> None:
    kept = recorder.record(content=b"packets")
    path = tmp_path / "footage" / kept.key
    if change == "flip":
        path.write_bytes(b"pockets")
    elif change == "cut":
        path.write_bytes(b"pack")
    else:
        path.unlink()

    with pytest.raises(StorageCorrupt, match=str(kept.segment_id)):
        recorder.store.verify([kept])


@pytest.mark.parametrize("start_s", [-1e9 * 2, 0, 1e9])
def test_keep_takes_any_time_that_a_device_may_claim(recorder: Recorder, start_s: float) -> None:
    kept = recorder.record(start_s=start_s, end_s=start_s + 60)

    assert recorder.store.path(scope((1,), start_s, start_s + 1), kept).is_file()
