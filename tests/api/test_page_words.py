"""The words of the page cover what the service can say, in both languages: names and sentences."""

import re
from pathlib import Path

import pytest

from cases import plates, proposal
from cases.transit import Transit
from core.types import Family, ObjectClass
from reid.colours import Colour
from tests.cases.test_transit import graph, judge

WEB = Path(__file__).parents[2] / "api" / "web"
LANGUAGES = ("en", "zh")
STANDINGS = ("in_scope", "down", "outside")


def keys(language: str) -> set[str]:
    """Every key that has words in the language."""
    texts = (path.read_text("utf-8") for path in (WEB / "words" / language).glob("*.js"))
    return {key for text in texts for key in re.findall(r'^\s*"([\w.-]+)":', text, re.MULTILINE)}


def sentences() -> dict[str, re.Pattern[str]]:
    """The English sentences that the page knows, by the key of their words."""
    source = (WEB / "lib" / "told.js").read_text("utf-8")
    found = re.findall(r'^\s*\["(\w+)", /(\^.+\$)/', source, re.MULTILINE)
    return {key: re.compile(pattern.replace(r"\/", "/")) for key, pattern in found}


def known_as(text: str) -> list[str]:
    return [key for key, pattern in sentences().items() if pattern.fullmatch(text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_names_every_colour_class_family_and_standing(language: str) -> None:
    wanted = {f"colour.{one.value}" for one in Colour}
    wanted |= {f"candidates.class.{one.label}" for one in ObjectClass}
    wanted |= {f"told.{one.value}" for one in Family}
    wanted |= {f"trajectory.standing.{one}" for one in STANDINGS}
    assert wanted - keys(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_words_for_every_sentence_that_it_knows(language: str) -> None:
    assert {f"told.{key}" for key in sentences()} - keys(language) == set()


def test_page_offers_the_colours_that_the_service_names() -> None:
    source = (WEB / "views" / "candidates" / "filters.js").read_text("utf-8")
    (listed,) = re.findall(r"COLOURS = \[(.*?)\]", source, re.DOTALL)
    assert set(re.findall(r'"(\w+)"', listed)) == {one.value for one in Colour}


@pytest.mark.parametrize(
    "note",
    [
        plates.NO_PLATE,
        plates.NOT_ALIKE,
        proposal.PUSHED,
        proposal.NOT_COMPARED,
        proposal.LIKE_CONFIRMED.format(912431451704659968),
    ],
)
def test_page_knows_every_note_of_a_candidate(note: str) -> None:
    assert len(known_as(note)) == 1


BOTH_WAYS = [(1, 2, 410.0), (2, 1, 410.0)]


@pytest.mark.parametrize(
    ("gap_s", "sigma_s", "key"),
    [
        (10.0, 0.0, "tooFast"),
        (10.0, 0.5, "tooFast"),
        (300.0, 0.0, "usual"),
        (300.0, 0.5, "usual"),
        (9000.0, 0.0, "tooSlow"),
        (-1.0, 100.0, "atOnce"),
    ],
)
def test_page_knows_how_a_hop_is_judged(gap_s: float, sigma_s: float, key: str) -> None:
    assert known_as(judge(BOTH_WAYS, gap_s, sigma_s=sigma_s).why) == [key]


def test_page_knows_a_hop_inside_one_view() -> None:
    transit = Transit.of(graph([]), {})
    for sigma_s in (0.0, 0.5):
        why = transit.judge(1, 1, 2.0, families=["person"], sigma_s=sigma_s).why
        assert known_as(why) == ["sameCamera"]


def test_page_knows_a_hop_that_cannot_be_judged() -> None:
    assert known_as(judge([], 10.0).why) == ["noRoad"]
