"""North America: 12 by 6 inches, a state's name above, a slogan below, pictures as the ground."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import U8
from training.plates.blank import Blank, Rgb
from training.plates.letters import Letters
from training.plates.press import (
    Printed,
    Type,
    chosen,
    faded,
    in_line,
    jittered,
    sample_punch,
    words,
)

SIZE_MM = (305.0, 152.0)

_FACES = {
    "pen_us": 0.34, "pen_us_round": 0.26, "road_b": 0.08, "road_c": 0.1, "dosis": 0.06,
    "narrow": 0.05, "roboto": 0.06, "bebas": 0.02, "pen_din": 0.03,
}  # fmt: skip
_INKS: dict[str, Rgb] = {
    "blue": (24, 36, 110), "black": (22, 22, 26), "green": (16, 88, 52), "red": (176, 24, 36),
    "royal": (40, 84, 170), "maroon": (96, 20, 40), "white": (240, 240, 238), "teal": (0, 110, 130),
}  # fmt: skip
_INK_SHARES = {
    "blue": 0.34, "black": 0.3, "green": 0.1, "red": 0.08, "royal": 0.06, "maroon": 0.04,
    "teal": 0.04,
}  # fmt: skip
_PALE: tuple[Rgb, ...] = (
    (238, 238, 234), (232, 236, 240), (206, 222, 238), (240, 226, 196), (216, 236, 214),
    (240, 214, 196), (250, 240, 160), (190, 220, 226),
)  # fmt: skip
_DARK: tuple[Rgb, ...] = ((22, 46, 110), (20, 84, 60), (24, 24, 28), (110, 24, 34))


@dataclass(frozen=True, slots=True)
class _Look:
    ground: str
    ink: Rgb
    dark: bool


def printed(text: str, layout: str, letters: Letters, rng: np.random.Generator) -> Printed:
    """A plate of some state, as like and unlike real ones as they are each other."""
    look, ground = _look(rng)
    blank = Blank(SIZE_MM, ground)
    _pictures(blank, look, rng)
    kind = Type(chosen(rng, _FACES), sample_punch(rng, raised=float(rng.random() < 0.8)),
                look.ink, wide=float(rng.uniform(0.82, 1.12)))  # fmt: skip
    _number(blank, text, letters, kind, rng)
    _names(blank, look, letters, rng)
    _stickers(blank, letters, rng)
    if rng.random() < 0.6:
        blank.ring(
            float(rng.uniform(2, 6)), 1.6, look.ink if rng.random() < 0.4 else (180, 180, 180)
        )
    for x in (0.21, 0.79):
        blank.holes += [(x * SIZE_MM[0], 15.0), (x * SIZE_MM[0], 137.0)]
    return Printed(blank, text, look.ground)


def _look(rng: np.random.Generator) -> tuple[_Look, U8]:
    """Ground and ink; dark grounds bear white."""
    if rng.random() < 0.08:
        colour = _DARK[int(rng.integers(len(_DARK)))]
        blue = colour == _DARK[0]
        ink = jittered(rng, _INKS["white"], 6)
        return _Look("blue" if blue else "other", ink, dark=True), faded(
            (jittered(rng, colour, 8),) * 2
        )
    ink = jittered(rng, _INKS[chosen(rng, _INK_SHARES)], 12)
    first = _PALE[0] if rng.random() < 0.45 else _PALE[int(rng.integers(len(_PALE)))]
    stops = [jittered(rng, first, 8)]
    if rng.random() < 0.45:
        stops += [jittered(rng, _PALE[int(rng.integers(len(_PALE)))], 10) for _ in range(2)]
    ground = np.mean(np.array(stops), axis=0)
    name = "yellow" if ground[2] < 175 < ground[0] else "white"
    return _Look(name, ink, dark=False), faded((*stops, stops[-1]))


def _pictures(blank: Blank, look: _Look, rng: np.random.Generator) -> None:
    """Bands, hills, suns and clouds behind the number, and an emblem in its middle at times."""
    width, height = SIZE_MM
    if rng.random() < 0.3:
        colour = jittered(rng, _INKS[chosen(rng, _INK_SHARES)], 20)
        for top in (0.0, height - 24)[: int(rng.integers(1, 3))]:
            blank.panel((0, top, width, 24.0), colour, float(rng.uniform(0.6, 1)))
    if rng.random() < 0.35:
        _hills(blank, jittered(rng, (120, 130, 150), 45), rng)
    if rng.random() < 0.3:
        _clouds(blank, rng)


def _hills(blank: Blank, colour: Rgb, rng: np.random.Generator) -> None:
    width, height = SIZE_MM
    across = np.linspace(0, width, 12)
    tops = height * (0.86 - 0.2 * rng.random(12))
    points = [(0.0, height), *zip(across.tolist(), tops.tolist(), strict=True), (width, height)]
    before = blank.rgb.copy()
    blank.shape(points, colour)
    share = float(rng.uniform(0.2, 0.9))
    blank.rgb[:] = cv2.addWeighted(blank.rgb, share, before, 1 - share, 0)


def _clouds(blank: Blank, rng: np.random.Generator) -> None:
    """Soft patches of another tint."""
    rows, columns = blank.relief.shape
    coarse = rng.normal(0, float(rng.uniform(5, 26)), (4, 6, 3)).astype(np.float32)
    tint = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    blank.rgb[:] = np.clip(blank.rgb + tint, 0, 255).astype(np.uint8)


def _number(
    blank: Blank, text: str, letters: Letters, kind: Type, rng: np.random.Generator
) -> None:
    tall = float(rng.uniform(60, 74))
    groups = [text]
    if len(text) >= 5 and rng.random() < 0.62:
        cut = _cut(text, rng)
        groups = [text[:cut], text[cut:]]
    top = float(rng.uniform(42, 54)) + (66 - tall) / 2
    box = (float(rng.uniform(8, 22)), top, 0.0, tall)
    box = (box[0], top, SIZE_MM[0] - 2 * box[0], tall)
    emblem = len(groups) > 1 and rng.random() < 0.6
    between = float(rng.uniform(0.42, 0.7)) if emblem else float(rng.uniform(0.25, 0.5))
    gap = float(rng.uniform(0.06, 0.16))
    for at in in_line(blank, groups, box, letters, kind, gap=gap, between=between):
        if emblem:
            _emblem(blank, (at, top + tall / 2), kind.ink, rng)


def _cut(text: str, rng: np.random.Generator) -> int:
    """Where letters meet digits, or nearly the middle."""
    changes = [i for i in range(2, len(text) - 1) if text[i].isdigit() != text[i - 1].isdigit()]
    middle = len(text) // 2 if rng.random() < 0.5 else (len(text) + 1) // 2
    return changes[0] if changes and rng.random() < 0.7 else middle


def _emblem(blank: Blank, at: tuple[float, float], ink: Rgb, rng: np.random.Generator) -> None:
    """Something between the groups: a star, a blob with a waist, a dot, a pair of bars, a tree."""
    colour = ink if rng.random() < 0.35 else jittered(rng, (200, 120, 60), 60)
    radius = float(rng.uniform(6, 15))
    sort = int(rng.integers(4))
    if sort == 0:
        blank.disc(at, radius * 0.5, colour)
        return
    if sort == 1:
        for shift in (-6.0, 4.0):
            blank.panel((at[0] - 10, at[1] + shift, 20, 4.5), colour)
        return
    count = 10 if sort == 2 else 14
    reach = (
        np.where(np.arange(count) % 2 > 0, 0.45, 1.0) if sort == 2 else rng.uniform(0.5, 1.2, count)
    )
    angles = np.linspace(-np.pi / 2, 1.5 * np.pi, count, endpoint=False)
    x, y = at[0] + radius * reach * np.cos(angles), at[1] + 1.3 * radius * reach * np.sin(angles)
    blank.shape(list(zip(x.tolist(), y.tolist(), strict=True)), colour)


def _names(blank: Blank, look: _Look, letters: Letters, rng: np.random.Generator) -> None:
    """The state above, and mostly something below."""
    colour = look.ink if rng.random() < 0.5 else jittered(rng, _INKS[chosen(rng, _INK_SHARES)], 15)
    if look.dark:
        colour = look.ink
    state = "state_script" if rng.random() < 0.4 else "state_plain"
    tall = float(rng.uniform(15, 27))
    box = (70.0, float(rng.uniform(8, 14)), 165.0, tall)
    blank.words(words(letters, state, rng), box, colour)
    if rng.random() < 0.75:
        category = "slogan" if rng.random() < 0.75 else "dealer"
        tall = float(rng.uniform(8, 15))
        box = (40.0, 143 - tall - float(rng.uniform(0, 6)), 225.0, tall)
        blank.words(words(letters, category, rng), box, colour)


def _stickers(blank: Blank, letters: Letters, rng: np.random.Generator) -> None:
    """Month and year in the corners, a square with a sign beside the number."""
    for x, y in ((10.0, 10.0), (255.0, 10.0), (10.0, 118.0), (255.0, 118.0)):
        if rng.random() > 0.28:
            continue
        wide, tall = float(rng.uniform(24, 38)), float(rng.uniform(18, 26))
        ground = jittered(rng, (170, 150, 110), 70)
        ink: Rgb = (245, 245, 245) if sum(ground) < 380 else (20, 20, 30)
        blank.panel((x, y, wide, tall), ground)
        blank.words(words(letters, "month", rng), (x + 3, y + 3, wide - 6, tall - 6), ink)
