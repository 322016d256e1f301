"""Plates from film to answer: widths, owners, shares."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.judging import TruthBoxes
from benchmarks.plate_city import (
    Ballots,
    K,
    Read,
    figures_of,
    noted_votes,
    reads_of,
    shown_actor,
    shown_width_px,
)
from benchmarks.thefts import CameraTruth
from core.arrays import F32
from core.clocks import NS
from core.types import ObjectClass, Tracklet
from detectors.plate_quality import ReadQuality
from detectors.plate_voting import PlateVoter, read_of_text
from scenes.city import plan_city
from scenes.plan import Placed
from scenes.views import View
from tests.builders import T0_NS, tracklet

PICTURES = 10


def truth(*boxes: tuple[int, int, tuple[float, float, float, float]]) -> CameraTruth:
    """Boxes as (picture, actor, xyxy), a picture a second."""
    columns = list(zip(*sorted(boxes), strict=True))
    return CameraTruth(
        1,
        (360, 640),
        TruthBoxes(
            np.array(columns[0], np.int64),
            np.array(columns[1], np.int64),
            np.full(len(boxes), int(ObjectClass.CAR), np.int32),
            np.array(columns[2], np.float32),
            np.ones(len(boxes), np.float32),
        ),
        T0_NS + np.arange(PICTURES) * NS,
    )


def seen(*looks: tuple[int, tuple[float, float, float, float]], tracklet_id: int = 5) -> Tracklet:
    """A tracklet by its looks at (picture, xyxy)."""
    numbers, boxes = zip(*looks, strict=True)
    xyxy: F32 = np.array(boxes, np.float32)
    return replace(
        tracklet(tracklet_id, class_id=ObjectClass.CAR),
        device_ns=T0_NS + np.array(numbers, np.int64) * NS,
        xyxy=xyxy,
        confidence=np.ones(len(xyxy), np.float32),
    )


BOX, AWAY = (10.0, 10.0, 60.0, 50.0), (300.0, 10.0, 350.0, 50.0)


def test_a_tracklet_shows_whom_most_of_its_looks_lie_on() -> None:
    told = truth((0, 1, BOX), (1, 1, BOX), (2, 2, AWAY))
    assert shown_actor([seen((0, BOX), (1, BOX), (2, AWAY))], told) == 1
    assert shown_actor([seen((0, AWAY), (1, AWAY), (2, AWAY))], told) == -1


def test_a_plate_counts_as_wide_as_it_was_while_the_tracklet_lasted() -> None:
    told = truth(*((number, 1, BOX) for number in range(PICTURES)))
    widths = {1: np.arange(PICTURES, dtype=np.float64) * 10}
    (read,) = reads_of([seen((2, BOX), (4, BOX))], told, widths, {1: "京A·12345"})
    assert (read.truth, read.wide_px) == ("京A12345", 40.0)


def test_who_has_no_plate_does_not_count() -> None:
    assert list(reads_of([seen((0, BOX))], truth((0, 1, BOX)), {}, {1: ""})) == []


def test_a_plate_that_turns_away_is_not_shown() -> None:
    city = plan_city(1000, cameras=1, seconds=30, theft=False)
    actor = next(leg.actor for leg in city.legs if leg.actor.vehicle and leg.actor.plate)
    view = View((0.0, 0.0, 4.0), 0.0, 0.2, 900.0, (720, 1280))
    comes, goes = (Placed(actor, (20.0, 0.0), turned, 0.0, 0.0, "stand") for turned in (np.pi, 1.6))
    assert 10 < shown_width_px(comes, view) < 60
    assert shown_width_px(goes, view) < 0.5 * shown_width_px(comes, view)


def test_votes_are_noted_with_the_best_and_the_surest_read() -> None:
    reads = [read_of_text(text, 0.9, device_ns=T0_NS + n) for n, text in enumerate(("A1", "A2"))]
    qualities = [ReadQuality(80.0), ReadQuality(20.0)]
    with noted_votes() as ballots:
        PlateVoter().vote(7, reads, qualities)
    told = ballots.of(Read(7, "A1", 80.0))
    assert told.best == "A1"
    assert told.surest in ("A1", "A2")
    assert ballots.of(Read(8, "A1", 80.0)).voted == ""


def test_shares_are_of_plates_wide_enough() -> None:
    reads = [
        Read(1, "A1", 80.0, "A1", "A2", "A1"),
        Read(2, "A2", 80.0, "A2", "A2", "A1"),
        Read(3, "A3", 30.0, "", "", ""),
        Read(4, "A4", 12.0, "", "", ""),
    ]
    figures = figures_of(reads, [0, 3, K, K])
    assert figures["plates.city.voted.exact"] == 1.0
    assert figures["plates.city.best.exact"] == 0.5
    assert figures["plates.city.voted.exact.n"] == 2
    assert figures["plates.city.read"] == pytest.approx(2 / 3)
    assert figures["plates.city.recall20"] == pytest.approx(2 / 3)
    assert figures["plates.city.recall1"] == pytest.approx(1 / 3)


def test_nothing_noted_leaves_a_read_as_it_is() -> None:
    assert Ballots({}, {}).of(Read(1, "A1", 9.0)) == Read(1, "A1", 9.0)
