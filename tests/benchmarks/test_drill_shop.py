"""The drill on real clips: how starts make figures, and how ten looks are counted."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.drill_shop import LOOKS, Found, crops_calibration, looks_of, mean_figures
from core.arrays import F32
from core.errors import InvalidInput
from core.types import Verdict


class Order:
    """An engine with one order for ever."""

    name = "order"

    def __init__(self, *order: int) -> None:
        self.order = order
        self.heard: list[Verdict] = []

    doubted: frozenset[int] = frozenset()

    def ranked(self) -> Iterator[int]:
        yield from self.order

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        self.heard.append(verdict)


def test_each_person_counts_once_however_many_starts() -> None:
    found = [Found("a", 2, 1.0, 0.5), Found("a", 2, 0.0, 0.5), Found("b", 1, 1.0, 1.0)]

    figures = mean_figures(found)

    assert figures["drill.mmptrack.found"] == pytest.approx(0.75)
    assert figures["drill.mmptrack.found_by_ranking"] == pytest.approx(0.75)
    assert figures["drill.mmptrack.persons"] == 2


def test_what_was_stated_of_labelled_tracklets_is_held_against_the_truth() -> None:
    claims = ((0.9, True), (0.1, False), (0.1, False))
    figures = mean_figures([Found("a", 2, 1.0, 1.0, claims), Found("b", 1, 1.0, 1.0, claims[:1])])

    assert figures["drill.mmptrack.probability.n"] == 4
    assert figures["drill.mmptrack.probability.true"] == 2
    assert figures["drill.mmptrack.probability.cllr"] < 1


def test_persons_of_one_tracklet_make_no_figure() -> None:
    with pytest.raises(InvalidInput, match="two tracklets"):
        mean_figures([])


def test_ten_are_looked_at_and_the_start_is_none_of_them() -> None:
    engine = Order(*range(20))

    looked = looks_of(engine, {5, 19}, start=0)

    assert looked == list(range(1, LOOKS + 1))
    assert engine.heard.count(Verdict.CONFIRM) == 1


def test_looking_ends_when_all_are_found() -> None:
    assert looks_of(Order(3, 1, 2), {3, 1}, start=0) == [3, 1]


def crops(subjects: int = 40, cameras: int = 3) -> tuple[F32, list[int], list[int]]:
    rng = np.random.default_rng(1)
    looks = rng.standard_normal((subjects, 16)).repeat(cameras, axis=0)
    vectors = looks + 0.4 * rng.standard_normal(looks.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = [(who, camera) for who in range(subjects) for camera in range(cameras)]
    return (
        vectors.astype(np.float32),
        [who for who, _ in places],
        [camera for _, camera in places],
    )


def test_calibration_by_crops_favours_what_is_alike() -> None:
    vectors, identity, camera = crops()

    curve = crops_calibration("m@1", vectors, np.array(identity), np.array(camera))

    low, high = curve.llr(np.array([0.0, 0.95], np.float32))
    assert low < 0 < high
    assert curve.provenance.same == 40 * 3  # each subject's pairs of two cameras
