"""Narrowing leaves what scoring everything would have put first."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64
from core.clocks import HOUR_NS
from core.plates.alphabet import index_of
from core.plates.patterns import parse_pattern
from core.types import Scope
from index.plates.asking import Block
from index.plates.files import FilePlateIndex
from index.plates.narrowing import Effort
from index.plates.packing import packed
from index.plates.parts import Part, best_of
from index.plates.postings import planes
from index.plates.signs import quick_scores, sign_scores
from index.segments import Array, Columns
from tests.builders import T0_NS, scope, scope_of
from tests.core.plates.builders import reading
from tests.index.plates.builders import plate_rows, readings

COUNT = 400
PICKED = 40
LIKELY = 4.0  # nats; what is far below the best may be another of the kind
SPANS = scope_of([(1, second, second + 7) for second in range(0, 200, 9)])


def texts() -> list[str]:
    """Plates of one city, all of the same letter and most with the same first digit."""
    rng = np.random.default_rng(3)
    numbers = rng.integers(10_000, 19_999, COUNT)
    return [f"京A{number}" for number in numbers.tolist()]


BY_GRAMS = Effort(picked=PICKED, refined=3 * PICKED, through=0)
BY_SIGNS = Effort(picked=PICKED)


@pytest.fixture(scope="module", params=["open", "sealed by grams", "sealed by signs", "both"])
def indexes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FilePlateIndex, FilePlateIndex]]:
    """An index that narrows and one that scores everything, over the same files."""
    root = tmp_path_factory.mktemp("narrowing") / "plates"
    effort = BY_SIGNS if "signs" in request.param else BY_GRAMS
    writer = FilePlateIndex(root, writer=1, reserve_bytes=0, effort=effort, threads=2)
    half = COUNT // 2
    writer.add(plate_rows(texts()[:half], sure=0.8))
    if request.param != "open":
        writer.seal(T0_NS + HOUR_NS)
    writer.add(plate_rows(texts()[half:], first_id=half + 1, sure=0.8))
    if "sealed" in request.param:
        writer.seal(T0_NS + HOUR_NS)
    whole = FilePlateIndex(root, effort=Effort(picked=10 * COUNT), threads=1)
    yield writer, whole
    writer.close()
    whole.close()


@pytest.mark.parametrize(
    "query",
    [
        texts()[7],
        texts()[300][:6],
        texts()[7][:3] + texts()[7][4:],
        texts()[8][:4] + "?" + texts()[8][5:],
        texts()[9][3:],
        "*" + texts()[10][-3:],
        "京A1*",
        "77",
        "?A?2?3?",
    ],
)
@pytest.mark.parametrize("within", [scope(), SPANS])
def test_what_is_likely_is_as_likely_as_by_scoring_everything(
    indexes: tuple[FilePlateIndex, FilePlateIndex], query: str, within: Scope
) -> None:
    narrow, whole = (index.search(within, parse_pattern(query), 3) for index in indexes)
    likely = [hit.llr for hit in whole if hit.llr > LIKELY]
    assert [hit.llr for hit in narrow[: len(likely)]] == pytest.approx(likely, abs=0.5)


def test_a_narrowed_search_stays_inside_its_scope(
    indexes: tuple[FilePlateIndex, FilePlateIndex],
) -> None:
    within = scope_of([(1, s, s + 3) for s in range(0, 200, 7)])
    allowed = {
        row + 1
        for row in range(COUNT)
        if within.holds(1, T0_NS + (row % (COUNT // 2)) * 1_000_000_000)
    }
    for query in ("京A1", "1", texts()[0]):
        hits = indexes[0].search(within, parse_pattern(query), COUNT)
        assert hits
        assert {hit.tracklet_id for hit in hits} <= allowed


def part(bounds: list[int], rows: int = 12) -> Part:
    none = np.zeros(rows, np.int64)
    columns = Columns(none, none, none, np.zeros((rows, 0), np.uint8))
    return Part(columns, np.array(bounds, np.int64))


def test_rows_of_a_part_are_those_between_its_bounds() -> None:
    assert part([2, 5, 8, 10]).rows().tolist() == [2, 3, 4, 8, 9]
    assert part([2, 5]).rows().tolist() == [2, 3, 4]


@pytest.mark.parametrize("bounds", [[2, 5, 8, 10], [0, 12], [3, 4]])
def test_inside_leaves_out_what_lies_between_the_bounds(bounds: list[int]) -> None:
    every: I64 = np.arange(12)
    assert part(bounds).inside(every).tolist() == part(bounds).rows().tolist()


def test_best_of_takes_the_best_of_all_arrays() -> None:
    chosen = best_of([np.array([1.0, 9.0, 3.0]), np.array([8.0]), np.array([2.0, 7.0])], 3)
    assert [one.tolist() for one in chosen] == [[1], [0], [1]]


def test_best_of_ties_takes_an_even_sample() -> None:
    (chosen,) = best_of([np.array([5, *[1] * 9], np.uint8)], 4)
    assert chosen.tolist() == [0, 1, 5, 9]


def test_sign_scores_give_four_points_for_a_sure_sign_and_three_for_a_look_alike() -> None:
    rows = packed(readings([reading("A12"), reading("A72"), reading("K99")]), [""] * 3, [""] * 3)
    block = Block(((0, 10, ()), (1, 1, (7,))), range(3))
    assert sign_scores(planes(rows), [block]).tolist() == [8, 7, 0]


@pytest.mark.parametrize(
    ("read", "hits"),
    [("京A12345", 7), ("京A1345", 6), ("京A120345", 7), ("京A12945", 6), ("沪B99999", 0)],
)
def test_quick_scores_count_the_signs_of_each_half_where_it_fits_best(read: str, hits: int) -> None:
    rows = packed(readings([reading(read)]), [""], [""])
    signs = tuple((place, int(sign), ()) for place, sign in enumerate(index_of("京A12345")))
    assert quick_scores(planes(rows), [Block(signs, range(-1, 2))]).tolist() == [hits]


def test_quick_scores_are_the_same_however_many_readings_come() -> None:
    rows = packed(readings([reading("A12"), reading("A72")]), [""] * 2, [""] * 2)
    block = Block(((0, 10, ()), (1, 1, (7,))), range(3))
    many = np.tile(planes(rows), 150_000)
    assert quick_scores(many, [block]).tolist() == [2, 1] * 150_000


def test_quick_scores_leave_out_a_place_where_nothing_is_known() -> None:
    rows = packed(readings([reading("A12B"), reading("A92B"), reading("A12")]), [""] * 3, [""] * 3)
    block = Block(((0, 10, ()), (2, 2, ()), (3, 11, ())), range(-1, 3))
    assert quick_scores(planes(rows), [block]).tolist() == [3, 3, 2]


def test_sign_scores_take_each_block_where_it_fits_best() -> None:
    rows = packed(readings([reading("12AB")]), [""], [""])
    blocks = [Block(((0, 10, ()), (1, 11, ())), range(-1, 4)), Block(((0, 1, ()),), range(4))]
    assert sign_scores(planes(rows), blocks).tolist() == [12]


@pytest.mark.parametrize(
    ("read", "points"), [("京A12345", 28), ("京A1345", 23), ("京A120345", 27), ("京A12945", 24)]
)
def test_sign_scores_follow_a_missed_or_added_sign_for_a_point(read: str, points: int) -> None:
    rows = packed(readings([reading(read)]), [""], [""])
    signs = tuple((place, int(sign), ()) for place, sign in enumerate(index_of("京A12345")))
    assert sign_scores(planes(rows), [Block(signs, range(-1, 4))]).tolist() == [points]


def test_an_index_may_be_searched_after_it_was_closed(tmp_path: Path) -> None:
    index = FilePlateIndex(tmp_path / "plates", writer=1, reserve_bytes=0, threads=2)
    index.add(plate_rows(["京A12345"]))
    index.close()

    assert [hit.plate_id for hit in index.search(scope(), parse_pattern("京A12345"), 1)] == [1]


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("most", [1, 7, 199, 200, 500])
def test_the_best_of_several_arrays_are_the_best_of_all(kind: type, most: int) -> None:
    rng = np.random.default_rng(most)
    scores: list[Array] = [rng.integers(0, 9, count).astype(kind) for count in (90, 0, 110)]
    chosen = best_of(scores, most)
    taken = np.concatenate([one[rows] for one, rows in zip(scores, chosen, strict=True)])
    wanted = np.sort(np.concatenate(scores))[::-1][:most]
    assert np.sort(taken)[::-1].tolist() == wanted.tolist()
