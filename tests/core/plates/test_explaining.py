import numpy as np
import pytest

from core.errors import InvalidInput
from core.plates.alphabet import COLUMNS
from core.plates.explaining import Explanation, Outcome, explained
from core.plates.likelihood import PlateLikelihood
from core.plates.patterns import parse_pattern
from tests.core.plates.builders import padded, reading

LIKELIHOOD = PlateLikelihood()


def explain(query: str, read: str, *, void: int = 0) -> Explanation:
    return explained(LIKELIHOOD, parse_pattern(query), padded(reading(read), void))


def story(explanation: Explanation) -> str:
    """`1=1 2>5 3- +4 _5`: same, substituted, missing, extra, unasked."""
    mark = {
        Outcome.SAME: "{0.asked}={0.read}",
        Outcome.SUBSTITUTED: "{0.asked}>{0.read}",
        Outcome.MISSING: "{0.asked}-",
        Outcome.EXTRA: "+{0.read}",
        Outcome.UNASKED: "{0.asked}_{0.read}",
    }
    return " ".join(mark[sign.outcome].format(sign) for sign in explanation.signs)


@pytest.mark.parametrize(
    ("query", "read", "told"),
    [
        ("京A12B45", "京A12B45", "京=京 A=A 1=1 2=2 B=B 4=4 5=5"),
        ("京A12B45", "京A12845", "京=京 A=A 1=1 2=2 B>8 4=4 5=5"),
        ("京A12345", "京A1245", "京=京 A=A 1=1 2=2 3- 4=4 5=5"),
        ("京A12345", "京A129345", "京=京 A=A 1=1 2=2 +9 3=3 4=4 5=5"),
        ("京A?2345", "京A12345", "京=京 A=A ?_1 2=2 3=3 4=4 5=5"),
        ("345", "京A12345", "_京 _A _1 _2 3=3 4=4 5=5"),
        ("京*5", "京A12345", "京=京 _A _1 _2 _3 _4 5=5"),
        ("*A1", "京A1", "_京 A=A 1=1"),
    ],
)
def test_explained_tells_each_sign(query: str, read: str, told: str) -> None:
    assert story(explain(query, read)) == told


def test_explained_leaves_void_positions_out() -> None:
    assert story(explain("A1*", "A12", void=3)) == "A=A 1=1 _2"


def test_explained_gives_the_readers_own_chance_of_the_asked_sign() -> None:
    signs = explain("京A12B45", "京A12845").signs
    assert signs[0].chance == pytest.approx(0.97, abs=1e-4)
    assert signs[4].chance == pytest.approx(0.03 / (COLUMNS - 2), rel=1e-3)
    assert signs[4].position == 4
    assert signs[0].llr > 0 > signs[4].llr


def test_explained_gives_a_missing_sign_no_position() -> None:
    missing = explain("京A12345", "京A1245").signs[4]
    assert (missing.asked, missing.read, missing.position, missing.chance) == ("3", "", -1, 0.0)
    assert missing.llr == pytest.approx(np.log(LIKELIHOOD.confusion.missing))


def test_explained_llr_is_that_of_the_search() -> None:
    score = LIKELIHOOD.llr(parse_pattern("京A12345"), reading("京A12845")[None])[0]
    assert explain("京A12345", "京A12845").llr == pytest.approx(score, rel=1e-6)


def test_explained_of_no_position_is_refused() -> None:
    with pytest.raises(InvalidInput, match="want at least one position"):
        explained(LIKELIHOOD, parse_pattern("A1"), reading(""))
