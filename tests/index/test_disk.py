"""Bytes that stay, room that is left, locks that hold, errors in our words."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import Busy, StorageError, StorageFull
from core.types import Family
from index import disk
from index.exact import NumpyIndex
from index.footage import FileFootageStore
from index.journal import Journal
from index.probes import FileProbeStore
from index.shots import PackShotStore
from tests.builders import MODEL_KEY, cut_shot, scope, unit_rows, vector_rows


def test_reserve_lets_through_what_leaves_it_whole(tmp_path: Path) -> None:
    disk.Reserve(tmp_path, 100, free=lambda _: 150).claim(50)


def test_reserve_refuses_what_would_eat_into_it(tmp_path: Path) -> None:
    with pytest.raises(StorageFull, match="want 51 bytes beside a reserve of 100, got 150 free"):
        disk.Reserve(tmp_path, 100, free=lambda _: 150).claim(51)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_translated_says_that_the_disk_is_full(number: int) -> None:
    with pytest.raises(StorageFull, match="put shots"), disk.translated("put shots"):
        raise OSError(number, os.strerror(number))


def test_translated_names_what_was_tried_and_keeps_the_cause() -> None:
    wanted = pytest.raises(StorageError, match="put shots: Input/output error")
    with wanted as caught, disk.translated("put shots"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    assert isinstance(caught.value.__cause__, OSError)


def test_write_whole_leaves_the_old_file_when_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    disk.write_whole(path, [b"old"])

    def blocks() -> Iterator[bytes]:
        yield b"new"
        raise OSError(errno.EIO, "broken")

    with pytest.raises(OSError, match="broken"):
        disk.write_whole(path, blocks())

    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_hold_writer_keeps_a_second_one_out_until_it_is_released(tmp_path: Path) -> None:
    hold = disk.hold_writer(tmp_path, 1)
    with pytest.raises(Busy):
        disk.hold_writer(tmp_path, 1)
    disk.hold_writer(tmp_path, 2).release()

    hold.release()

    disk.hold_writer(tmp_path, 1).release()


def test_hold_is_given_up_with_its_object(tmp_path: Path) -> None:
    hold = disk.hold_writer(tmp_path, 1)
    del hold

    disk.hold_writer(tmp_path, 1).release()


def test_blank_overwrites_only_its_range(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abcdefgh")
    descriptor = os.open(path, os.O_RDWR)

    disk.blank(descriptor, 2, 3)
    disk.punch(descriptor, 2, 3)

    os.close(descriptor)
    assert path.read_bytes() == b"ab\0\0\0fgh"


def test_journal_without_a_file_says_that_anything_may_have_been_touched(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1)
    journal.note("a")

    assert Journal(tmp_path, 1).touched() is None


def test_journal_keeps_what_was_touched_since_it_was_cleared(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1)
    journal.clear()
    for place in ("a", "b", "a"):
        journal.note(place)

    assert Journal(tmp_path, 1).touched() == {"a", "b"}


def test_journal_forgets_a_torn_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1)
    journal.clear()
    journal.note("a")
    with (tmp_path / "locks" / "touched-1").open("a") as file:
        file.write("\nhal")

    again = Journal(tmp_path, 1)
    again.note("b")

    assert again.touched() == {"a", "b", "hal"}


# --- a disk that is full or fails, in each store -------------------------------------------------


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def add(folder: Path, reserve_bytes: int) -> None:
    index = NumpyIndex(folder, writer=1, reserve_bytes=reserve_bytes)
    try:
        index.add(vector_rows([1]))
    finally:
        index.close()


def put_shot(folder: Path, reserve_bytes: int) -> None:
    store = PackShotStore(folder, writer=1, reserve_bytes=reserve_bytes)
    try:
        store.put(1, [cut_shot(1)])
    finally:
        store.close()


def put_probe(folder: Path, reserve_bytes: int) -> None:
    FileProbeStore(folder, reserve_bytes=reserve_bytes).put(1, 1, b"jpeg")


def stage(folder: Path, reserve_bytes: int) -> None:
    store = FileFootageStore(folder, writer=1, reserve_bytes=reserve_bytes)
    try:
        store.stage(1, 1)
    finally:
        store.close()


WRITES = (add, put_shot, put_probe, stage)


@pytest.mark.parametrize("write", WRITES)
def test_a_write_stops_before_the_reserve(
    tmp_path: Path, write: Callable[[Path, int], None]
) -> None:
    with pytest.raises(StorageFull, match="reserve"):
        write(tmp_path, 1 << 60)


@pytest.mark.parametrize("write", [add, put_shot, put_probe])
def test_a_write_says_that_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, int], None]
) -> None:
    monkeypatch.setattr(disk, "write_all", full)

    with pytest.raises(StorageFull, match="no room left"):
        write(tmp_path, 0)


@pytest.mark.parametrize("open_store", [NumpyIndex, PackShotStore, FileFootageStore])
def test_a_second_process_cannot_be_the_same_writer(
    tmp_path: Path, open_store: Callable[..., NumpyIndex]
) -> None:
    first = open_store(tmp_path, writer=1)

    with pytest.raises(Busy):
        open_store(tmp_path, writer=1)

    first.close()
    open_store(tmp_path, writer=1).close()


def test_a_failed_add_leaves_no_row_of_any_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = NumpyIndex(tmp_path, writer=1, reserve_bytes=0)
    index.add(vector_rows([1], start_s=10))
    index.add(vector_rows([2], start_s=3700))
    synced: list[int] = []

    def fails_second(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            full()

    with monkeypatch.context() as patch:
        # The first sync is of the journal's new place, of which there is none; so of an hour each.
        patch.setattr(disk, "sync_file", fails_second)
        with pytest.raises(StorageFull):
            index.add(vector_rows([3, 4], start_s=3599.5))
    index.add(vector_rows([5, 6], start_s=3599.5))

    hits = index.search(scope(end_s=7200), Family.PERSON, MODEL_KEY, unit_rows(1), 9)
    assert sorted(hits.ids[0].tolist()) == [-1] * 5 + [1, 2, 5, 6]
    index.close()


def test_a_failed_put_leaves_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PackShotStore(tmp_path, writer=1, reserve_bytes=0)
    first = store.put(1, [cut_shot(1)])
    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync_file", full)
        with pytest.raises(StorageFull):
            store.put(1, [cut_shot(2, at_s=1, jpeg=b"never kept")])

    second = store.put(1, [cut_shot(3, at_s=2)])

    assert b"never kept" not in next(tmp_path.rglob("*.pack")).read_bytes()
    assert [store.get(scope(), key) for key in first + second] == [b"\xff\xd8jpeg"] * 2
    store.close()


def test_a_folder_that_is_removed_as_empty_meanwhile_is_made_again(tmp_path: Path) -> None:
    folder, tries = tmp_path / "1", []

    def put() -> str:
        tries.append(folder.is_dir())
        if len(tries) == 1:
            folder.rmdir()  # as another process tidies up
        (folder / "picture").write_text("kept")
        return "put"

    assert disk.put_inside(folder, put) == "put"
    assert tries == [True, True]


def test_only_an_empty_folder_is_removed(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    for folder in (empty, full):
        folder.mkdir()
    (full / "file").touch()

    for folder in (empty, full, tmp_path / "gone"):
        disk.remove_or_sync(folder)

    assert (empty.exists(), full.exists()) == (False, True)
