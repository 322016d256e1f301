"""Which pictures are kept, and how many are cut for it."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.clocks import ns_of
from core.types import CutShot
from tests.tracking.looks import NoisySurface, instants
from tracking.shots import MOST_SHOTS, ShotPicker, cut_shot


def shot(at_s: float, quality: float = 0.8) -> CutShot:
    return CutShot(1, ns_of(at_s), (0.0, 0.0, 10.0, 20.0), quality, b"")


def picked(looks: Sequence[tuple[float, float]]) -> tuple[ShotPicker, int]:
    """A picker after looks of (seconds, quality), and how many of them were cut."""
    picker, cut = ShotPicker(0), 0
    for at_s, quality in looks:
        if picker.wants(ns_of(at_s), quality):
            picker.take(shot(at_s, quality))
            cut += 1
    return picker, cut


def steady(seconds: float, quality: float = 0.8) -> list[tuple[float, float]]:
    return [(at_s, quality) for at_s, _ in instants(6, seconds)]


def times_s(picker: ShotPicker) -> list[float]:
    return [one.device_ns / 1e9 for one in picker.best]


def test_first_look_is_always_wanted() -> None:
    assert ShotPicker(0).wants(0, 1e-6)


def test_look_at_nearly_the_same_moment_is_not_wanted() -> None:
    picker, _ = picked([(0.0, 0.8)])
    assert not picker.wants(ns_of(0.1), 0.8)


def test_much_better_look_at_the_same_moment_replaces() -> None:
    picker, _ = picked([(0.0, 0.3), (0.1, 0.9)])
    assert times_s(picker) == [0.1]


def test_no_more_than_four_are_kept() -> None:
    picker, _ = picked(steady(10))
    assert len(picker.best) == MOST_SHOTS


def test_kept_pictures_spread_over_the_part() -> None:
    picker, _ = picked(steady(10))
    times = times_s(picker)
    assert times == sorted(times)
    assert times[-1] - times[0] > 6
    assert np.diff(times).min() > 1


def test_steady_part_of_ten_seconds_cuts_few() -> None:
    _, cut = picked(steady(10))
    assert cut <= 2 * MOST_SHOTS


def test_flickering_quality_cuts_few() -> None:
    random = np.random.default_rng(0)
    looks = [(at_s, 0.7 + 0.1 * random.normal()) for at_s, _ in steady(10)]
    _, cut = picked(looks)
    assert cut <= 3 * MOST_SHOTS


def test_short_part_still_gets_several() -> None:
    picker, _ = picked(steady(2))
    assert len(picker.best) >= 3


def test_best_moment_is_among_the_kept() -> None:
    looks = [(at_s, 0.95 if 4 <= at_s < 4.3 else 0.3) for at_s, _ in steady(10)]
    picker, _ = picked(looks)
    assert max(one.quality for one in picker.best) == 0.95


def test_picture_far_worse_than_the_best_is_left_out() -> None:
    picker, _ = picked([(0.0, 0.2), (3.0, 0.9)])
    assert times_s(picker) == [3.0]


def test_picker_without_looks_has_no_best() -> None:
    assert ShotPicker(0).best == ()


@pytest.mark.parametrize("quality", [0.0, 0.05])
def test_poor_part_keeps_one_at_least(quality: float) -> None:
    picker, _ = picked(steady(3, quality))
    assert picker.best


def test_shot_is_the_jpeg_of_exactly_its_clipped_box() -> None:
    surface = NoisySurface((200, 300))
    box = np.array([250, 100, 320, 260], np.float32)
    cut = cut_shot(surface, box, 7, quality=0.5, shot_id=9)
    assert cut.xyxy == (250, 100, 300, 200)
    assert cut.jpeg == b"jpeg of [250.0, 100.0, 300.0, 200.0]"
    assert (cut.device_ns, cut.quality, cut.shot_id) == (7, 0.5, 9)
