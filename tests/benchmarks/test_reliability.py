"""Reliability: bins, losses and the picture."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from benchmarks.reliability import Claims, drawn, wilson
from core.errors import InvalidInput


def claims(*pairs: tuple[float, bool]) -> Claims:
    stated, true = zip(*pairs, strict=True)
    return Claims(np.array(stated, np.float64), np.array(true, np.bool_))


def honest(count: int = 20000) -> Claims:
    """Claims that come true as often as they say."""
    rng = np.random.default_rng(1)
    stated = rng.beta(0.3, 1.2, count)
    return Claims(stated, rng.random(count) < stated)


def test_bins_hold_each_claim_once() -> None:
    found = claims((0.0, False), (0.05, False), (0.05, True), (1.0, True)).bins()

    assert [(one.count, one.true) for one in found] == [(1, 0.0), (2, 0.5), (1, 1.0)]


def test_honest_claims_come_true_in_every_bin() -> None:
    for one in honest().bins():
        low, high = one.interval
        assert low - 0.01 <= one.stated <= high + 0.01


def test_honest_claims_lose_less_than_those_made_too_strong() -> None:
    right = honest()
    odds = np.log(right.stated / (1 - right.stated))
    strong = Claims(1 / (1 + np.exp(-3 * odds)), right.true)

    good, bad = right.figures("p"), strong.figures("p")

    assert good["p.loss"] < bad["p.loss"]
    assert good["p.cllr"] < bad["p.cllr"]
    assert good["p.ece"] < 0.01 < bad["p.ece"]


def test_honest_claims_say_more_than_the_share_of_true_ones() -> None:
    found = honest().figures("p")

    assert found["p.loss"] < found["p.base_loss"]
    assert found["p.cllr"] == pytest.approx(found["p.min_cllr"], abs=0.05)


def test_claims_of_one_kind_have_no_loss_to_tell() -> None:
    assert claims((0.2, False), (0.4, False)).figures("p") == {"p.n": 2}


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(InvalidInput, match="probabilities of 0 to 1"):
        claims((1.2, True))


def test_interval_of_few_is_wide_and_inside() -> None:
    low, high = wilson(0, 5)

    assert low == 0.0
    assert high == pytest.approx(0.434, abs=0.001)  # z^2 / (n + z^2)


def test_picture_is_well_formed_and_marks_each_bin() -> None:
    text = drawn(claims((0.02, False), (0.8, True)), "a < b")
    picture = ElementTree.fromstring(text)  # noqa: S314  (our own)

    marks = picture.findall(".//{http://www.w3.org/2000/svg}circle")
    assert len(marks) == 2
    assert picture.attrib["aria-label"] == "a < b"
