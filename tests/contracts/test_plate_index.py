"""What every `PlateIndex` promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64, Bool
from core.clocks import HOUR_NS
from core.errors import Busy, Conflict, DuplicateId, InvalidInput
from core.plates.alphabet import likeliest_text
from core.plates.patterns import parse_pattern
from core.types import Scope
from index.plates.files import FilePlateIndex
from index.plates.packing import packed
from tests.builders import T0_NS, scope, scope_of, span
from tests.index.plates.builders import plate_rows

Open = Callable[..., FilePlateIndex]
LATER_NS = T0_NS + HOUR_NS
THREE = ("京A12345", "京A12346", "沪B88888")


@pytest.fixture
def open_index(tmp_path: Path) -> Iterator[Open]:
    """Opens the index of this test; opening it again first closes what was open."""
    opened: list[FilePlateIndex] = []

    def opener(writer: int | None = 1) -> FilePlateIndex:
        for earlier in opened:
            earlier.close()
        opened.append(
            FilePlateIndex(tmp_path / "plates", writer=writer, reserve_bytes=0, threads=1)
        )
        return opened[-1]

    yield opener
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Open) -> FilePlateIndex:
    return open_index()


def found(
    index: FilePlateIndex, query: str = "京A12345", *, within: Scope | None = None, k: int = 10
) -> list[int]:
    """The tracklets of the hits, best first."""
    wanted = scope() if within is None else within
    return [hit.tracklet_id for hit in index.search(wanted, parse_pattern(query), k)]


# --- searching ---------------------------------------------------------------------------------


def test_search_of_an_empty_index_finds_nothing(index: FilePlateIndex) -> None:
    assert found(index) == []


def test_search_without_spans_finds_nothing(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))

    assert found(index, within=scope(())) == []


@pytest.mark.parametrize("sealed", [False, True])
def test_search_finds_the_likeliest_first(index: FilePlateIndex, sealed: bool) -> None:
    index.add(plate_rows(THREE))
    if sealed:
        index.seal(LATER_NS)

    hits = index.search(scope(), parse_pattern("京A12346"), 3)

    assert [hit.tracklet_id for hit in hits] == [2, 1, 3]
    assert hits[0].llr > hits[1].llr > hits[2].llr


def test_a_hit_has_the_posterior_that_explains_it(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))

    (hit,) = index.search(scope(), parse_pattern("*888*"), 1)

    assert (hit.plate_id, hit.tracklet_id) == (3, 3)
    assert likeliest_text(hit.posterior.log_probs) == "沪B88888"
    assert (hit.posterior.layout, hit.posterior.colour) == ("cn_blue", "blue")


def test_a_hit_is_no_longer_for_standing_beside_a_longer_one(index: FilePlateIndex) -> None:
    index.add(plate_rows(["A1234", "京AD12345"]))

    hits = index.search(scope(), parse_pattern("A1234"), 2)

    lengths = {hit.tracklet_id: len(hit.posterior.log_probs) for hit in hits}
    assert lengths == {1: 5, 2: 8}


def test_search_gives_a_tracklet_once_with_its_best_reading(index: FilePlateIndex) -> None:
    texts = ("京A12345", "京A12845", "京A99999")
    index.add(plate_rows(texts, tracklet_ids=[1, 1, 2]))

    hits = index.search(scope(), parse_pattern("京A12345"), 5)

    assert [(hit.tracklet_id, hit.plate_id) for hit in hits] == [(1, 1), (2, 3)]


def test_search_breaks_ties_by_tracklet(index: FilePlateIndex) -> None:
    index.add(plate_rows(["京A12345"] * 3, tracklet_ids=[9, 3, 5]))

    assert found(index) == [3, 5, 9]


def test_search_gives_no_more_than_k(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))

    assert len(found(index, k=2)) == 2


@pytest.mark.parametrize("k", [0, -1])
def test_search_refuses_fewer_than_one(index: FilePlateIndex, k: int) -> None:
    with pytest.raises(InvalidInput, match="k: want at least 1"):
        found(index, k=k)


def test_search_stays_inside_cameras_and_spans(index: FilePlateIndex) -> None:
    index.add(plate_rows(["京A12345"] * 4, camera_id=1))
    index.add(plate_rows(["京A12345"] * 2, first_id=5, camera_id=2))

    narrow = scope_of([(1, 1, 3), (2, 1, 2)])

    assert found(index, within=narrow) == [2, 3, 6]


def test_search_takes_the_start_of_a_span_and_not_its_end(index: FilePlateIndex) -> None:
    index.add(plate_rows(["京A12345"] * 3))
    index.seal(LATER_NS)
    index.add(plate_rows(["京A12345"] * 3, first_id=4))

    assert found(index, within=scope_of([(1, 1, 2)])) == [2, 5]


# --- adding ------------------------------------------------------------------------------------


def test_add_of_nothing_changes_nothing(index: FilePlateIndex) -> None:
    index.add(plate_rows([]))

    assert found(index) == []


@pytest.mark.parametrize("ids", [[1], [5, 1], [7, 7]])
@pytest.mark.parametrize("sealed", [False, True])
def test_add_of_a_known_plate_raises_and_changes_nothing(
    index: FilePlateIndex, ids: list[int], sealed: bool
) -> None:
    index.add(plate_rows(THREE[:2]))
    if sealed:
        index.seal(LATER_NS)

    with pytest.raises(DuplicateId, match="plate"):
        index.add(plate_rows(["京A12345"] * len(ids), plate_ids=ids))

    assert found(index) == [1, 2]


def test_add_without_a_writer_is_refused(open_index: Open) -> None:
    with pytest.raises(Conflict):
        open_index(writer=None).add(plate_rows(THREE))


def test_a_second_process_of_a_writer_is_refused(index: FilePlateIndex, tmp_path: Path) -> None:
    with pytest.raises(Busy):
        FilePlateIndex(tmp_path / "plates", writer=1)


def test_two_writers_search_each_other(index: FilePlateIndex, tmp_path: Path) -> None:
    second = FilePlateIndex(tmp_path / "plates", writer=2, reserve_bytes=0, threads=1)
    index.add(plate_rows(["京A12345"]))
    second.add(plate_rows(["京A12345"], first_id=2))

    assert found(index) == found(second) == [1, 2]
    second.close()


# --- the life of a segment ---------------------------------------------------------------------


def test_seal_changes_no_answer(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))
    before = index.search(scope(), parse_pattern("京A1234?"), 3)

    assert index.seal(LATER_NS) == 1

    after = index.search(scope(), parse_pattern("京A1234?"), 3)
    assert [(hit.tracklet_id, hit.llr) for hit in after] == [
        (hit.tracklet_id, hit.llr) for hit in before
    ]


def test_seal_leaves_an_hour_that_has_not_ended(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))

    assert [index.seal(LATER_NS - 1), index.seal(LATER_NS), index.seal(LATER_NS)] == [0, 1, 0]


@pytest.mark.parametrize("sealed", [False, True])
def test_reopening_gives_the_same_answer(open_index: Open, sealed: bool) -> None:
    index = open_index()
    index.add(plate_rows(THREE))
    if sealed:
        index.seal(LATER_NS)
    before = found(index, "*8*")

    assert found(open_index(), "*8*") == before


def test_a_reader_sees_each_change_at_its_next_search(
    index: FilePlateIndex, tmp_path: Path
) -> None:
    reader = FilePlateIndex(tmp_path / "plates", threads=1)

    assert found(reader) == []
    index.add(plate_rows(["京A12345"]))
    assert found(reader) == [1]
    index.seal(LATER_NS)
    index.add(plate_rows(["京A12345"], first_id=2, start_s=1))
    assert found(reader) == [1, 2]
    index.seal(LATER_NS)
    index.compact()
    assert found(reader) == [1, 2]
    index.erase(1, span(0, 1))
    assert found(reader) == [2]
    index.drop(LATER_NS)
    assert found(reader) == []
    reader.close()


def test_drop_deletes_the_hours_that_ended_before(index: FilePlateIndex) -> None:
    index.add(plate_rows(["京A12345"] * 2))
    index.add(plate_rows(["京A12345"], first_id=3, start_s=3600))
    index.seal(LATER_NS)

    assert index.drop(LATER_NS) == 1

    assert found(index, within=scope((1,), 0, 7200)) == [3]


@pytest.mark.parametrize("when", ["before the rows", "open", "sealed", "compacted"])
def test_erase_holds_for_ever(open_index: Open, when: str) -> None:
    index = open_index()
    if when == "before the rows":
        index.erase(1, span(0, 2))
    index.add(plate_rows(["京A12345"] * 3))
    if when in {"sealed", "compacted"}:
        index.seal(LATER_NS)
    index.erase(1, span(0, 2))
    if when == "compacted":
        index.compact()

    index = open_index()
    index.add(plate_rows(["京A12345"], first_id=4, start_s=1))

    assert found(index) == [3]


@pytest.mark.parametrize("sealed", [False, True])
def test_compact_leaves_no_byte_of_an_erased_reading(
    index: FilePlateIndex, tmp_path: Path, sealed: bool
) -> None:
    rows = plate_rows(["京A12345", "沪K70666", "粤B88888"])
    index.add(rows)
    if sealed:
        index.seal(LATER_NS)
    index.erase(1, span(1, 2))

    index.compact()

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    readings = packed(rows.log_probs, rows.layouts, rows.colours)
    assert [one.tobytes() in kept for one in readings] == [True, False, True]


def test_compact_joins_the_segments_of_an_hour(index: FilePlateIndex, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        index.add(plate_rows(["京A12345"], first_id=number, start_s=number))
        index.seal(LATER_NS)

    index.compact()

    assert len(list(tmp_path.rglob("*.seg"))) == 1
    assert found(index) == [1, 2, 3]
    index.verify()


def test_compact_seals_what_a_dead_writer_left(open_index: Open, tmp_path: Path) -> None:
    open_index(writer=1).add(plate_rows(["京A12345"] * 2))
    index = open_index(writer=2)

    index.compact()

    assert not list(tmp_path.rglob("*.open"))
    assert found(index) == [1, 2]


def none_but(*kept: int) -> Callable[[I64], Bool]:
    return lambda plate_ids: np.isin(plate_ids, kept)


@pytest.mark.parametrize("sealed", [False, True])
def test_sweep_cuts_off_the_rows_that_the_store_does_not_know(
    open_index: Open, sealed: bool
) -> None:
    index = open_index()
    index.add(plate_rows(["京A12345"] * 4))
    if sealed:
        index.seal(LATER_NS)
    index = open_index()

    assert index.sweep(none_but(1, 4)) == 2

    assert found(index) == [1, 4]
    assert index.sweep(none_but(1, 4)) == 0


def test_sweep_leaves_the_rows_of_other_writers(open_index: Open) -> None:
    open_index(writer=1).add(plate_rows(["京A12345"]))
    index = open_index(writer=2)

    assert index.sweep(none_but()) == 0

    assert found(index) == [1]


def test_verify_of_a_sound_index_says_nothing(index: FilePlateIndex) -> None:
    index.add(plate_rows(THREE))
    index.seal(LATER_NS)
    index.add(plate_rows(THREE, first_id=4, start_s=7200))
    index.erase(2, span())

    index.verify()
