"""What lies on the disk: torn tails are cut, damage is named, and nothing is passed over."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clocks import HOUR_NS
from core.errors import StorageCorrupt
from core.types import Family
from index.faiss_index import FaissIndex
from index.names import SegmentName, parsed_name, valid_names
from index.packs import HEADER_BYTES
from index.shots import PackShotStore
from tests.builders import MODEL_KEY, T0_NS, cut_shot, scope, span, unit_rows, vector_rows

LATER_NS = T0_NS + HOUR_NS


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FaissIndex]:
    opened = FaissIndex(tmp_path / "vectors", writer=1, reserve_bytes=0)
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PackShotStore]:
    opened = PackShotStore(tmp_path / "shots", writer=1, reserve_bytes=0)
    yield opened
    opened.close()


def only_file(folder: Path, pattern: str) -> Path:
    (found,) = folder.rglob(pattern)
    return found


def flip(path: Path, offset: int) -> None:
    """Change one bit."""
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def found(index: FaissIndex) -> list[int]:
    hits = index.search(scope(end_s=7200), Family.PERSON, MODEL_KEY, unit_rows(1), 20)
    return sorted(tracklet for tracklet in hits.ids[0].tolist() if tracklet != -1)


def reader(tmp_path: Path) -> FaissIndex:
    return FaissIndex(tmp_path / "vectors")


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [SegmentName(493999, 3, 7, 7, 0), SegmentName(-5, 3, 7, 9, 2), SegmentName(0, 0, 0, 0, 1)],
)
def test_a_name_is_read_as_it_was_written(name: SegmentName) -> None:
    assert parsed_name(name.filename) == name


@pytest.mark.parametrize(
    "filename",
    ["", "1-2-3", "1-2-3.open.tmp", "1-2-3-4-5.seg.tmp", "a-2-3.open", "1-2-3-4.seg", ".seg"],
)
def test_a_file_that_is_no_segment_has_no_name(filename: str) -> None:
    assert parsed_name(filename) is None


def test_a_rewritten_segment_voids_those_it_covers_and_no_other() -> None:
    merged = SegmentName(1, 1, 2, 4, 2)
    void = [SegmentName(1, 1, 2, 2, 0), SegmentName(1, 1, 3, 4, 1), SegmentName(1, 1, 2, 4, 1)]
    others = [SegmentName(1, 1, 5, 5, 0), SegmentName(1, 2, 3, 3, 1), SegmentName(2, 1, 3, 3, 1)]

    assert valid_names([merged, *void, *others]) == sorted([merged, *others])


# --- open segments -----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [1, 40, 72, 100])
def test_a_torn_tail_is_not_read_and_its_writer_cuts_it(
    index: FaissIndex, tmp_path: Path, missing: int
) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([2, 3], start_s=1))
    path = only_file(tmp_path, "*.open")
    path.write_bytes(path.read_bytes()[:-missing])
    left = [1, 2] if missing <= 72 else [1]
    index.close()

    assert found(reader(tmp_path)) == left
    again = FaissIndex(tmp_path / "vectors", writer=1, reserve_bytes=0)
    again.add(vector_rows([4], start_s=5))
    assert found(again) == [*left, 4]
    again.verify()
    again.close()


def test_a_torn_batch_of_zeros_is_cut(index: FaissIndex, tmp_path: Path) -> None:
    """After a power loss the file may have its length and not its bytes."""
    index.add(vector_rows([1]))
    path = only_file(tmp_path, "*.open")
    with path.open("ab") as file:
        file.write(bytes(3 * 72))
    index.close()

    assert found(reader(tmp_path)) == [1]


def test_damage_before_a_later_batch_is_an_error_and_never_cut(
    index: FaissIndex, tmp_path: Path
) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([2], start_s=1))
    path = only_file(tmp_path, "*.open")
    size = path.stat().st_size
    flip(path, size - 2 * 72 + 50)
    index.close()

    again = FaissIndex(tmp_path / "vectors", writer=1, reserve_bytes=0)
    with pytest.raises(StorageCorrupt, match=r"\.open: record 0 does not hold"):
        again.add(vector_rows([3]))
    with pytest.raises(StorageCorrupt, match="record 0"):
        found(again)
    with pytest.raises(StorageCorrupt, match="record 0"):
        again.verify()
    assert path.stat().st_size == size
    again.close()


def test_a_batch_that_is_still_being_written_is_read_when_it_is_whole(
    index: FaissIndex, tmp_path: Path
) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([2, 3], start_s=1))
    path = only_file(tmp_path, "*.open")
    whole = path.read_bytes()
    # The same length, but the last record's bytes have not come yet.
    path.write_bytes(whole[:-72] + bytes(72))
    watching = reader(tmp_path)
    assert found(watching) == [1, 2]

    path.write_bytes(whole)

    assert found(watching) == [1, 2, 3]


# --- sealed segments ---------------------------------------------------------------------------


@pytest.mark.parametrize("where", [0.3, 0.5, 0.7, 0.9, 0.999])
def test_verify_names_a_sealed_segment_of_which_a_bit_changed(
    index: FaissIndex, tmp_path: Path, where: float
) -> None:
    index.add(vector_rows(range(1, 30)))
    index.seal(LATER_NS)
    path = only_file(tmp_path, "*.seg")
    flip(path, int(path.stat().st_size * where))

    with pytest.raises(StorageCorrupt, match=path.name):
        index.verify()


def test_compact_never_gives_damage_a_new_checksum(index: FaissIndex, tmp_path: Path) -> None:
    index.add(vector_rows(range(1, 30)))
    index.seal(LATER_NS)
    path = only_file(tmp_path, "*.seg")
    flip(path, path.stat().st_size // 2)
    index.erase(1, span(0, 1))

    with pytest.raises(StorageCorrupt, match=path.name):
        index.compact()

    assert path.exists()


@pytest.mark.parametrize("cut", [1, 32, 500])
def test_a_sealed_segment_that_is_too_short_is_an_error_not_an_empty_answer(
    index: FaissIndex, tmp_path: Path, cut: int
) -> None:
    index.add(vector_rows(range(1, 30)))
    index.seal(LATER_NS)
    path = only_file(tmp_path, "*.seg")
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(StorageCorrupt, match=path.name):
        found(reader(tmp_path))


def test_a_sealed_segment_with_a_damaged_head_is_an_error(
    index: FaissIndex, tmp_path: Path
) -> None:
    index.add(vector_rows([1]))
    index.seal(LATER_NS)
    flip(only_file(tmp_path, "*.seg"), 30)

    with pytest.raises(StorageCorrupt, match="head does not hold"):
        found(reader(tmp_path))


def test_the_columns_of_a_sealed_segment_are_aligned(index: FaissIndex) -> None:
    index.add(vector_rows(range(1, 8)))
    index.seal(LATER_NS)

    (gallery,) = index._all_galleries()
    columns = gallery.read(lambda snapshot: snapshot.parts)[0].columns

    addresses = [c.ctypes.data for c in (columns.device_ns, columns.shot_ids, columns.vectors)]
    assert [address % 64 for address in addresses] == [0, 0, 0]


# --- tombstones --------------------------------------------------------------------------------


def test_a_torn_tombstone_counts_as_not_erased_and_the_next_one_replaces_it(
    index: FaissIndex, tmp_path: Path
) -> None:
    index.add(vector_rows([1, 2, 3]))
    index.erase(1, span(0, 1))
    with (tmp_path / "vectors" / "tombstones").open("ab") as file:
        file.write(b"torn")
    assert found(index) == [2, 3]

    index.erase(1, span(1, 2))

    assert found(index) == [3]
    index.verify()


def test_a_damaged_tombstone_is_an_error_and_not_forgotten(
    index: FaissIndex, tmp_path: Path
) -> None:
    index.add(vector_rows([1, 2, 3]))
    index.erase(1, span(0, 1))
    index.erase(1, span(2, 3))
    flip(tmp_path / "vectors" / "tombstones", 5)

    with pytest.raises(StorageCorrupt, match="record 0"):
        found(index)
    with pytest.raises(StorageCorrupt, match="record 0"):
        index.verify()


def test_compact_joins_the_tombstones_that_touch(index: FaissIndex, tmp_path: Path) -> None:
    index.add(vector_rows([1, 2, 3]))
    for second in range(3):
        index.erase(1, span(second, second + 1))
    tombstones = tmp_path / "vectors" / "tombstones"
    before = tombstones.stat().st_size

    index.compact()

    assert tombstones.stat().st_size * 3 == before
    assert found(index) == []


# --- packs -------------------------------------------------------------------------------------


def picture(number: int) -> bytes:
    return b"<picture %d>" % number * 20


def test_a_torn_picture_is_cut_by_its_writer(store: PackShotStore, tmp_path: Path) -> None:
    keys = store.put(1, [cut_shot(1, jpeg=picture(1))])
    store.put(1, [cut_shot(2, at_s=1, jpeg=picture(2))])
    path = only_file(tmp_path, "*.pack")
    path.write_bytes(path.read_bytes()[:-5])

    keys += store.put(1, [cut_shot(3, at_s=2, jpeg=picture(3))])

    assert [store.get(scope(), key) for key in keys] == [picture(1), picture(3)]
    assert picture(2)[:20] not in path.read_bytes()
    store.verify()


def test_a_damaged_picture_is_an_error(store: PackShotStore, tmp_path: Path) -> None:
    keys = [store.put(1, [cut_shot(n, at_s=n, jpeg=picture(n))])[0] for n in (1, 2)]
    path = only_file(tmp_path, "*.pack")
    flip(path, HEADER_BYTES + 20)

    with pytest.raises(StorageCorrupt, match="checksum"):
        store.get(scope(), keys[0])
    with pytest.raises(StorageCorrupt, match="record at 0"):
        store.verify()
    assert store.get(scope(), keys[1]) == picture(2)


def test_a_damaged_pack_is_never_cut_short(store: PackShotStore, tmp_path: Path) -> None:
    for n in (1, 2):
        store.put(1, [cut_shot(n, at_s=n, jpeg=picture(n))])
    path = only_file(tmp_path, "*.pack")
    flip(path, 1)  # the first record's magic: nothing tells where the next one begins
    size = path.stat().st_size
    store.close()

    again = PackShotStore(tmp_path / "shots", writer=1, reserve_bytes=0)
    with pytest.raises(StorageCorrupt, match="record at 0"):
        again.put(1, [cut_shot(3, at_s=3, jpeg=picture(3))])
    with pytest.raises(StorageCorrupt, match="record at 0"):
        again.erase(1, span(0, 100))
    assert path.stat().st_size == size
    again.close()


def test_an_erased_picture_that_is_not_blank_is_damage(
    store: PackShotStore, tmp_path: Path
) -> None:
    store.put(1, [cut_shot(1, jpeg=picture(1))])
    store.put(1, [cut_shot(2, at_s=5, jpeg=picture(2))])
    store.erase(1, span(0, 1))
    flip(only_file(tmp_path, "*.pack"), HEADER_BYTES + 3)

    with pytest.raises(StorageCorrupt, match="record at 0"):
        store.verify()


def test_erasing_gives_the_room_back_without_moving_anything(
    store: PackShotStore, tmp_path: Path
) -> None:
    big = np.random.default_rng(0).bytes(1 << 20)
    keys = store.put(1, [cut_shot(n, at_s=n, jpeg=big) for n in (1, 2)])
    path = only_file(tmp_path, "*.pack")
    size, blocks = path.stat().st_size, path.stat().st_blocks

    store.erase(1, span(0, 2))

    assert path.stat().st_size == size
    assert path.stat().st_blocks < blocks
    assert store.get(scope(), keys[1]) == big
