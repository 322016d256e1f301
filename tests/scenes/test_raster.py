"""Figures to pixels."""

import numpy as np
import pytest

from scenes.canvas import over
from scenes.light import Light, city_light
from scenes.raster import cast_shade, ground_shadow, paint
from scenes.shapes import Decal, Figure, box, joined, quads
from scenes.views import View

VIEW = View((0.0, 0.0, 4.0), 0.0, 0.25, 600.0, (240, 320))
RED, BLUE = (0.8, 0.1, 0.1), (0.1, 0.1, 0.8)


def light() -> Light:
    return city_light("day", "clear", np.random.default_rng(1))


def block(x: float, y: float = 0.0, *, rgb: tuple[float, float, float] = RED) -> Figure:
    return Figure(box((1.0, 1.0, 2.0), rgb).moved((x, y, 0.0)))


def test_extent_is_that_of_the_projected_corners() -> None:
    sprite = paint(block(15), VIEW, light())
    assert sprite is not None
    corners, _ = VIEW.project(block(15).mesh.corners_m.reshape(-1, 3))
    assert sprite.xyxy == pytest.approx((*corners.min(axis=0), *corners.max(axis=0)), abs=1e-3)
    rows, columns = np.nonzero(sprite.rgba[..., 3] > 127)
    assert rows.min() + sprite.top_px == pytest.approx(sprite.xyxy[1], abs=1.5)
    assert columns.max() + sprite.left_px + 1 == pytest.approx(sprite.xyxy[2], abs=1.5)


def test_what_is_out_of_the_picture_is_not_painted() -> None:
    assert paint(block(15, 30), VIEW, light()) is None
    assert paint(block(-15), VIEW, light()) is None


def test_half_out_of_the_picture_still_counts_all_its_pixels() -> None:
    inside, cut = paint(block(15), VIEW, light()), paint(block(15, 4.1), VIEW, light())
    assert inside is not None
    assert cut is not None
    assert np.count_nonzero(cut.rgba[..., 3] > 127) < 0.8 * cut.full_px
    assert cut.full_px == pytest.approx(inside.full_px, rel=0.25)


@pytest.mark.parametrize("x", [0.0, 0.3, 0.8, 1.2])
def test_what_reaches_behind_the_lens_is_cut_there(x: float) -> None:
    looking_down = View((0.0, 0.0, 2.5), 0.0, 0.9, 200.0, (240, 320))
    sprite = paint(block(x), looking_down, light())
    if sprite is not None:
        assert np.isfinite(sprite.xyxy).all()
        assert sprite.rgba.shape[0] <= 240


def test_far_away_is_a_few_pixels_and_no_error() -> None:
    sprite = paint(block(900), VIEW, light())
    assert sprite is None or sprite.rgba.shape[0] <= 6


def test_nearer_faces_are_painted_over_farther_ones() -> None:
    both = Figure(joined([block(20, rgb=BLUE).mesh, block(15).mesh]))
    sprite = paint(both, VIEW, light())
    assert sprite is not None
    middle, _ = VIEW.project(np.array([[14.5, 0, 1.0]], np.float32))
    column, row = (middle[0] - [sprite.left_px, sprite.top_px]).astype(int)
    red, _, blue, alpha = sprite.rgba[row, column].tolist()
    assert red > blue
    assert alpha == 255


def test_a_picture_lies_on_its_face_seen_from_the_front_only() -> None:
    side = [(14.49, 0.4, 1.5), (14.49, -0.4, 1.5), (14.49, -0.4, 0.5), (14.49, 0.4, 0.5)]
    green = np.zeros((8, 8, 3), np.uint8)
    green[..., 1] = 255
    shown = Decal(np.array(side, np.float32), green)
    turned = Decal(np.array(side, np.float32)[[1, 0, 3, 2]], green)
    greens = []
    for decal in (shown, turned):
        sprite = paint(Figure(block(15).mesh, (decal,)), VIEW, light())
        assert sprite is not None
        rgb = sprite.rgba[..., :3].astype(int)
        greens.append(int((rgb[..., 1] > rgb[..., 0] + 30).sum()))
    assert greens[0] > 200
    assert greens[1] == 0


def test_shadow_falls_away_from_the_sun() -> None:
    sun = light()
    shade = cast_shade(block(15), VIEW, sun, rough=False)
    assert shade is not None
    rows, columns = np.nonzero(shade.mask > 127)
    px = np.column_stack([columns + shade.left_px, rows + shade.top_px]) + 0.5
    spots = VIEW.on_ground(px.astype(np.float32)) - [15.0, 0.0]
    away = -np.array(sun.toward[:2])
    assert (spots @ away).mean() > 0.3


def test_rough_shadow_covers_the_exact_one() -> None:
    exact, rough = (cast_shade(block(15), VIEW, light(), rough=one) for one in (False, True))
    assert exact is not None
    assert rough is not None
    assert rough.mask.sum() == pytest.approx(exact.mask.sum(), rel=0.1)


def test_shadow_as_a_sprite_is_black() -> None:
    sprite = ground_shadow(block(15), VIEW, light())
    assert sprite is not None
    assert not sprite.rgba[..., :3].any()
    assert sprite.rgba[..., 3].max() == 255


def test_over_mixes_by_alpha() -> None:
    ground = np.full((1, 2, 3), 200, np.uint8)
    rgba = np.array([[[0, 0, 0, 0], [100, 0, 0, 128]]], np.uint8)
    over(ground, rgba)
    assert ground[0, 0].tolist() == [200, 200, 200]
    assert ground[0, 1].tolist() == pytest.approx([200, 100, 100], abs=1)


def test_empty_figure_is_nothing() -> None:
    nothing = Figure(quads(np.zeros((0, 4, 3), np.float32), RED))
    assert paint(nothing, VIEW, light()) is None
