"""Colour names from drawn pictures: of clothes and bodywork, never of skin."""

import cv2
import numpy as np
import pytest

from core.arrays import U8
from core.errors import MediaCorrupt
from core.types import Family
from reid.colours import Colour, ColourOf, colours_in, colours_of

WALL = "#80a090"
SKIN = ("#ffdbac", "#f1c27d", "#d8a48f", "#c68642", "#8d5524", "#5a3825", "#3b2219")


def bgr(colour: str) -> tuple[int, int, int]:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)


def person(*, upper: str, lower: str, head: str = SKIN[0], arms: str = SKIN[0]) -> U8:
    """A standing person (200, 80, 3): head, torso with arms beside it, legs."""
    picture = np.full((200, 80, 3), bgr(WALL), np.uint8)
    picture[4:32, 28:52] = bgr(head)
    picture[32:105, 6:74] = bgr(arms)
    picture[32:105, 18:62] = bgr(upper)
    picture[105:195, 20:60] = bgr(lower)
    return picture


def car(*, body: str) -> U8:
    """A car from its side (100, 220, 3): windows, body, tyres on the road."""
    picture = np.full((100, 220, 3), bgr("#707070"), np.uint8)
    picture[15:75, 20:200] = bgr(body)
    picture[18:38, 50:170] = bgr("#101014")
    for left in (40, 150):
        picture[68:90, left : left + 30] = bgr("#151515")
    return picture


def names(found: tuple[ColourOf, ...], part: str) -> list[str]:
    return [one.colour.value for one in found if one.part == part]


CLOTHES = {
    "#0a0a0c": Colour.BLACK,
    "#7d7f80": Colour.GREY,
    "#f0f0ee": Colour.WHITE,
    "#c01818": Colour.RED,
    "#f97306": Colour.ORANGE,
    "#f2e10c": Colour.YELLOW,
    "#1f7a34": Colour.GREEN,
    "#1d3f8f": Colour.BLUE,
    "#16204a": Colour.BLUE,
    "#6a2f8e": Colour.PURPLE,
    "#ff81c0": Colour.PINK,
}


@pytest.mark.parametrize(("shown", "colour"), CLOTHES.items())
def test_clothes_get_the_name_of_their_colour(shown: str, colour: Colour) -> None:
    found = colours_in(person(upper=shown, lower="#7d7f80"), Family.PERSON)
    assert names(found, "upper") == [colour.value]


def test_trousers_and_shirt_are_named_apart() -> None:
    found = colours_in(person(upper="#c01818", lower="#1d3f8f"), Family.PERSON)
    assert (names(found, "upper"), names(found, "lower")) == (["red"], ["blue"])


@pytest.mark.parametrize("tone", SKIN)
def test_bare_skin_gets_no_name(tone: str) -> None:
    bare = person(upper=tone, lower=tone, head=tone, arms=tone)
    assert colours_in(bare, Family.PERSON) == ()


@pytest.mark.parametrize("light", [0.35, 0.6, 1.0])
@pytest.mark.parametrize("tone", SKIN)
def test_skin_in_the_shade_gets_no_name(tone: str, light: float) -> None:
    bare = person(upper=tone, lower=tone, head=tone, arms=tone)
    shaded = (bare * light).astype(np.uint8)
    assert {one.colour for one in colours_in(shaded, Family.PERSON)} <= {Colour.BLACK}


def test_names_are_the_same_whatever_the_tone_of_head_and_arms() -> None:
    found = {
        colours_in(person(upper="#1f7a34", lower="#f0f0ee", head=tone, arms=tone), Family.PERSON)
        for tone in SKIN
    }
    assert len(found) == 1


def test_stripes_are_named_both() -> None:
    picture = person(upper="#1d3f8f", lower="#7d7f80")
    for top in range(32, 105, 16):
        picture[top : top + 8, 18:62] = bgr("#f0f0ee")
    assert set(names(colours_in(picture, Family.PERSON), "upper")) == {"blue", "white"}


def test_rider_is_named_above_the_waist_alone() -> None:
    found = colours_in(person(upper="#c01818", lower="#1d3f8f"), Family.RIDER)
    assert [(one.part, one.colour) for one in found] == [("upper", Colour.RED)]


@pytest.mark.parametrize("body", ["#c01818", "#f0f0ee", "#1d3f8f"])
def test_car_is_named_by_its_body_not_its_windows(body: str) -> None:
    assert names(colours_in(car(body=body), Family.VEHICLE), "body")[0] == CLOTHES[body].value


def test_brown_car_is_named_brown() -> None:
    assert names(colours_in(car(body="#653700"), Family.VEHICLE), "body") == ["brown"]


def test_black_car_is_named_black() -> None:
    assert names(colours_in(car(body="#101014"), Family.VEHICLE), "body") == ["black"]


def test_share_says_how_much_of_the_part_has_the_colour() -> None:
    (upper, _) = colours_in(person(upper="#c01818", lower="#1d3f8f"), Family.PERSON)
    assert upper.share == pytest.approx(1.0, abs=0.05)


def test_names_survive_jpeg() -> None:
    picture = person(upper="#c01818", lower="#1d3f8f")
    jpeg = bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])
    found = colours_of(jpeg, Family.PERSON)
    assert (names(found, "upper"), names(found, "lower")) == (["red"], ["blue"])


@pytest.mark.parametrize("size", [(4, 4), (1, 1), (2, 300)])
def test_tiny_picture_is_looked_at_all_the_same(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), bgr("#1d3f8f"), np.uint8)
    assert {one.colour for one in colours_in(picture, Family.PERSON)} == {Colour.BLUE}


def test_broken_jpeg_raises() -> None:
    with pytest.raises(MediaCorrupt, match="shot"):
        colours_of(b"no picture", Family.PERSON)
