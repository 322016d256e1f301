"""People and riders of the city: looks, look-alikes, figures."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from scenes.cycles import CycleKind, cycle_figure, rider_figure, sample_cycle
from scenes.gaits import Gait, Stance
from scenes.looks import Bag, PersonLook, Print, Umbrella
from scenes.people import alike, person_figure, sample_person, with_other_jacket
from scenes.shapes import Figure, Mesh
from scenes.wardrobe import apart

RED, BLUE = (0.8, 0.1, 0.1), (0.1, 0.2, 0.7)


def somebody(seed: int = 1) -> PersonLook:
    return replace(sample_person(np.random.default_rng(seed)), hat=None, bag=None, umbrella=None)


def span_m(figure: Figure) -> tuple[float, float]:
    heights = figure.mesh.corners_m[..., 2]
    return float(heights.min()), float(heights.max())


def reds(mesh: Mesh) -> int:
    return int((np.linalg.norm(mesh.rgb - RED, axis=1) < 0.12).sum())


def gait(pose: Stance = "walk", phase: float = 0.3) -> Gait:
    return Gait(1.3, phase, pose)


def test_same_draws_give_the_same_person() -> None:
    assert sample_person(np.random.default_rng(3)) == sample_person(np.random.default_rng(3))


def test_people_differ() -> None:
    rng = np.random.default_rng(0)
    assert len({sample_person(rng) for _ in range(200)}) == 200


def test_a_look_travels_between_processes() -> None:
    look = sample_person(np.random.default_rng(4))
    assert pickle.loads(pickle.dumps(look)) == look  # noqa: S301


@pytest.mark.parametrize("seed", range(8))
def test_a_look_alike_wears_the_same_colours_and_is_somebody_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    look = sample_person(rng)
    other = alike(look, rng)
    assert other != look
    assert apart(other.top.colour, look.top.colour) < 0.12
    assert apart(other.bottom.colour, look.bottom.colour) < 0.12


@pytest.mark.parametrize("seed", range(8))
def test_another_jacket_changes_only_what_is_worn_above(seed: int) -> None:
    rng = np.random.default_rng(seed)
    look = sample_person(rng)
    other = with_other_jacket(look, rng)
    assert replace(other, top=look.top) == look
    assert apart(other.top.colour, look.top.colour) > 0.25


@pytest.mark.parametrize("pose", ["walk", "run", "stand", "phone"])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.6])
def test_feet_stand_on_the_ground(pose: Stance, phase: float) -> None:
    low_m, high_m = span_m(person_figure(somebody(), gait(pose, phase)))
    assert low_m == pytest.approx(0.0, abs=0.02)
    assert high_m == pytest.approx(somebody().height_m, rel=0.08)


def test_a_stride_comes_round() -> None:
    first = person_figure(somebody(), gait(phase=0.2)).mesh.corners_m
    again = person_figure(somebody(), gait(phase=3.2)).mesh.corners_m
    half = person_figure(somebody(), gait(phase=0.7)).mesh.corners_m
    assert np.allclose(first, again, atol=1e-4)
    assert not np.allclose(first, half, atol=0.05)


def test_an_umbrella_opens_only_in_rain() -> None:
    look = replace(somebody(), umbrella=Umbrella(RED, BLUE))
    dry, wet = person_figure(look, gait()), person_figure(look, gait(), rain=True)
    assert span_m(wet)[1] > span_m(dry)[1] + 0.15
    assert len(person_figure(somebody(), gait(), rain=True).mesh) == len(
        person_figure(somebody(), gait()).mesh
    )


def test_prints_lie_on_chest_and_back() -> None:
    logo = Print("disc", "", RED, BLUE, 0.5)
    look = replace(somebody(), top=replace(somebody().top, chest=logo, back=logo))
    chest, back = person_figure(look, gait("stand")).decals
    assert chest.corners_m[:, 0].min() > 0.05
    assert back.corners_m[:, 0].max() < -0.05
    assert 0.5 * look.height_m < chest.corners_m[:, 2].min() < 0.85 * look.height_m


def test_a_backpack_hides_the_print_behind_it() -> None:
    logo = Print("number", "7", RED, BLUE, 0.5)
    look = replace(somebody(), top=replace(somebody().top, chest=None, back=logo))
    assert len(person_figure(look, gait()).decals) == 1
    carried = replace(look, bag=Bag("backpack", RED, BLUE, "left", 1.0))
    assert not person_figure(carried, gait()).decals


def test_afar_a_figure_has_fewer_faces() -> None:
    near, far = person_figure(somebody(), gait()), person_figure(somebody(), gait(), detail=0.2)
    assert len(far.mesh) < 0.8 * len(near.mesh)


@pytest.mark.parametrize("kind", ["bicycle", "ebike", "motorcycle"])
def test_a_rider_sits_above_wheels_that_touch_the_ground(kind: CycleKind) -> None:
    cycle = sample_cycle(np.random.default_rng(2), kind)
    low_m, high_m = span_m(rider_figure(somebody(), cycle, gait("sit")))
    assert low_m == pytest.approx(0.0, abs=0.03)
    assert span_m(cycle_figure(cycle))[1] + 0.2 < high_m < 2.2


def test_plates_hang_on_what_has_one() -> None:
    rng = np.random.default_rng(2)
    plated = sample_cycle(rng, "motorcycle")
    assert len(cycle_figure(plated, plate="京A12345").decals) == 1
    assert not cycle_figure(plated).decals
    assert not cycle_figure(sample_cycle(rng, "bicycle"), plate="京A12345").decals


def test_a_poncho_is_worn_in_rain_by_who_owns_one() -> None:
    cycle = replace(sample_cycle(np.random.default_rng(2), "ebike"), poncho=RED)
    dry = rider_figure(somebody(), cycle, gait("sit")).mesh
    wet = rider_figure(somebody(), cycle, gait("sit"), rain=True).mesh
    assert reds(wet) > reds(dry) + 50
