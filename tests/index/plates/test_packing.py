"""A packed reading says what it said, within what its docstring states."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import F32
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, COLUMNS, likeliest_text
from core.plates.layouts import LAYOUTS
from core.plates.likelihood import PlateLikelihood
from core.plates.patterns import parse_pattern
from index.plates.packing import (
    COLOUR_NAMES,
    LAYOUT_NAMES,
    POSITIONS,
    ROW_BYTES,
    SIGNS,
    layout_and_colour,
    packed,
    unpacked,
)
from index.plates.scoring import PackedLikelihood
from tests.core.plates.builders import CALM, logs, padded, reading

LIKELIHOOD = PlateLikelihood()


def one(log_probs: F32, layout: str = "cn_blue", colour: str = "blue") -> F32:
    """A reading (P, A) packed and unpacked."""
    (read,) = unpacked(packed(log_probs[None], [layout], [colour]))
    return np.asarray(read, np.float32)


@st.composite
def doubtful(draw: st.DrawFn) -> F32:
    """Readings from nearly sure to hardly anything known, with void positions."""
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    chances = rng.dirichlet(np.full(ABSENT, draw(st.sampled_from([0.003, 0.02, 0.1, 1.0]))), 7)
    absent = rng.beta(0.3, 1, 7)[:, None]
    return logs(np.concatenate([chances * (1 - absent), absent], axis=1))


@given(doubtful())
@CALM
def test_the_four_likeliest_signs_keep_their_chances_within_a_twentieth(read: F32) -> None:
    before, after = np.exp(read), np.exp(padded(one(read), 7)[:7])
    best = np.argsort(-before[:, :ABSENT], axis=1)[:, :SIGNS]
    kept = [np.take_along_axis(chances, best, axis=1) for chances in (before, after)]
    assert np.abs(kept[0] - kept[1]).max() < 0.05


@given(doubtful())
@CALM
def test_all_other_signs_share_evenly_what_they_had_together(read: F32) -> None:
    before, after = np.exp(read)[:, :ABSENT], np.exp(padded(one(read), 7)[:7])[:, :ABSENT]
    rest = np.argsort(-before, axis=1)[:, SIGNS:]
    had, has = (np.take_along_axis(chances, rest, axis=1) for chances in (before, after))
    assert np.abs(had.sum(axis=1) - has.sum(axis=1)).max() < 0.05
    assert (has.max(axis=1) - has.min(axis=1)).max() < 1e-6


@given(doubtful())
@CALM
def test_void_positions_stay_as_void(read: F32) -> None:
    before, after = np.exp(read)[:, ABSENT], np.exp(padded(one(read), 7)[:7])[:, ABSENT]
    assert np.abs(before - after).max() <= 1 / 510 + 1e-6


@given(doubtful())
@CALM
def test_unpacked_rows_are_normalised(read: F32) -> None:
    assert np.exp(one(read)).sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("query", ["京A12345", "345", "粤B*88", "?A1*"])
def test_packed_readings_score_as_unpacked_ones(query: str) -> None:
    texts = ("京A12345", "粤BD12388", "K9XYZ")
    reads = [reading(text, sure=0.7, absent=0.1) for text in texts]
    rows = packed(np.stack([padded(r, 9 - len(r)) for r in reads]), [""] * 3, [""] * 3)
    pattern = parse_pattern(query)

    direct = LIKELIHOOD.llr(pattern, unpacked(rows))

    assert PackedLikelihood(LIKELIHOOD).llr(pattern, rows) == pytest.approx(direct, abs=1e-3)


@pytest.mark.parametrize("query", ["京A12345", "1234", "京?12*"])
@pytest.mark.parametrize("sure", [0.97, 0.7, 0.5])
def test_packing_moves_a_score_by_less_than_a_fifth_of_a_nat(query: str, sure: float) -> None:
    read, pattern = reading("京A12345", sure=sure), parse_pattern(query)
    before, after = (LIKELIHOOD.llr(pattern, rows[None])[0] for rows in (read, one(read)))
    assert before == pytest.approx(after, abs=0.2)


def test_of_eleven_positions_the_least_likely_to_exist_is_left_out() -> None:
    read = reading("ABCDEFGHJKL")
    read[3] = reading("D", absent=0.6)[0]

    assert likeliest_text(one(read)) == "ABCEFGHJKL"


def test_layout_and_colour_come_back() -> None:
    (row,) = packed(reading("A1")[None], ["cn_green"], ["green"])
    assert layout_and_colour(row) == ("cn_green", "green")


def test_what_nobody_knows_is_kept_as_unknown() -> None:
    (row,) = packed(reading("A1")[None], ["martian"], ["plaid"])
    assert layout_and_colour(row) == ("unknown", "")


def test_every_layout_and_ground_has_a_number() -> None:
    assert {layout.name for layout in LAYOUTS} <= set(LAYOUT_NAMES)
    assert {ground for one in LAYOUTS for ground, _ in one.colours} <= set(COLOUR_NAMES)


def test_a_reading_takes_82_bytes_of_which_eight_positions_take_66() -> None:
    assert (ROW_BYTES, ROW_BYTES - 2 * ROW_BYTES // POSITIONS) == (82, 66)


def test_a_reading_of_another_alphabet_is_refused() -> None:
    with pytest.raises(InvalidInput, match=rf"log_probs: want float32 \(N, P, {COLUMNS}\)"):
        packed(np.zeros((1, 7, 37), np.float32), [""], [""])


def test_layouts_of_another_number_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a layout and a colour for each of 1 readings"):
        packed(reading("A1")[None], [], [""])


def test_nothing_packed_is_nothing() -> None:
    empty = packed(np.zeros((0, 7, COLUMNS), np.float32), [], [])
    assert (empty.shape, unpacked(empty).shape) == ((0, ROW_BYTES), (0, 0, COLUMNS))
