"""How a way is scored against the true one, and what the truth answers when it is asked."""

import numpy as np
import pytest

from benchmarks.judging import TruthBoxes
from benchmarks.thefts import CameraTruth, Visit, visits_of, way_score
from core.types import Family, ObjectClass, Tracklet
from scenes.theft import Appearance

TENTH = 100_000_000
THIEF, EBIKE, OTHER = 1, 2, 3


def visits(*cameras: int) -> list[Visit]:
    """Five seconds in each camera, one every ten."""
    return [Visit(camera, 10.0 * row, 10.0 * row + 5) for row, camera in enumerate(cameras)]


def test_way_as_it_was_is_right() -> None:
    score = way_score(visits(0, 1, 2), visits(0, 1, 2))
    assert (score.precision, score.recall, score.order) == (1, 1, 1)


def test_missed_visit_costs_both_of_its_hops() -> None:
    true = visits(0, 1, 2, 3)
    score = way_score(true, [true[0], true[2], true[3]])
    assert (score.laid, score.true, score.right) == (2, 3, 1)


def test_false_visit_breaks_the_hop_it_stands_in() -> None:
    true = visits(0, 1, 2)
    score = way_score(true, [true[0], Visit(7, 6, 8), true[1], true[2]])
    assert (score.laid, score.true, score.right) == (3, 2, 1)


def test_two_sightings_of_one_visit_are_no_hop() -> None:
    true = visits(0, 1)
    score = way_score(true, [Visit(0, 0, 2), Visit(0, 3, 5), true[1]])
    assert (score.precision, score.recall) == (1, 1)


def test_swapped_visits_are_out_of_order() -> None:
    true = visits(0, 1, 2)
    score = way_score(true, [true[1], true[0], true[2]])
    assert score.right == 0
    assert score.order == pytest.approx(2 / 3)


def test_sighting_at_another_time_is_no_visit() -> None:
    true = visits(0, 1)
    assert way_score(true, [true[0], Visit(1, 50, 55)]).right == 0


def test_nothing_laid_out_recalls_nothing() -> None:
    score = way_score(visits(0, 1), [])
    assert (score.precision, score.recall, score.order) == (0, 0, 1)


def appearance(camera: int, in_s: float, out_s: float, actor: int = THIEF) -> Appearance:
    return Appearance(camera, in_s, out_s, "walk", actor)


def test_mounting_in_view_is_one_visit() -> None:
    ridden = [appearance(0, 0, 4), appearance(0, 4, 9, EBIKE), appearance(2, 20, 30, EBIKE)]
    assert visits_of(ridden) == [Visit(0, 0, 9), Visit(2, 20, 30)]


def test_return_to_a_camera_is_another_visit() -> None:
    there_and_back = [appearance(0, 0, 4), appearance(1, 6, 9), appearance(0, 12, 15)]
    assert [one.camera for one in visits_of(there_and_back)] == [0, 1, 0]


# --- the truth, asked --------------------------------------------------------------------------


def camera_truth(count: int = 10) -> CameraTruth:
    """The thief at the left, another at the right, in every picture, ten a second."""
    boxes = np.array([[0, 0, 20, 60], [300, 0, 320, 60]], np.float32)
    truth = TruthBoxes(
        np.repeat(np.arange(count), 2),
        np.tile(np.array([THIEF, OTHER]), count),
        np.full(2 * count, ObjectClass.PERSON, np.int32),
        np.tile(boxes, (count, 1)),
        np.ones(2 * count, np.float32),
    )
    return CameraTruth(5, (360, 640), truth, np.arange(count) * TENTH)


def tracklet(*lefts: float) -> Tracklet:
    """A look every tenth of a second, a little late."""
    boxes = np.array([[left, 0, left + 20, 60] for left in lefts], np.float32)
    at_ns = np.arange(len(lefts)) * TENTH + 10_000_000
    return Tracklet(1, 0, 5, 1, 0, at_ns, boxes, np.ones(len(lefts), np.float32))


def test_truth_knows_the_tracklet_that_lies_on_the_subject() -> None:
    assert camera_truth().shows([tracklet(0, 1, 2)], [THIEF])


def test_truth_refuses_a_tracklet_of_somebody_else() -> None:
    assert not camera_truth().shows([tracklet(300, 301)], [THIEF])


def test_truth_refuses_a_tracklet_that_mostly_followed_somebody_else() -> None:
    assert not camera_truth().shows([tracklet(0, 300, 300)], [THIEF])


def test_best_box_is_of_the_actor_within_the_time() -> None:
    found = camera_truth().best_box(OTHER, 3 * TENTH, 6 * TENTH)
    assert found is not None
    at_ns, box = found
    assert (box, 3 * TENTH <= at_ns <= 6 * TENTH) == ((300, 0, 320, 60), True)


def test_best_box_of_who_was_not_there_is_none() -> None:
    assert camera_truth().best_box(EBIKE, 0, TENTH) is None


def test_family_is_that_of_the_actors_boxes() -> None:
    truth = camera_truth()
    assert (truth.family_of(THIEF), truth.family_of(EBIKE)) == (Family.PERSON, None)
