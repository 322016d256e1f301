import pickle
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from scenes.light import city_light
from scenes.numberplates import plate_picture, sample_plate
from scenes.raster import Sprite, paint
from scenes.shapes import Figure
from scenes.vehicle_looks import BusShape, CarShape, Shape, TruckShape, VanShape
from scenes.vehicles import (
    VehicleLabel,
    VehicleLook,
    alike_vehicle,
    sample_vehicle,
    vehicle_figure,
)
from scenes.views import View

LABELS: tuple[VehicleLabel, ...] = get_args(VehicleLabel)
SHAPES: dict[VehicleLabel, tuple[Shape, ...]] = {
    "car": get_args(CarShape),
    "van": get_args(VanShape),
    "bus": get_args(BusShape),
    "truck": get_args(TruckShape),
}


def looks(count: int, label: VehicleLabel | None = None, seed: int = 1) -> list[VehicleLook]:
    rng = np.random.default_rng(seed)
    return [sample_vehicle(rng, label) for _ in range(count)]


def of_shape(label: VehicleLabel, shape: Shape) -> VehicleLook:
    return next(look for look in looks(300, label) if look.shape == shape)


def plate_of(look: VehicleLook) -> str:
    return sample_plate(np.random.default_rng(3), look.plate_style)


def seen(figure: Figure, *, heading_rad: float = 0.0, px: float = 120.0) -> Sprite:
    """The figure from 25 m west of it, turned by `heading_rad`."""
    view = View((-25.0, 0.0, 7.0), 0.0, 0.23, px * 8.0, (400, 700))
    light = city_light("day", "clear", np.random.default_rng(1))
    sprite = paint(figure.moved((0, 0, 0), heading_rad), view, light)
    assert sprite is not None
    return sprite


def test_the_same_seed_gives_the_same_looks() -> None:
    assert looks(40) == looks(40)


def test_looks_are_hashable_and_survive_pickling() -> None:
    for look in looks(40):
        copied = pickle.loads(pickle.dumps(look))  # noqa: S301
        assert copied == look
        assert hash(copied) == hash(look)


def test_looks_hardly_ever_repeat() -> None:
    assert len(set(looks(300))) == 300


@pytest.mark.parametrize("label", LABELS)
def test_a_wanted_label_is_given(label: VehicleLabel) -> None:
    assert {look.label for look in looks(10, label)} == {label}


@pytest.mark.parametrize(("label", "shape"), [(one, s) for one in LABELS for s in SHAPES[one]])
def test_every_shape_is_painted_from_all_sides(label: VehicleLabel, shape: Shape) -> None:
    look = of_shape(label, shape)
    figure = vehicle_figure(look, 0.0, plate_of(look))
    for heading_rad in np.arange(8) * np.pi / 4:
        assert seen(figure, heading_rad=float(heading_rad)).full_px > 1000


@pytest.mark.parametrize("label", LABELS)
def test_a_figure_is_as_large_as_its_look_says(label: VehicleLabel) -> None:
    for look in looks(12, label, seed=4):
        points = vehicle_figure(replace(look, rack=None), 0.0, "").mesh.corners_m.reshape(-1, 3)
        low, high = points.min(axis=0), points.max(axis=0)
        length, width = (high - low)[:2]
        assert length == pytest.approx(look.length_m, abs=0.35)
        assert width == pytest.approx(look.width_m, abs=0.55)  # with mirrors
        assert high[2] == pytest.approx(look.height_m, abs=0.25)
        assert low[2] == pytest.approx(0, abs=0.02)
        assert low[0] + high[0] == pytest.approx(0, abs=0.35)


def test_a_plate_hangs_at_the_front_and_the_rear() -> None:
    for label in LABELS:
        look = looks(1, label)[0]
        text = plate_of(look)
        picture = plate_picture(text, look.plate_style)
        decals = vehicle_figure(look, 0.0, text).decals
        hung = [one.corners_m.mean(axis=0) for one in decals if one.picture is picture]
        assert sorted(np.sign([spot[0] for spot in hung])) == [-1, 1]


def test_no_plate_hangs_without_a_text() -> None:
    look = looks(1, "car")[0]
    with_plate, without = (vehicle_figure(look, 0.0, text) for text in (plate_of(look), ""))
    assert len(with_plate.decals) == len(without.decals) + 2


@pytest.mark.parametrize("heading_rad", [0.0, np.pi])
@pytest.mark.parametrize("label", LABELS)
def test_the_plate_is_seen_in_the_picture(label: VehicleLabel, heading_rad: float) -> None:
    for look in looks(6, label, seed=6):
        bare = replace(look, plate_style="yellow", dirt=0.0)
        text = sample_plate(np.random.default_rng(1), "yellow")
        with_plate = seen(vehicle_figure(bare, 0.0, text), heading_rad=heading_rad).rgba
        without = seen(vehicle_figure(bare, 0.0, ""), heading_rad=heading_rad).rgba
        differs = (with_plate != without).any(axis=2)
        assert differs.sum() > 100
        assert np.ptp(with_plate[differs][:, 0].astype(int)) > 80  # ink on its ground


def test_rims_turn_with_the_way_and_nothing_else_moves() -> None:
    look = next(look for look in looks(20, "car") if look.rims.spokes)
    before, after = (vehicle_figure(look, way, "").mesh.corners_m for way in (0.0, 0.2))
    moved = (before != after).any(axis=(1, 2))
    assert moved.any()
    assert before[moved][..., 2].max() < 0.8
    assert np.allclose(before[~moved], after[~moved])


def test_a_look_alike_has_label_shape_and_colour_but_other_details() -> None:
    rng = np.random.default_rng(5)
    for look in looks(40):
        other = alike_vehicle(look, rng)
        assert (other.label, other.shape, other.plate_style) == (
            look.label,
            look.shape,
            look.plate_style,
        )
        assert np.abs(np.subtract(other.colour, look.colour)).max() < 0.08
        assert (other.face, other.rims, other.lines) != (look.face, look.rims, look.lines)


@pytest.mark.parametrize("label", LABELS)
def test_far_figures_have_fewer_quads_but_the_same_extent(label: VehicleLabel) -> None:
    for look in looks(6, label, seed=8):
        fine = vehicle_figure(look, 0.0, "").mesh
        coarse = vehicle_figure(look, 0.0, "", detail=0.2).mesh
        assert len(coarse) < 0.85 * len(fine)
        for side in (np.min, np.max):
            one, other = (side(mesh.corners_m, axis=(0, 1)) for mesh in (fine, coarse))
            assert np.abs(one - other).max() < 0.06


def test_lamps_shine_by_themselves() -> None:
    for label in LABELS:
        mesh = vehicle_figure(looks(1, label)[0], 0.0, "").mesh
        ends = mesh.corners_m[mesh.glow > 0][..., 0].mean(axis=1)
        assert ends.max() > 0.3 * mesh.corners_m[..., 0].max()
        assert ends.min() < 0.3 * mesh.corners_m[..., 0].min()


def test_traffic_is_mostly_cars_and_mostly_without_hue() -> None:
    many = looks(400)
    cars = [look for look in many if look.label == "car"]
    grey = [look for look in cars if np.ptp(look.colour) < 0.1]
    assert 0.6 < len(cars) / len(many) < 0.8
    assert 0.6 < len(grey) / len(cars) < 0.9
