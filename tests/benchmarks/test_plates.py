"""The benchmark of plate search, small; its noise, its plates, its rivals."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import plates
from benchmarks.plate_fleet import HOME, LONGEST, Witness, draw_fleet, plate_keys
from benchmarks.plate_noise import NoiseLevel, PlateNoise, load_plate_noise
from benchmarks.plate_rivals import edit_distances, expected_recall, likeliest_signs
from core.arrays import F32, I64, U8
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, index_of, text_of
from core.plates.confusion import default_confusion, save_confusion
from core.plates.layouts import LAYOUTS, fits
from core.plates.patterns import parse_pattern
from tests.core.plates.builders import reading

SIGNS = st.text("01AB", min_size=1, max_size=8)


def columns(text: str, length: int) -> I64:
    padded = np.full(length, ABSENT, np.int64)
    padded[: len(text)] = index_of(text)
    return padded


def same(text: str, count: int) -> I64:
    return np.repeat(columns(text, 8)[None], count, axis=0)


# --- the whole run -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The figures of one small run."""
    folder = tmp_path_factory.mktemp("plates")
    written = folder / "plates.json"
    size = ["--reads", "3000", "--cameras", "5", "--hours", "2", "--queries", "8"]
    with pytest.MonkeyPatch.context() as patch:
        command = ["plates", "--json", str(written), *size, "--folder", str(folder / "work")]
        patch.setattr(sys, "argv", command)
        plates.main()
    found: dict[str, float] = json.loads(written.read_text("utf-8"))["figures"]
    return found


@pytest.mark.parametrize("kind", ["", ".exact", ".fuzzy", ".fragment"])
def test_report_has_the_times_of_each_kind_of_query(figures: dict[str, float], kind: str) -> None:
    prefix = f"plates.search{kind}"
    assert 0 < figures[f"{prefix}.p50_ms"] <= figures[f"{prefix}.p99_ms"]


def test_report_has_recalls_beside_those_of_its_rivals(figures: dict[str, float]) -> None:
    assert figures["plates.search.recall20"] >= figures["plates.search.recall1"] > 0
    assert 0 <= figures["plates.exact_match.recall20"] <= figures["plates.edit_distance.recall20"]


def test_report_says_what_narrowing_loses_and_what_was_kept(figures: dict[str, float]) -> None:
    assert 0 < figures["plates.narrowing.kept20"] <= 1
    assert figures["plates.ingest.reads_per_s"] > 0
    assert figures["plates.disk_bytes_per_read"] > 0
    assert figures["plates.reads"] == 3000


# --- noise -------------------------------------------------------------------------------------


def read_signs(noise: PlateNoise, text: str, count: int) -> U8:
    return likeliest_signs(noise.read(same(text, count)), 10)


def slips_only() -> NoiseLevel:
    return NoiseLevel(spread=0.0, boast=1.0, void=0.0)


def test_noise_takes_signs_for_others_as_often_as_its_confusion_says() -> None:
    confusion = default_confusion()
    noise = PlateNoise(confusion, slips_only(), seed=1)

    read = read_signs(noise, "0", 40_000)
    whole = read[(read != ABSENT).sum(axis=1) == 1, 0]

    assert (whole != 0).mean() == pytest.approx(1 - confusion.seen_given_true[0, 0], rel=0.2)
    assert np.bincount(whole[whole != 0]).argmax() in index_of("OD")


def test_noise_misses_and_doubles_signs_at_its_rates() -> None:
    confusion = default_confusion()
    read = read_signs(PlateNoise(confusion, slips_only(), seed=2), "A", 40_000)
    lengths = (read != ABSENT).sum(axis=1)
    assert (lengths == 0).mean() == pytest.approx(confusion.missing, rel=0.2)
    assert (lengths == 2).mean() == pytest.approx(confusion.extra, rel=0.2)


def test_a_reader_that_does_not_boast_is_right_as_often_as_it_says() -> None:
    noise = PlateNoise(default_confusion(), slips_only(), seed=3)
    read = noise.read(same("B", 40_000))[:, 0]
    stated, right = np.exp(read.max(axis=1)), read.argmax(axis=1) == index_of("B")[0]
    doubtful = (stated > 0.5) & (stated < 0.9)
    assert right[doubtful].mean() == pytest.approx(stated[doubtful].mean(), abs=0.1)


def test_noise_of_the_same_seed_is_the_same() -> None:
    first, second = (load_plate_noise(None, 5).read(same("A1", 50)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_noise_gives_normalised_readings() -> None:
    read = load_plate_noise(None, 6).read(same("京A12345", 100))
    assert np.exp(read).sum(axis=2) == pytest.approx(1, abs=1e-4)


def test_noise_is_read_from_a_file_beside_its_confusion(tmp_path: Path) -> None:
    save_confusion(default_confusion(), tmp_path / "reader.json")
    described = {"confusion": "reader.json", "boast": 2.0}
    (tmp_path / "noise.json").write_text(json.dumps(described), "utf-8")

    noise = load_plate_noise(tmp_path / "noise.json", 5)

    assert noise.confusion.missing == default_confusion().missing


@pytest.mark.parametrize("content", ["", "[]", '{"loudness": 3}'])
def test_a_file_that_describes_no_noise_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "noise.json").write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match="want a description of noise"):
        load_plate_noise(tmp_path / "noise.json", 5)


# --- plates and queries ------------------------------------------------------------------------


def test_a_fleet_follows_the_layouts_and_is_mostly_at_home() -> None:
    fleet = draw_fleet(2000, np.random.default_rng(1))
    texts = [text_of(plate) for plate in fleet.plates]
    named = zip(texts, (LAYOUTS[row] for row in fleet.layout.tolist()), strict=True)
    assert all(any(fits(text, form) for form in layout.forms) for text, layout in named)
    blue = [text for text, name in zip(texts, fleet.layout_names, strict=True) if name == "cn_blue"]
    assert sum(text.startswith(HOME) for text in blue) / len(blue) == pytest.approx(0.85, abs=0.05)


def test_keys_tell_plates_apart() -> None:
    some = np.stack([columns("A1", LONGEST), columns("1A", LONGEST), columns("A1", LONGEST)])
    first, second, third = plate_keys(some).tolist()
    assert first == third != second


@pytest.mark.parametrize("kind", ["exact", "fuzzy", "fragment"])
def test_a_witness_asks_what_can_be_parsed(kind: str) -> None:
    witness = Witness(default_confusion(), 1)
    for plate in draw_fleet(200, np.random.default_rng(2)).plates:
        parse_pattern(witness.asks(kind, plate))


# --- rivals ------------------------------------------------------------------------------------


def by_hand(first: str, second: str) -> int:
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, 1):
        last, row = row, [i]
        for j, other in enumerate(second, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (one != other)))
    return row[-1]


@given(SIGNS, st.lists(SIGNS, min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_edit_distances_are_those_by_hand(query: str, texts: list[str]) -> None:
    rows = np.stack([columns(text, 10) for text in texts]).astype(np.uint8)
    wanted = [by_hand(query, text) for text in texts]
    assert edit_distances(index_of(query), rows).tolist() == wanted


def test_likeliest_signs_leave_void_positions_out() -> None:
    read: F32 = reading("A1X2")
    read[2] = reading("X", absent=0.9)[0]
    assert text_of(likeliest_signs(read[None], 8)[0]) == "A12"


@pytest.mark.parametrize(
    ("distances", "true", "k", "wanted"),
    [
        ([0, 1, 2], [0], 1, 1.0),
        ([0, 1, 2], [2], 2, 0.0),
        ([1, 1, 1, 1], [0], 1, 0.25),
        ([1, 1, 1, 1], [0, 1], 2, 1 - (2 / 4) * (1 / 3)),
        ([0, 1, 1], [1], 2, 0.5),
    ],
)
def test_expected_recall_averages_over_the_order_of_ties(
    distances: list[int], true: list[int], k: int, wanted: float
) -> None:
    found = expected_recall(
        np.array(distances, np.uint8), np.isin(np.arange(len(distances)), true), k
    )
    assert found == pytest.approx(wanted)


def test_exact_match_finds_nothing_else() -> None:
    near = np.array([1, 2], np.uint8)
    assert expected_recall(near, np.array([True, False]), 20, at_most=0) == 0.0
