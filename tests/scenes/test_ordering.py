"""What hides what."""

import numpy as np
import pytest

from core.arrays import F32, F64
from scenes.canvas import Sprite
from scenes.light import city_light
from scenes.ordering import far_to_near, footprint, hidden
from scenes.raster import paint
from scenes.shapes import Figure, box
from scenes.views import View

VIEW = View((0.0, 0.0, 4.0), 0.0, 0.2, 500.0, (240, 320))
LIGHT = city_light("day", "clear", np.random.default_rng(1))
BUS, PERSON = (11.0, 2.5, 3.0), (0.5, 0.5, 1.7)


def placed(size_m: tuple[float, float, float], x: float, y: float) -> tuple[Sprite, F64]:
    figure = Figure(box(size_m, (0.5, 0.5, 0.5)))
    sprite = paint(figure.moved((x, y, 0.0)), VIEW, LIGHT)
    assert sprite is not None
    return sprite, footprint(figure) + np.array([x, y])


@pytest.mark.parametrize(
    ("x", "y", "last"),
    [(19.0, -2.45, True), (19.0, -5.7, False), (9.5, -2.3, True)],
    ids=["beside its far end on our side", "behind it", "before it"],
)
def test_somebody_beside_a_long_bus_is_painted_in_turn(x: float, y: float, last: bool) -> None:
    bus, person = placed(BUS, 16.0, -4.0), placed(PERSON, x, y)
    grounds = np.stack([bus[1], person[1]])
    order = far_to_near(grounds, [bus[0], person[0]], VIEW.position_m[:2])
    assert order == ([0, 1] if last else [1, 0])


def test_standing_things_hide_what_is_behind_them() -> None:
    sprite, ground = placed(PERSON, 15.0, 0.0)
    assert hidden(sprite, ground, wall_at(8.0), VIEW).all()
    assert not hidden(sprite, ground, wall_at(30.0), VIEW).any()


def test_wall_along_a_bus_hides_none_of_it() -> None:
    """The wall's near end is nearer than the bus's middle, but beside it."""
    sprite, ground = placed(BUS, 16.0, -1.0)
    assert not hidden(sprite, ground, side_wall(-2.6), VIEW)[sprite.rgba[..., 3] > 127].any()


def test_wall_between_hides_a_bus() -> None:
    sprite, ground = placed(BUS, 16.0, -4.0)
    cut = hidden(sprite, ground, side_wall(-1.0), VIEW)[sprite.rgba[..., 3] > 127]
    assert cut.mean() > 0.9


def wall_at(depth_m: float) -> F32:
    return np.full(VIEW.size_hw, depth_m, np.float32)


def side_wall(y_m: float) -> F32:
    """Depth of a wall of 6 m along the axis, at `y_m` to the right."""
    height, width = VIEW.size_hw
    rows, columns = np.mgrid[:height, :width] + 0.5
    rays = VIEW.rays(np.column_stack([columns.ravel(), rows.ravel()]).astype(np.float32))
    depth = y_m / np.where(rays[:, 1] < -1e-6, rays[:, 1], np.nan)
    above = VIEW.position_m[2] + depth * rays[:, 2]
    meets = (above > 0) & (above < 6) & (depth > 1)
    return np.where(meets, depth, np.inf).reshape(height, width).astype(np.float32)
