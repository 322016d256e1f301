import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import F32
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, ALPHABET, COLUMNS
from core.plates.likelihood import STRAY, PlateLikelihood, Readings, stacked
from core.plates.patterns import ONE, Pattern, parse_pattern
from tests.core.plates.builders import CALM, logs, padded, reading

LIKELIHOOD = PlateLikelihood()


def llr(query: str, *readings: F32) -> list[float]:
    return [float(x) for x in LIKELIHOOD.llr(parse_pattern(query), stacked(readings))]


def doubtful(count: int, positions: int, seed: int = 0) -> F32:
    """Readings (N, P, A) of nothing in particular."""
    rng = np.random.default_rng(seed)
    return logs(rng.dirichlet(np.full(COLUMNS, 0.1), size=(count, positions)) + 1e-12)


def test_the_plate_that_was_read_scores_what_its_signs_are_worth() -> None:
    # A province of 31, a letter of 24 and five signs of which 0.85 are one of ten digits, which is
    # one of 12 each; less the reader's own doubt.
    (score,) = llr("京A12345", reading("京A12345"))
    assert np.log(31 * 24 * 12**5) - 2 < score < np.log(31 * 24 * 12**5)


def test_readings_rank_by_how_well_they_answer() -> None:
    answers = ["京A12B45", "京A12845", "京A12W45", "京A7W945", "沪K70666"]
    scores = llr("京A12B45", *map(reading, answers))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 15 and scores[1] > 8 and scores[-1] < 0  # noqa: PT018 - one ranking


def test_a_look_alike_costs_less_than_another_sign() -> None:
    alike, unlike = llr("京A12045", reading("京A12D45"), reading("京A12W45"))
    assert alike > unlike + 2


@pytest.mark.parametrize("read", ["京A1245", "A12345", "京A1234", "京A123345", "京京A12345"])
def test_a_missing_or_doubled_sign_still_finds_the_plate(read: str) -> None:
    (score,) = llr("京A12345", reading(read))
    assert score > 9


def test_a_fragment_is_found_inside_and_alone() -> None:
    inside, alone, elsewhere = llr("345", reading("京A12345"), reading("345"), reading("京A67890"))
    assert inside > 4 and alone > 4 and elsewhere < 0  # noqa: PT018


def test_a_whole_plate_is_hardly_a_part_of_a_longer_one() -> None:
    same, longer = llr("京A12345", reading("京A12345"), reading("京A123456"))
    assert same > longer + 3


def test_a_star_pins_the_other_end() -> None:
    starts, ends = llr("京A*", reading("京A12345"), reading("12345京A"))
    assert starts > 5 and ends < 0  # noqa: PT018


def test_an_unknown_sign_neither_speaks_for_nor_against() -> None:
    first, second = llr("京A?2345", reading("京A12345"), reading("京A92345"))
    assert first == pytest.approx(second, abs=0.05)
    (known,) = llr("京A12345", reading("京A12345"))
    assert known - first == pytest.approx(np.log(10), abs=0.4)


def test_a_reading_in_two_minds_scores_between() -> None:
    both = logs((np.exp(reading("京A12345")) + np.exp(reading("京A62345"))) / 2)
    sure, torn, wrong = llr("京A12345", reading("京A12345"), both, reading("京A62345"))
    assert wrong + 1 < torn < sure
    assert sure - torn == pytest.approx(np.log(2), abs=0.2)


def test_no_reading_speaks_against_a_plate_without_bound() -> None:
    scores = LIKELIHOOD.llr(parse_pattern("京A12345"), doubtful(50, 9))
    assert scores.min() >= np.log(STRAY) - 1e-3
    (score,) = llr("京A12345", reading("RK828AG"))
    assert score == pytest.approx(np.log(STRAY), abs=0.01)


def test_a_plate_of_no_known_layout_finds_itself() -> None:
    (score,) = llr("9ZQ挂X7Y2K0港", reading("9ZQ挂X7Y2K0港"))
    assert score > 20


@pytest.mark.parametrize("query", ["京A12345", "345", "京*", "*45", "*A*4*", "?A?2*", "A"])
@pytest.mark.parametrize("read", ["京A12345", "A1245", "沪K70666"])
def test_void_positions_at_the_end_change_nothing(query: str, read: str) -> None:
    plain, ended = llr(query, reading(read), padded(reading(read), 4))
    assert plain == pytest.approx(ended, abs=1e-4)


def test_a_batch_is_as_many_batches_of_one() -> None:
    readings, pattern = doubtful(9, 7), parse_pattern("*A?2*")
    together = LIKELIHOOD.llr(pattern, readings)
    apart = [LIKELIHOOD.llr(pattern, readings[row : row + 1])[0] for row in range(9)]
    np.testing.assert_allclose(together, apart, rtol=1e-5)


def test_blocks_do_not_show() -> None:
    readings, pattern = np.repeat(doubtful(7, 3), 700, axis=0), parse_pattern("A1")
    scores = LIKELIHOOD.llr(pattern, readings).reshape(7, 700)
    np.testing.assert_allclose(scores, np.repeat(scores[:, :1], 700, axis=1), rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 7), (3, 0), (0, 0)])
def test_nothing_to_ask_is_no_answer(shape: tuple[int, int]) -> None:
    empty = np.zeros((*shape, COLUMNS), dtype=np.float32)
    assert LIKELIHOOD.llr(parse_pattern("A1"), empty).shape == (shape[0],)


def test_a_reading_of_another_shape_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"log_probs: want float32 \(N, P, 83\)"):
        LIKELIHOOD.llr(parse_pattern("A1"), np.zeros((2, 7, 5), dtype=np.float32))
    with pytest.raises(InvalidInput, match=r"log_probs: want float32 \(P, 83\)"):
        stacked([np.zeros((2, 5), dtype=np.float32)])


def test_stacked_ends_short_readings_with_void_positions() -> None:
    together = stacked([reading("A"), reading("ABC")])
    assert together.shape == (2, 3, COLUMNS)
    np.testing.assert_array_equal(together[0, 1:, ABSENT], 0.0)


@pytest.mark.parametrize("position", range(7))
def test_odds_average_to_the_chance_that_there_is_a_sign(position: int) -> None:
    """A random plate's signs, weighed by how often they occur, are worth nothing on the whole."""
    readings = doubtful(5, 7)
    prepared = LIKELIHOOD.prepared(readings)
    by_kind = prepared.seen @ LIKELIHOOD.background.seen(LIKELIHOOD.confusion)
    prior = LIKELIHOOD.background.prior(by_kind, prepared.absent < 0.5)
    mean = np.zeros(5)
    for column, sign in enumerate(ALPHABET):
        odds = LIKELIHOOD.odds(Pattern((sign,), (False, False)), prepared)
        mean += prior[:, position, column] * odds[0, position]
    np.testing.assert_allclose(mean, 1 - prepared.absent[:, position], rtol=1e-4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[F32, F32, Pattern]:
    slots, positions = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    runs = tuple(draw(st.booleans()) for _ in range(slots + 1))
    odds = rng.uniform(0, 9, (slots, positions, 1)).astype(np.float32)
    absent = rng.uniform(0, 1, (1, positions)).astype(np.float32)
    return odds, absent, Pattern(("A", *ONE * (slots - 1)), runs)


def all_ways(
    table: tuple[F32, F32, Pattern], slot: int = 0, place: int = 0, last: str = ""
) -> float:
    """The sum over every sequence of moves, tried one by one."""
    odds, absent, pattern = table
    missing, extra = LIKELIHOOD.confusion.missing, LIKELIHOOD.confusion.extra
    more_slots, more_places = slot < len(odds), place < odds.shape[1]
    total = 0.0 if more_slots or more_places else 1.0
    if more_slots and more_places:
        total += odds[slot, place, 0] * all_ways(table, slot + 1, place + 1)
    if more_slots and last != "void or extra":
        total += missing * all_ways(table, slot + 1, place)
    if more_places:
        void = float(absent[0, place])
        total += void * all_ways(table, slot, place + 1, "void or extra")
        if pattern.runs[slot]:
            total += (1 - void) * all_ways(table, slot, place + 1)
        else:
            total += (1 - void) * extra * all_ways(table, slot, place + 1, "void or extra")
    return total


@given(tables())
@CALM
def test_forward_sums_all_ways(table: tuple[F32, F32, Pattern]) -> None:
    odds, absent, pattern = table
    spare = max(float((1 - absent).sum()) - len(odds), 0.0)
    placings = np.prod([(spare + run) / run for run in range(1, sum(pattern.runs))])
    (share,) = LIKELIHOOD.shares(pattern, odds, absent)[:, 0]
    assert share * placings == pytest.approx(all_ways(table), rel=1e-5)


def test_readings_check_their_shapes() -> None:
    with pytest.raises(InvalidInput, match="absent: want float32"):
        Readings(
            np.zeros((2, 7, ABSENT), np.float32),
            np.zeros((2, 6), np.float32),
            np.ones((2, 7), np.float32),
        )


def test_the_true_plate_comes_first_among_thousands_under_noise() -> None:
    rng = np.random.default_rng(5)
    digits = rng.integers(0, 10, (2000, 5))
    texts = ["京A" + "".join(map(str, row)) for row in digits.tolist()]
    noisy = np.exp(stacked([reading(text, sure=0.6) for text in texts]))
    readings = logs(0.7 * noisy + 0.3 * np.exp(doubtful(2000, 7)))
    first = [
        int(LIKELIHOOD.llr(parse_pattern(texts[row]), readings).argmax()) == row for row in range(5)
    ]
    assert sum(first) >= 4
