"""Association over time: cadence, doubt, occlusion, families."""

import numpy as np
import pytest

from core.clocks import ns_of
from core.errors import InvalidInput
from core.types import Detections, ObjectClass
from tests.tracking.looks import Box, instants, person_at, seen
from tracking.byte_tracker import ByteTracker, TrackerSettings

WALK_PX_S = 80.0  # 0.8 heights of a person of 100 px: 1.4 m/s


def tracked(tracker: ByteTracker, at_s: float, detections: Detections) -> list[int]:
    return [int(track) for track in tracker.update(ns_of(at_s) + 1, detections)]


def confirmed_at(x: float) -> ByteTracker:
    """A tracker with track 0 standing at `x`, looked at six times until 1 s."""
    tracker = ByteTracker()
    for at_s, at_ns in instants(6, 1):
        assert tracker.update(at_ns, seen(person_at(x))).tolist() == [0], at_s
    return tracker


@pytest.mark.parametrize("per_second", [3, 4, 6, 8, 25])
def test_walker_across_the_picture_is_one_track(per_second: float) -> None:
    # At 3 looks a second the walker moves 27 px, two thirds of the box width, between looks.
    tracker = ByteTracker()
    found = {
        tracked(tracker, at_s, seen(person_at(100 + WALK_PX_S * at_s)))[0]
        for at_s, _ in instants(per_second, 8)
    }
    assert found == {0}


@pytest.mark.parametrize("per_second", [4, 6, 12])
def test_two_who_pass_each_other_keep_their_tracks(per_second: float) -> None:
    tracker = ByteTracker()
    for at_s, at_ns in instants(per_second, 6):
        right, left = 100 + WALK_PX_S * at_s, 580 - WALK_PX_S * at_s
        found = tracker.update(at_ns, seen(person_at(right, 290), person_at(left, 310)))
        assert found.tolist() == [0, 1], at_s


def test_neighbours_in_step_keep_their_tracks() -> None:
    # Three side by side, one box width apart, moving half a width between looks.
    tracker = ByteTracker()
    for at_s, at_ns in instants(4, 6):
        x = 100 + WALK_PX_S * at_s
        found = tracker.update(at_ns, seen(*(person_at(x + 45 * i) for i in range(3))))
        assert found.tolist() == [0, 1, 2], at_s


def test_uneven_cadence_keeps_the_track() -> None:
    tracker, at_s = ByteTracker(), 0.0
    for step_s in [0.04, 0.3, 0.1, 0.33, 0.04, 0.25, 0.33, 0.33, 0.1, 0.3]:
        at_s += step_s
        assert tracked(tracker, at_s, seen(person_at(100 + WALK_PX_S * at_s))) == [0]


def test_walker_hidden_for_a_second_comes_back_as_the_same_track() -> None:
    tracker = ByteTracker()
    for at_s, at_ns in instants(6, 5):
        hidden = 2 < at_s < 3
        boxes = () if hidden else (person_at(100 + WALK_PX_S * at_s),)
        assert tracker.update(at_ns, seen(*boxes)).tolist() == ([] if hidden else [0])


def test_car_at_speed_is_one_track() -> None:
    # 12 m/s by a car of 1.5 m, 60 px high: 480 px/s, 80 px between looks, box 180 px long.
    tracker = ByteTracker()
    for at_s, at_ns in instants(6, 2):
        x = 10 + 480 * at_s
        car = seen((x, 300, x + 180, 360), kinds=ObjectClass.CAR)
        assert tracker.update(at_ns, car).tolist() == [0], at_s


def test_sure_box_is_confirmed_at_once() -> None:
    assert tracked(ByteTracker(), 0, seen(person_at(100), confidence=0.7)) == [0]


def test_less_sure_box_is_confirmed_by_its_second_look() -> None:
    tracker = ByteTracker()
    assert tracked(tracker, 0.0, seen(person_at(100), confidence=0.5)) == [-1]
    assert tracked(tracker, 0.2, seen(person_at(102), confidence=0.5)) == [0]


def test_flicker_is_never_confirmed() -> None:
    tracker = ByteTracker()
    assert tracked(tracker, 0.0, seen(person_at(100), confidence=0.5)) == [-1]
    tracked(tracker, 1.0, seen())
    assert len(tracker) == 0
    assert tracked(tracker, 1.2, seen(person_at(100), confidence=0.5)) == [-1]


def test_doubtful_box_keeps_a_track_alive() -> None:
    tracker = confirmed_at(100)
    for i in range(20):
        assert tracked(tracker, 1 + i / 6, seen(person_at(100), confidence=0.12)) == [0]


def test_doubtful_box_begins_no_track() -> None:
    tracker = ByteTracker()
    for i in range(5):
        assert tracked(tracker, i / 6, seen(person_at(100), confidence=0.39)) == [-1]
    assert len(tracker) == 0


def test_doubtful_box_brings_a_lost_track_back() -> None:
    tracker = confirmed_at(100)
    tracked(tracker, 1.2, seen())
    tracked(tracker, 1.4, seen())
    assert tracked(tracker, 1.6, seen(person_at(101), confidence=0.2)) == [0]


def test_confident_box_goes_before_a_doubtful_one() -> None:
    # The doubtful box lies nearer, and still does not take the track from the confident one.
    tracker = confirmed_at(100)
    boxes = seen(person_at(100), person_at(106), confidence=[0.2, 0.9])
    assert tracked(tracker, 1.1, boxes) == [-1, 0]


def test_flicker_does_not_take_the_box_of_a_known_track() -> None:
    tracker = confirmed_at(100)
    both = seen(person_at(100), person_at(125), confidence=[0.9, 0.5])
    assert tracked(tracker, 1.1, both) == [0, -1]
    assert tracked(tracker, 1.3, seen(person_at(113))) == [0]


def test_silence_ends_a_track() -> None:
    tracker = confirmed_at(100)
    assert tracker.associate(ns_of(3.7), seen()).ended.tolist() == []
    assert tracker.associate(ns_of(3.9), seen()).ended.tolist() == [0]
    assert tracked(tracker, 4.0, seen(person_at(100))) == [1]


def test_gap_longer_than_the_silence_ends_a_track_before_matching() -> None:
    assert tracked(confirmed_at(100), 60, seen(person_at(100))) == [1]


def test_coasted_time_is_no_silence() -> None:
    tracker = confirmed_at(100)
    for i in range(60):
        tracker.coast(ns_of(1 + i))
    assert tracked(tracker, 61, seen(person_at(102))) == [0]


def test_silence_goes_on_after_coasting() -> None:
    tracker = confirmed_at(100)
    tracked(tracker, 3.3, seen())  # 2.5 s silent
    tracker.coast(ns_of(60))
    assert tracker.associate(ns_of(60.6), seen()).ended.tolist() == [0]


def test_person_never_joins_a_vehicles_track() -> None:
    tracker = confirmed_at(100)
    assert tracked(tracker, 1.1, seen(person_at(100), kinds=ObjectClass.CAR)) == [1]


def test_kinds_of_one_family_share_a_track() -> None:
    tracker = ByteTracker()
    box: Box = (100, 100, 300, 200)
    for i, kind in enumerate([ObjectClass.CAR, ObjectClass.VAN, ObjectClass.TRUCK]):
        assert tracked(tracker, i / 6, seen(box, kinds=kind)) == [0]


def test_far_box_begins_a_track_of_its_own() -> None:
    assert tracked(confirmed_at(100), 1.1, seen(person_at(400))) == [1]


def test_unconfirmed_track_has_a_number_in_the_association() -> None:
    look = ByteTracker().associate(1, seen(person_at(100), confidence=0.5))
    assert look.track.tolist() == [0]
    assert look.confirmed.tolist() == [False]


def test_noise_for_ten_minutes_leaves_few_tracks() -> None:
    tracker, random = ByteTracker(), np.random.default_rng(0)
    longest = 0
    for _, at_ns in instants(2, 600):
        x, y = random.uniform(50, 1200), random.uniform(60, 650)
        tracker.update(at_ns, seen(person_at(x, y), confidence=0.5))
        longest = max(longest, len(tracker))
    assert longest < 12


def test_boxes_of_two_frames_raise() -> None:
    two = seen(person_at(1), person_at(200))
    mixed = Detections(two.xyxy, two.confidence, two.class_id, np.array([0, 1], np.int32))
    with pytest.raises(InvalidInput, match="one frame"):
        ByteTracker().update(1, mixed)


@pytest.mark.parametrize(
    "settings",
    [
        {"high": 0.6},
        {"low": -0.1},
        {"silence_s": 0.0},
        {"hits": 0},
        {"least_iou": 0.0},
        {"twin_iou": 1.1},
        {"colour_gain": 0.0},
        {"colour_scale": 0.0},
    ],
)
def test_settings_that_make_no_sense_raise(settings: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="want"):
        TrackerSettings(**settings)  # type: ignore[arg-type]


# --- twins -------------------------------------------------------------------------------------


def test_two_boxes_of_one_subject_are_one_track() -> None:
    tracker = ByteTracker()
    for at_s, _ in instants(5, 4):
        there, beside = person_at(300), person_at(306, 303)
        doubt = 0.6 if round(at_s * 5) % 2 else 0.8
        found = tracked(tracker, at_s, seen(there, beside, confidence=[0.7, doubt]))
        assert sorted(found) == [-1, 0], at_s


def test_who_steps_behind_another_comes_out_as_themselves() -> None:
    tracker = ByteTracker()
    for at_s, _ in instants(5, 6):
        walker, standing = person_at(100 + WALK_PX_S * at_s), person_at(340)
        covered = abs(100 + WALK_PX_S * at_s - 340) < 15
        found = tracked(tracker, at_s, seen(walker, standing, confidence=[0.7, 0.9]))
        assert found == [-1 if covered else 0, 1], at_s


def test_rider_in_a_car_s_box_is_no_twin() -> None:
    box: Box = (100, 100, 200, 200)
    both = seen(box, box, confidence=[0.9, 0.8], kinds=[ObjectClass.CAR, ObjectClass.EBIKE_RIDER])
    assert tracked(ByteTracker(), 0, both) == [0, 1]


# --- colours -----------------------------------------------------------------------------------

RED, BLUE = [0.5, 1.0, 0.5], [0.3, 0.2, -1.0]


def painted(
    tracker: ByteTracker, at_s: float, boxes: list[Box], colours: list[list[float]]
) -> list[int]:
    look = tracker.associate(ns_of(at_s) + 1, seen(*boxes), np.array(colours, np.float32))
    return [int(track) for track in look.track]


def test_two_who_turn_back_where_they_meet_are_told_apart_by_colour() -> None:
    tracker, at_s = ByteTracker(), 0.0
    for step in range(10):
        at_s = step / 5
        apart = 20 + 8 * (9 - step)
        boxes = [person_at(300 - apart), person_at(300 + apart)]
        assert painted(tracker, at_s, boxes, [RED, BLUE]) == [0, 1]
    # By place alone it would be as likely that they passed each other.
    assert painted(tracker, at_s + 0.2, [person_at(296), person_at(304)], [BLUE, RED]) == [1, 0]


def test_in_fog_a_small_difference_of_colour_tells_as_much() -> None:
    grey, greyer = [0.50, 0.02, 0.0], [0.42, 0.0, 0.02]
    tracker, passer = ByteTracker(), [0.46, 0.0, 0.0]
    for step in range(60):
        at_s, apart = step / 5, max(20.0, 20 + 8 * (59 - step))
        boxes = [person_at(600 - apart), person_at(600 + apart), person_at(100)]
        assert painted(tracker, at_s, boxes, [grey, greyer, passer]) == [0, 1, 2]
    boxes = [person_at(596), person_at(604), person_at(100)]
    assert painted(tracker, 12.0, boxes, [greyer, grey, passer]) == [1, 0, 2]


def test_colours_change_slowly_with_the_light() -> None:
    tracker = ByteTracker()
    for at_s, _ in instants(5, 8):
        shade = 1 - at_s / 10
        assert painted(tracker, at_s, [person_at(300)], [[shade * part for part in RED]]) == [0]


@pytest.mark.parametrize("shape", [(2, 3), (1,), (1, 4)])
def test_colours_of_another_shape_raise(shape: tuple[int, ...]) -> None:
    tracker = ByteTracker()
    painted(tracker, 0, [person_at(300)], [RED])
    with pytest.raises(InvalidInput, match="colours: want"):
        tracker.associate(ns_of(1), seen(person_at(300)), np.zeros(shape, np.float32))


# --- what was parked ---------------------------------------------------------------------------


EBIKE = ObjectClass.EBIKE_RIDER


def ridden_off(tracker: ByteTracker, kind: ObjectClass, *, after_s: float) -> set[int]:
    """Tracks of a box that stands for a while and then moves on."""
    found = set()
    for at_s, _ in instants(5, after_s + 4):
        x = 300 + 100 * max(0.0, at_s - after_s)
        found |= set(tracked(tracker, at_s, seen(person_at(x), kinds=kind)))
    return found


def test_parked_bicycle_that_is_ridden_off_begins_anew() -> None:
    assert ridden_off(ByteTracker(), EBIKE, after_s=8) == {0, 1}


def test_rider_who_sets_off_at_once_is_one_track() -> None:
    assert ridden_off(ByteTracker(), EBIKE, after_s=1) == {0}


def test_rider_who_comes_slowly_from_far_away_is_one_track() -> None:
    tracker = ByteTracker()
    for at_s, _ in instants(5, 10):
        assert tracked(tracker, at_s, seen(person_at(300 + 6 * at_s), kinds=EBIKE)) == [0]


def test_person_who_waited_is_one_track() -> None:
    assert ridden_off(ByteTracker(), ObjectClass.PERSON, after_s=8) == {0}


def test_rider_who_came_and_waits_at_a_light_is_one_track() -> None:
    tracker = ByteTracker()
    for at_s, _ in instants(5, 2):
        tracked(tracker, at_s, seen(person_at(100 + 100 * at_s), kinds=ObjectClass.BICYCLE_RIDER))
    found = set()
    for at_s, _ in instants(5, 12):
        x = 280 + 100 * max(0.0, at_s - 8)
        found |= set(
            tracked(tracker, 2 + at_s, seen(person_at(x), kinds=ObjectClass.BICYCLE_RIDER))
        )
    assert found == {0}


@pytest.mark.parametrize("seed", range(8))
def test_only_tracks_that_had_a_box_end_and_each_ends_once(seed: int) -> None:
    tracker, random = ByteTracker(), np.random.default_rng(seed)
    begun, over = set[int](), list[int]()
    places = random.uniform(100, 900, (6, 2))
    for at_s, _ in instants(5, 60):
        # They stand, jerk, drift and vanish for a while.
        jerk = random.normal(0, 40, places.shape) * (random.random((len(places), 1)) < 0.05)
        places += jerk + random.normal(0, 1, places.shape)
        shown = places[(random.random(len(places)) < 0.6) & (int(at_s) % 15 < 10)]
        boxes = [person_at(x, y) for x, y in shown.tolist()]
        look = tracker.associate(ns_of(at_s) + 1, seen(*boxes, kinds=ObjectClass.EBIKE_RIDER))
        begun |= set(look.track[look.track >= 0].tolist())
        over += look.ended.tolist()
    assert set(over) <= begun
    assert len(set(over)) == len(over)
