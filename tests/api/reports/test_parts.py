"""The parts that reports are made of: words, sentences, times, lines of text, the map, the font."""

import hashlib
import re
import string
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from api.reports import press
from api.reports.closing import ranges
from api.reports.drawing import drawn
from api.reports.telling import Telling
from api.reports.times import local, utc, zone_of
from api.reports.typesetting import lines_of, showable
from api.reports.words import WORDS
from api.reports.words.sentences import in_chinese
from cases.coverage import NEVER, NO_CAMERA, NO_TIME
from cases.report_content import LackKind, Person, RoadMap
from cases.transit import Transit
from core.errors import InvalidInput
from core.types import ActivityKind, Camera, CameraGraph, ClockSource, Family, ObjectClass, Verdict
from tests.api.reports.sample import places
from tests.builders import T0_NS

FONTS = Path(press.__file__).with_name("fonts")


# --- words ---------------------------------------------------------------------------------------


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    zh, en = WORDS["zh"], WORDS["en"]
    assert set(zh) == set(en)
    assert {key for key in zh if blanks(zh[key]) != blanks(en[key])} == set()


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("lack", [kind.value for kind in LackKind]),
        ("verdict", [verdict.value for verdict in Verdict]),
        ("clock", [source.value for source in ClockSource]),
        ("family", [family.value for family in Family]),
        ("class", [one.label for one in ObjectClass]),
        ("state", ["requested", "active", "rejected", "closed"]),
        ("why", [NEVER, NO_CAMERA, NO_TIME]),
        ("why", [kind.value for kind in ActivityKind if kind is not ActivityKind.ANALYSED]),
        ("scene.origin", ["upload", "frame", "shot"]),
    ],
)
def test_every_fixed_word_has_its_words(prefix: str, words: list[str]) -> None:
    assert [word for word in words if f"{prefix}.{word}" not in WORDS["zh"]] == []


def test_no_word_is_left_over() -> None:
    folder = Path(press.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    source += (folder.parent / "commands" / "report.py").read_text("utf-8")
    dynamic = re.compile(
        r"^(lack|state|scene\.origin|kind|clock|evidence|family|class|standing|why|verdict|task"
        r"|way|rivals|decisions|searches|models|audit|papers)\."
    )
    named = set(re.findall(r"""["']([a-z_0-9.]+)["']""", source))
    unused = [key for key in WORDS["en"] if not dynamic.match(key) and key not in named]
    assert unused == []


# --- the engine's sentences ----------------------------------------------------------------------


def cameras() -> dict[int, Camera]:
    placed = {1: (116.30, 39.9), 2: (116.3010, 39.9), 3: (116.33, 39.9), 4: None, 5: (116.3, 39.9)}
    return {i: Camera(i, f"camera {i}", lon_lat_deg=at) for i, at in placed.items()}


@pytest.mark.parametrize(
    ("start", "end", "gap_s", "sigma_s"),
    [
        (1, 2, 60.0, 0.0),
        (1, 2, 60.0, 0.5),
        (1, 3, 5.0, 0.0),
        (1, 3, 5.0, 0.7),
        (1, 2, 9000.0, 0.0),
        (1, 2, 0.0, 0.5),
        (1, 4, 60.0, 0.0),
        (1, 1, 60.0, 0.0),
        (1, 1, 60.0, 0.5),
        (1, 5, -1.0, 0.0),
    ],
)
@pytest.mark.parametrize("families", [("person",), ("person", "rider"), ("vehicle",)])
def test_whatever_transit_says_is_said_in_chinese(
    start: int, end: int, gap_s: float, sigma_s: float, families: tuple[str, ...]
) -> None:
    none = CameraGraph(np.empty(0, np.int64), np.empty((0, 2), np.int32), np.empty(0, np.float32))
    transit = Transit.of(none, cameras())
    why = transit.judge(start, end, gap_s, families=families, sigma_s=sigma_s).why
    said = in_chinese(why)
    assert not re.search(r"[A-Za-z]", said), (why, said)
    numbers = re.findall(r"\d+(?:\.\d+)?", why)
    assert re.findall(r"\d+(?:\.\d+)?", said) == numbers


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("person to vehicle", "行人转车辆"),
        (
            "Gate 1 to Gate 2: unseen for 612 s from 2026-05-04T07:05:31.500Z",
            "Gate 1至Gate 2：自 2026-05-04T07:05:31.500Z 起 612 秒未见",  # noqa: RUF001
        ),
        ("something nobody thought of", "something nobody thought of"),
    ],
)
def test_sentence_is_turned_or_left_as_it_is(sentence: str, said: str) -> None:
    assert in_chinese(sentence) == said


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("+08:00", "2026-05-04 15:00:00.000 +08:00"),
        ("-0330", "2026-05-04 03:30:00.000 -03:30"),
        ("UTC", "2026-05-04 07:00:00.000 +00:00"),
        ("", "2026-05-04 07:00:00.000 +00:00"),
    ],
)
def test_instant_is_said_in_its_zone(zone: str, said: str) -> None:
    assert local(T0_NS, zone_of(zone)) == said


def test_utc_keeps_milliseconds() -> None:
    assert utc(T0_NS + 120_999_999) == "2026-05-04 07:00:00.120 UTC"


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc/passwd", "+99:00", "+8"])
def test_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="zone: want"):
        zone_of(zone)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4.2, "4.2 s"), (42.4, "42 s"), (192.0, "3 min 12 s"), (3900.0, "1 h 05 min")],
)
def test_length_of_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert Telling("en", zone_of("UTC"), {}).seconds(seconds) == said


def test_person_without_more_is_just_the_name() -> None:
    say = Telling("en", zone_of("UTC"), {})
    assert say.person(Person(1, "ann", "", "")) == "ann"
    assert say.person(Person(1, "ann", "Ann Li", "Precinct 1")) == "Ann Li (ann, Precinct 1)"


# --- lines of text -------------------------------------------------------------------------------


def by_letters(text: str) -> float:
    """Chinese letters are two wide."""
    return sum(2.0 if letter >= "\u2e80" else 1.0 for letter in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two three", ["one two", "three"]),
        ("案件报告编号", ["案件报告", "编号"]),
        ("看见 ann 在此", ["看见 ann", "在此"]),
        ("0123456789abc", ["01234567", "89abc"]),
        ("案件报告。编号", ["案件报", "告。编号"]),  # a line begins with no full stop
        ("案件报（编号", ["案件报", "（编号"]),  # noqa: RUF001  (and ends with no bracket)
    ],
)
def test_line_breaks_where_it_may(text: str, lines: list[str]) -> None:
    assert lines_of(text, 8.0, by_letters) == lines


def test_no_line_is_too_wide_and_nothing_is_lost() -> None:
    text = "自 2026-05-04 07:05:31 起，Upper Way 1 至 Ember Lane 2：312 秒未见（路口三）。" * 9  # noqa: RUF001
    for width in (9.0, 14.0, 33.0):
        lines = lines_of(text, width, by_letters)
        assert max(map(by_letters, lines)) <= width + 2  # a stop may hang over by itself
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_unknown_character_is_named_and_blanks_are_one() -> None:
    assert showable("a\n\tb\u20bbz", {ord(x) for x in "ab z"}) == "a b[U+20BB]z"


# --- numbers, the map ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seqs", "said"),
    [((), ""), ((3,), "3"), ((1, 2, 3, 7, 9, 10), "1-3, 7, 9-10")],
)
def test_numbers_are_said_as_runs(seqs: tuple[int, ...], said: str) -> None:
    assert ranges(seqs) == said


def test_many_runs_are_cut_with_the_last_one_kept() -> None:
    assert ranges(tuple(range(0, 400, 2)), most=3) == "0, 2, 4, ..., 398"


def test_map_puts_north_up_and_the_way_inside() -> None:
    spots = places()
    drawing = drawn(RoadMap(tuple(spots.values()), ((1, 2),)), [1, 2, 3, 1], [True, False, True])
    assert drawing is not None
    seen = {dot.label: dot for dot in drawing.dots if dot.number}
    assert [seen[spots[i].name].numbers for i in (1, 2, 3)] == ["1, 4", "2", "3"]
    for dot in seen.values():
        assert 0.05 < dot.at[0] < 0.95
        assert 0.05 < dot.at[1] < drawing.height - 0.05
    north, south = seen[spots[2].name], seen[spots[3].name]
    assert north.at[1] < south.at[1]  # y grows downwards
    assert [fits for _, _, fits in drawing.way] == [True, False, True]


def test_map_has_its_scale_right() -> None:
    drawing = drawn(RoadMap(tuple(places().values()), ()), [1, 3], [True])
    assert drawing is not None
    ends = [dot.at for dot in drawing.dots if dot.number]
    width = ((ends[0][0] - ends[1][0]) ** 2 + (ends[0][1] - ends[1][1]) ** 2) ** 0.5
    metres = width / drawing.scale_width * drawing.scale_m
    assert metres == pytest.approx(291.0, abs=2.0)  # 0.0032 deg east at 39.9 N, 0.0009 deg south


def test_map_of_cameras_without_a_place_is_none() -> None:
    assert drawn(RoadMap((), ()), [1, 2], [True]) is None


# --- the font ------------------------------------------------------------------------------------


def test_font_is_the_one_that_is_listed_with_its_licence() -> None:
    listed = (FONTS / "LICENCES.md").read_text("utf-8")
    for name in ("noto-sans-sc-gbk.woff", "OFL.txt"):
        digest = hashlib.sha256((FONTS / name).read_bytes()).hexdigest()
        assert f"| {name} |" in listed
        assert digest in listed
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text("utf-8")


def test_font_has_every_character_of_the_words_and_of_gbk() -> None:
    with TTFont(press.FONT, lazy=True) as font:
        known = set(font.getBestCmap())
    words = "".join("".join(table.values()) for table in WORDS.values())
    assert {letter for letter in words if ord(letter) not in known} == set()
    for name in ("喆", "堃", "镕", "珺", "玥", "昇", "龢"):  # rare in texts, not in names
        assert ord(name) in known
