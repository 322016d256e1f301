"""The measures of hardness, on material of known hardness."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.hardness import BOUNDS, box_figures, broken_bounds, rank_figures
from benchmarks.histogram import HISTOGRAM_SPEC, HistogramEmbedder
from benchmarks.judging import TruthBoxes
from benchmarks.passages import Album
from benchmarks.staged import truth_of
from core.errors import InvalidInput
from ingest.surface import HostSurface
from scenes.city import City, plan_city
from scenes.film import FPS, frames

RED, BLUE = (220, 20, 20), (20, 20, 220)


def boxes(*heights: float, visible: tuple[float, ...] = ()) -> TruthBoxes:
    count = len(heights)
    return TruthBoxes(
        np.arange(count),
        np.arange(count),
        np.zeros(count, np.int32),
        np.array([[0, 0, 20, height] for height in heights], np.float32),
        np.array(visible or [1.0] * count, np.float32),
    )


def test_small_share_is_of_the_boxes_that_count() -> None:
    figures = box_figures([boxes(20, 30, 59, 60), boxes(100, 30, visible=(1, 0.1))])
    assert figures["hardness.boxes"] == 4
    assert figures["hardness.small"] == pytest.approx(2 / 4)


def test_partly_hidden_share_is_of_the_boxes_that_count() -> None:
    figures = box_figures([boxes(80, 80, 80, 80, visible=(0.2, 0.3, 0.7, 1))])
    assert figures["hardness.partly_hidden"] == pytest.approx(1 / 3)


def test_boxes_of_nothing_are_no_figure() -> None:
    assert box_figures([]) == {}


def test_bounds_name_the_figures_outside() -> None:
    good = {"hardness.small": 0.4, "hardness.colour_histogram.rank1": 0.5}
    assert broken_bounds(good) == {}
    assert broken_bounds(good | {"hardness.small": 0.3}) == {"hardness.small": 0.3}


def test_every_bound_is_of_a_share() -> None:
    assert all(0 <= bound.least <= bound.most <= 1 for bound in BOUNDS.values())


# --- the histogram -----------------------------------------------------------------------------


def crops(*colours: tuple[int, int, int]) -> np.ndarray:
    height, width = HISTOGRAM_SPEC.input_hw
    rows = np.array(colours, np.uint8).reshape(-1, 3, 1, 1)
    return np.broadcast_to(rows, (len(colours), 3, height, width)).copy()


def test_histogram_tells_colours_apart() -> None:
    vectors = HistogramEmbedder().embed(crops(RED, BLUE, RED))
    assert vectors[0] @ vectors[2] == pytest.approx(1)
    assert vectors[0] @ vectors[1] == pytest.approx(0)


def test_histogram_does_not_see_where_a_colour_is() -> None:
    upper = crops(RED)
    upper[:, :, 48:] = np.array(BLUE, np.uint8).reshape(1, 3, 1, 1)
    lower = upper[:, :, ::-1].copy()
    first, second = HistogramEmbedder().embed(np.concatenate([upper, lower]))
    assert first @ second == pytest.approx(1)


def test_histogram_of_nothing_is_empty() -> None:
    assert HistogramEmbedder().embed(crops()).shape == (0, HISTOGRAM_SPEC.dim)


def test_histogram_refuses_crops_of_another_size() -> None:
    with pytest.raises(InvalidInput, match="crops: want uint8"):
        HistogramEmbedder().embed(np.zeros((1, 3, 10, 10), np.uint8))


# --- ranks -------------------------------------------------------------------------------------


def shot(colour: tuple[int, int, int]) -> bytes:
    return HostSurface.of_rgb(np.full((96, 48, 3), colour, np.uint8)).jpeg()


def test_rank_figures_count_the_queries_of_all_cities() -> None:
    city = Album(
        np.array([1, 1, 2]), np.array([0, 1, 1]), ((shot(RED),), (shot(RED),), (shot(BLUE),))
    )
    figures = rank_figures([city, city], {"colour_histogram": HistogramEmbedder()})
    assert figures["hardness.colour_histogram.rank1"] == 1
    assert figures["hardness.colour_histogram.rank1.n"] == 4


def test_rank_figures_of_no_passage_are_none() -> None:
    empty = Album(np.empty(0, np.int64), np.empty(0, np.int64), ())
    assert rank_figures([empty], {"colour_histogram": HistogramEmbedder()}) == {}


# --- the city itself ---------------------------------------------------------------------------

RESULTS = Path(__file__).parents[2] / "benchmarks/results/hardness.json"


@pytest.mark.slow
def test_boxes_of_unseen_cities_are_as_small_and_hidden_as_frozen() -> None:
    cities = [plan_city(seed, cameras=5, seconds=75) for seed in (1000, 1003)]
    boxes = [boxes for city in cities for boxes in sparse_boxes(city)]
    assert broken_bounds(box_figures(boxes)) == {}


def test_kept_figures_of_the_city_lie_within_the_bounds() -> None:
    figures = json.loads(RESULTS.read_text())["figures"]
    assert set(BOUNDS) <= set(figures)
    assert broken_bounds(figures) == {}


def sparse_boxes(city: City) -> Iterator[TruthBoxes]:
    """Every seventh second of each camera."""
    numbers = range(20, round(city.seconds * FPS), 70)
    for camera in city.cameras:
        yield truth_of(
            {
                number: exposure.boxes
                for number in numbers
                for exposure in frames(city, camera.row, number, 1)
            }
        )
