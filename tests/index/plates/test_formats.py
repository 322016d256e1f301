"""What lies on the disk: torn tails are cut, damage is named, a crash loses and doubles nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clocks import HOUR_NS
from core.errors import StorageCorrupt
from core.plates.patterns import parse_pattern
from index.plates.files import FilePlateIndex
from tests.builders import T0_NS, scope
from tests.index.crashes import crash_at
from tests.index.plates.builders import plate_rows

LATER_NS = T0_NS + HOUR_NS
RECORD_BYTES = 40 + 82
MANY_STEPS = 60


def opened(folder: Path, writer: int | None = 1) -> FilePlateIndex:
    return FilePlateIndex(folder / "plates", writer=writer, reserve_bytes=0, threads=1)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FilePlateIndex]:
    made = opened(tmp_path)
    yield made
    made.close()


def found(index: FilePlateIndex) -> list[int]:
    hits = index.search(scope(end_s=7200), parse_pattern("京A12345"), 50)
    return sorted(hit.plate_id for hit in hits)


def only_file(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("missing", [1, 90, RECORD_BYTES])
def test_a_torn_tail_is_not_read_and_its_writer_cuts_it(
    index: FilePlateIndex, tmp_path: Path, missing: int
) -> None:
    index.add(plate_rows(["京A12345"]))
    index.add(plate_rows(["京A12345"] * 2, first_id=2, start_s=1))
    path = only_file(tmp_path, "*.open")
    path.write_bytes(path.read_bytes()[:-missing])
    index.close()

    assert found(opened(tmp_path, None)) == [1, 2]
    again = opened(tmp_path)
    again.add(plate_rows(["京A12345"], first_id=4, start_s=5))
    assert found(again) == [1, 2, 4]
    again.verify()
    again.close()


def test_damage_before_a_later_batch_is_an_error(index: FilePlateIndex, tmp_path: Path) -> None:
    index.add(plate_rows(["京A12345"]))
    index.add(plate_rows(["京A12345"], first_id=2, start_s=1))
    path = only_file(tmp_path, "*.open")
    flip(path, path.stat().st_size - RECORD_BYTES - 9)

    with pytest.raises(StorageCorrupt, match=r"\.open: record 0 does not hold"):
        index.verify()


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9, 0.999])
def test_verify_names_a_sealed_segment_of_which_a_bit_changed(
    index: FilePlateIndex, tmp_path: Path, where: float
) -> None:
    index.add(plate_rows(["京A12345", "沪B88888", "粤BD12345"]))
    index.seal(LATER_NS)
    path = only_file(tmp_path, "*.seg")
    flip(path, int(path.stat().st_size * where))

    with pytest.raises(StorageCorrupt, match=path.name):
        index.verify()


def test_a_sealed_segment_that_is_too_short_is_an_error(
    index: FilePlateIndex, tmp_path: Path
) -> None:
    index.add(plate_rows(["京A12345"]))
    index.seal(LATER_NS)
    path = only_file(tmp_path, "*.seg")
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(StorageCorrupt, match=path.name):
        found(opened(tmp_path, None))


def test_a_full_open_segment_is_sealed_before_its_hour_ends(tmp_path: Path) -> None:
    index = FilePlateIndex(tmp_path / "plates", writer=1, reserve_bytes=0, threads=1, rolled_rows=3)
    for first in (1, 4, 7):
        index.add(plate_rows(["京A12345"] * 3, first_id=first, start_s=first))

    assert len(list(tmp_path.rglob("*.seg"))) == 2
    assert found(index) == list(range(1, 10))
    index.close()


def filled(folder: Path) -> FilePlateIndex:
    """Two sealed segments of an hour, an open one, and one of the next hour."""
    index = opened(folder)
    for number in (1, 2):
        index.add(plate_rows(["京A12345"], first_id=number, start_s=number))
        index.seal(LATER_NS)
    index.add(plate_rows(["京A12345"], first_id=3, start_s=3))
    index.add(plate_rows(["京A12345"], first_id=4, start_s=3604))
    return index


CHANGES: dict[str, Callable[[FilePlateIndex], object]] = {
    "seal": lambda index: index.seal(LATER_NS + HOUR_NS),
    "compact": lambda index: index.compact(),
    "sweep": lambda index: index.sweep(lambda ids: np.isin(ids, [1, 2, 3, 4])),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_crash_at_any_step_of_a_change_keeps_each_row_once(tmp_path: Path, change: str) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        crashed = crash_at(step, lambda index=index: CHANGES[change](index))  # type: ignore[misc]
        index.close()

        index = opened(tmp_path / str(step))
        assert found(index) == [1, 2, 3, 4]
        index.seal(LATER_NS + HOUR_NS)
        index.compact()
        assert found(index) == [1, 2, 3, 4]
        index.verify()
        index.close()
        if not crashed:
            return
    pytest.fail("the change never came to its end")
