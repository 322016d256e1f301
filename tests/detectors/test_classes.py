"""Labels to our classes, and who rides what."""

import numpy as np
import pytest

from core.errors import ModelMismatch
from core.types import ObjectClass
from detectors.classes import LabelMap, Subjects
from tests.detectors.builders import BICYCLE, CAR, DOG, PERSON, boxes, detector_spec

CYCLIST = (40.0, 10.0, 70.0, 90.0)  # feet on the pedals, a little above the ground
BIKE = (20.0, 50.0, 90.0, 100.0)

Row = tuple[float, float, float, float, float, int]


def person(xyxy: tuple[float, float, float, float] = CYCLIST, confidence: float = 0.8) -> Row:
    return (*xyxy, confidence, PERSON)


def bike(xyxy: tuple[float, float, float, float] = BIKE, confidence: float = 0.6) -> Row:
    return (*xyxy, confidence, BICYCLE)


def subjects(*rows: Row) -> Subjects:
    return LabelMap.of(detector_spec()).subjects(boxes(*rows))


def classes(*rows: Row) -> list[ObjectClass]:
    return [ObjectClass(each) for each in subjects(*rows).class_id.tolist()]


def test_person_on_a_bicycle_is_one_rider_around_both() -> None:
    found = subjects(person(), bike())
    assert found.class_id.tolist() == [ObjectClass.BICYCLE_RIDER]
    assert found.xyxy.tolist() == [[20, 10, 90, 100]]
    assert found.confidence.tolist() == [np.float32(0.8)]


def test_rider_is_as_certain_as_the_surer_of_the_two() -> None:
    assert subjects(person(confidence=0.15), bike()).confidence.tolist() == [np.float32(0.6)]


def test_motorcycle_makes_a_motorcycle_rider() -> None:
    labels = LabelMap.of(detector_spec(labels=("person", "motorcycle")))
    found = labels.subjects(boxes(person(), (*BIKE, 0.6, 1)))
    assert found.class_id.tolist() == [ObjectClass.MOTORCYCLE_RIDER]


def test_bicycle_that_nobody_rides_is_dropped() -> None:
    assert classes(bike()) == []


def test_person_beside_a_bicycle_stays_a_person() -> None:
    assert classes(person((95, 10, 125, 100)), bike()) == [ObjectClass.PERSON]


def test_pedestrian_in_front_of_a_parked_bicycle_stays_a_person() -> None:
    # Nearer to the camera: the feet are well below the wheels.
    assert classes(person((40, 10, 75, 120)), bike()) == [ObjectClass.PERSON]


def test_person_far_behind_a_bicycle_stays_a_person() -> None:
    assert classes(person((50, 45, 60, 60)), bike()) == [ObjectClass.PERSON]


def test_rider_seen_from_the_front_is_wider_than_the_bicycle() -> None:
    assert classes(person((30, 10, 70, 88)), bike((42, 50, 58, 100))) == [ObjectClass.BICYCLE_RIDER]


def test_suspected_bicycle_makes_nobody_a_rider() -> None:
    assert classes(person(), bike(confidence=0.2)) == [ObjectClass.PERSON]


def test_passenger_stays_a_person() -> None:
    passenger = person((60, 12, 88, 85), 0.7)
    assert sorted(classes(person(), passenger, bike())) == [
        ObjectClass.PERSON,
        ObjectClass.BICYCLE_RIDER,
    ]


def test_two_riders_keep_their_own_bicycles() -> None:
    def moved(row: Row, by: float) -> Row:
        return (row[0] + by, row[1], row[2] + by, row[3], row[4], row[5])

    found = subjects(moved(person(), 100), person(), bike(), moved(bike(), 100))
    assert sorted(found.xyxy.tolist()) == [[20, 10, 90, 100], [120, 10, 190, 100]]
    assert set(found.class_id.tolist()) == {int(ObjectClass.BICYCLE_RIDER)}


def test_given_boxes_are_left_as_they_were() -> None:
    raw = boxes(person(), bike())
    LabelMap.of(detector_spec()).subjects(raw)
    assert raw.xyxy[0].tolist() == list(CYCLIST)


def test_order_of_the_rest_is_kept() -> None:
    rows = [(5, 5, 50, 30, 0.9, CAR), (100, 5, 120, 60, 0.8, PERSON), (5, 50, 40, 70, 0.7, CAR)]
    assert classes(*rows) == [ObjectClass.CAR, ObjectClass.PERSON, ObjectClass.CAR]


def test_cars_and_trucks_may_be_one_thing_and_people_never_are() -> None:
    labels = ("person", "car", "truck", "bicycle", "motorcycle", "dog")
    group = LabelMap.of(detector_spec(labels=labels)).group.tolist()
    assert group[1] == group[2]
    assert group[3] == group[4]
    assert len({group[0], group[1], group[3], group[5]}) == 4


def test_label_that_nobody_asked_for_is_not_chosen() -> None:
    assert LabelMap.of(detector_spec()).choice.rows.tolist() == [PERSON, BICYCLE, CAR]
    assert not LabelMap.of(detector_spec()).choice.chosen[DOG]


@pytest.mark.parametrize("object_class", ObjectClass)
def test_our_own_labels_are_taken_at_their_word(object_class: ObjectClass) -> None:
    labels = LabelMap.of(detector_spec(labels=("dog", object_class.label)))
    found = labels.subjects(boxes((1, 1, 9, 9, 0.5, 1)))
    assert found.class_id.tolist() == [object_class]


def test_model_that_knows_nothing_of_ours_is_a_mismatch() -> None:
    with pytest.raises(ModelMismatch, match=r"want labels among .*person.*, got dog, bicycle"):
        LabelMap.of(detector_spec(labels=("dog", "bicycle")))
