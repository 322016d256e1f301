"""The noise of plate reads, learned from reads of known plates."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from benchmarks.plate_slips import boast, clustered, scaled, slips
from core.arrays import F32
from core.plates.alphabet import index_of
from core.plates.confusion import default_confusion
from tests.core.plates.builders import reading

TEXTS = ["A12345", "B80808", "A12B45", "Z99999"]


def test_what_is_read_right_is_seen_as_it_is() -> None:
    confusion, _ = slips([reading(text) for text in TEXTS * 50], TEXTS * 50)
    one = int(index_of("1")[0])
    assert confusion.seen_given_true[one, one] > 0.97


def test_what_is_taken_for_another_is_counted() -> None:
    confusion, _ = slips([reading(text.replace("B", "8")) for text in TEXTS * 50], TEXTS * 50)
    b, eight = index_of("B8").tolist()
    assert confusion.seen_given_true[b, eight] > 0.5


@pytest.mark.parametrize("true_boast", [1.0, 2.0])
def test_boast_is_how_much_surer_a_reader_is_than_it_should_be(true_boast: float) -> None:
    rng = np.random.default_rng(3)
    logits = 3 * rng.standard_normal((4000, 5))
    chances = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    signs = (rng.random((4000, 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(0, 4)
    stated = true_boast * np.log(chances)
    stated -= np.logaddexp.reduce(stated, axis=1, keepdims=True)
    assert boast(stated, signs) == pytest.approx(true_boast, abs=0.12)


def test_without_a_read_as_long_as_its_plate_nothing_is_said_of_boasting() -> None:
    short: list[F32] = [reading("A1")]
    _, level = slips(short, ["A12"])
    assert level.boast == 1.0


def test_doubt_about_a_sign_that_is_there_is_measured() -> None:
    _, level = slips([reading(text, absent=0.1) for text in TEXTS], TEXTS)
    assert level.void == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(("error", "exact"), [(0.1, 0.58), (0.03, 0.85), (0.2, 0.33)])
def test_slips_that_come_together_spoil_fewer_plates(error: float, exact: float) -> None:
    middling, spread = clustered(error, exact, 7)
    rng = np.random.default_rng(1)
    quality = np.exp(spread * rng.standard_normal(40_000))
    wrong = rng.random((40_000, 7)) < ndtr(quality * ndtri(middling))[:, None]
    assert wrong.mean() == pytest.approx(error, abs=0.01)
    assert (~wrong).all(axis=1).mean() == pytest.approx(exact, abs=0.02)


def test_slips_by_chance_alone_have_the_least_spread() -> None:
    assert clustered(0.1, 0.9**7, 7)[1] == pytest.approx(0.05, abs=0.02)
    assert clustered(0.0, 1.0, 7) == (0.0, 0.05)


def test_a_scaled_confusion_slips_as_much_less() -> None:
    whole, half = default_confusion(), scaled(default_confusion(), 0.5)
    slips_of = [1 - np.diag(one.seen_given_true) for one in (whole, half)]
    assert slips_of[1] == pytest.approx(slips_of[0] / 2)
