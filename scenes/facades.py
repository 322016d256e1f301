"""What a house front looks like: its colours, its panes and its own lights, as flat pictures."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, I32, U8
from scenes.houses import House
from scenes.words import shop_word

Rgb = tuple[int, int, int]

_PLASTERS: tuple[Rgb, ...] = (
    (222, 205, 172), (214, 186, 150), (205, 196, 186), (196, 160, 136), (178, 190, 180),
    (206, 178, 120), (226, 219, 205), (172, 180, 190), (198, 140, 116), (186, 176, 152),
)  # fmt: skip
_BRICKS: tuple[Rgb, ...] = ((146, 84, 66), (164, 104, 80), (122, 76, 64), (172, 132, 100))
_STONES: tuple[Rgb, ...] = ((190, 182, 166), (170, 164, 156), (200, 186, 158))
_MODERN: tuple[Rgb, ...] = ((206, 208, 208), (96, 100, 106), (150, 148, 142), (178, 170, 160))
_WALLS = {"plaster": _PLASTERS, "brick": _BRICKS, "stone": _STONES, "modern": _MODERN}
_FRAMES: tuple[Rgb, ...] = ((232, 230, 224), (74, 58, 48), (58, 62, 66), (84, 96, 88))
_ACCENTS: tuple[Rgb, ...] = (
    (150, 34, 36), (24, 74, 60), (28, 52, 96), (176, 108, 30), (60, 44, 70),
    (34, 36, 40), (128, 58, 36), (20, 92, 104), (196, 168, 70), (104, 30, 60),
)  # fmt: skip
_GLASS: Rgb = (52, 62, 70)
_WARM: tuple[Rgb, ...] = ((255, 204, 138), (255, 222, 170), (255, 190, 116), (238, 236, 220))
_SHIFT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Facade:
    """Pictures of a front, top row highest: `albedo` and `glow` (h, w, 3) as written, not linear;
    `glass` (h, w) is 255 where panes mirror the sky. `glow` is what shines when it is dark."""

    albedo: U8
    glow: U8
    glass: U8


class _Sheet:
    """Three pictures drawn at once, in metres from the front's foot."""

    def __init__(self, size_m: tuple[float, float], px_per_m: float) -> None:
        self.scale = px_per_m
        width, height = (max(round(side * px_per_m), 2) for side in size_m)
        self.top_m = size_m[1]
        self.albedo = np.zeros((height, width, 3), np.uint8)
        self.glow = np.zeros((height, width, 3), np.uint8)
        self.glass = np.zeros((height, width), np.uint8)

    def _corners(self, box_m: tuple[float, float, float, float]) -> I32:
        left, low, right, high = box_m
        corners = np.array([(left, low), (right, low), (right, high), (left, high)])
        return self._fixed(corners)

    def _fixed(self, points_m: F64) -> I32:
        flipped = np.column_stack([points_m[:, 0], self.top_m - points_m[:, 1]])
        px = np.clip(flipped * self.scale - 0.5, -4000, 12000)
        return np.asarray(np.round(px * (1 << _SHIFT)), np.int32)

    def box(
        self,
        box_m: tuple[float, float, float, float],
        rgb: Rgb,
        *,
        glow: Rgb = (0, 0, 0),
        glass: int = 0,
    ) -> None:
        """Fill left, low, right, high."""
        if box_m[1] >= self.top_m or box_m[2] <= box_m[0] or box_m[3] <= box_m[1]:
            return
        corners = self._corners(box_m)
        for picture, value in ((self.albedo, rgb), (self.glow, glow), (self.glass, (glass,))):
            cv2.fillConvexPoly(picture, corners, value, cv2.LINE_AA, _SHIFT)

    def shade(self, box_m: tuple[float, float, float, float], gain: float) -> None:
        """Multiply what is painted there."""
        rows, columns = self._window(box_m)
        part = self.albedo[rows, columns]
        part[...] = np.clip(part * gain, 0, 255).astype(np.uint8)

    def fade(self, box_m: tuple[float, float, float, float]) -> None:
        """Let what shines do so less towards the floor and the sides."""
        rows, columns = self._window(box_m)
        part = self.glow[rows, columns]
        down = np.linspace(1.1, 0.42, part.shape[0])[:, None]
        aside = 1 - 0.3 * np.abs(np.linspace(-1, 1, part.shape[1])) ** 3
        part[...] = np.clip(part * (down * aside)[..., None], 0, 255).astype(np.uint8)

    def _window(self, box_m: tuple[float, float, float, float]) -> tuple[slice, slice]:
        left, low, right, high = box_m
        height, width = self.albedo.shape[:2]
        rows = np.clip(np.round((self.top_m - np.array([high, low])) * self.scale), 0, height)
        columns = np.clip(np.round(np.array([left, right]) * self.scale), 0, width)
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))

    def word(
        self, text: str, box_m: tuple[float, float, float, float], rgb: Rgb, *, glow: Rgb
    ) -> None:
        """Write a word as large as fits into a box."""
        rows, columns = self._window(box_m)
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        if tall < 4 or wide < 8:
            return
        font, thick = cv2.FONT_HERSHEY_DUPLEX, max(1, round(tall / 14))
        (across, up), _ = cv2.getTextSize(text, font, 1.0, thick)
        size = min(tall / up, wide / max(across, 1))
        (across, up), _ = cv2.getTextSize(text, font, size, thick)
        at = (columns.start + (wide - across) // 2, rows.start + (tall + up) // 2)
        cv2.putText(self.albedo, text, at, font, size, rgb, thick, cv2.LINE_AA)
        cv2.putText(self.glow, text, at, font, size, glow, thick, cv2.LINE_AA)


def facade(house: House, px_per_m: float, top_m: float) -> Facade:
    """The front up to `top_m`; the same house gives the same picture at every scale."""
    rng = np.random.default_rng((*house.seed, 1))
    sheet = _Sheet((house.width_m, min(top_m, house.height_m)), px_per_m)
    wall = _pick(_WALLS[house.style], rng)
    _wall(sheet, house, wall, rng)
    upper, lower = rng.spawn(2)
    _storeys(sheet, house, wall, upper)
    _ground_floor(sheet, house, wall, lower)
    return Facade(sheet.albedo, sheet.glow, sheet.glass)


def _pick(choices: tuple[Rgb, ...], rng: np.random.Generator) -> Rgb:
    return choices[int(rng.integers(len(choices)))]


def _times(rgb: Rgb, gain: float) -> Rgb:
    red, green, blue = (min(int(part * gain), 255) for part in rgb)
    return red, green, blue


def _wall(sheet: _Sheet, house: House, wall: Rgb, rng: np.random.Generator) -> None:
    """Plaster, bricks, stones or panels, weathered."""
    height, width = sheet.albedo.shape[:2]
    z = sheet.top_m - (np.arange(height, dtype=np.float32) + 0.5) / sheet.scale
    u = (np.arange(width, dtype=np.float32) + 0.5) / sheet.scale
    gain = 1 + _stains(rng, house, u, z)
    if house.style == "brick":
        gain = gain * _coursed(u, z, (0.25, 0.078, 0.012), 0.13, rng)
    elif house.style == "stone":
        gain = gain * _coursed(u, z, (0.8, 0.4, 0.016), 0.06, rng)
    elif house.style == "modern":
        gain = gain * _coursed(u, z, (1.5, 1.1, 0.02), 0.03, rng)
    foot = 1 - 0.16 * np.exp(-z / 0.45)
    gain = gain * foot[:, None]
    sheet.albedo[...] = np.clip(gain[..., None] * np.array(wall, np.float32), 0, 255)


def _stains(rng: np.random.Generator, house: House, u: F32, z: F32) -> F32:
    """Slow changes of shade that hang down from above, (h, w)."""
    cells = rng.standard_normal((5, 24)).astype(np.float32)
    across = np.clip(u / max(house.width_m, 1.0) * 23, 0, 22.99)
    up = np.clip(z / 18.0 * 4, 0, 3.99)
    mapped = np.meshgrid(across, up)
    slow = cv2.remap(cells, mapped[0], mapped[1], cv2.INTER_LINEAR)
    return np.asarray(0.035 * slow, np.float32)


def _coursed(
    u: F32, z: F32, size_m: tuple[float, float, float], differ: float, rng: np.random.Generator
) -> F32:
    """Stones in courses with joints between, (h, w); joints too fine to see only darken."""
    long_m, tall_m, joint_m = size_m
    fine = abs(float(u[1] - u[0])) if len(u) > 1 else 1.0
    course = np.floor(z / tall_m)
    along = u[None] / long_m + 0.5 * np.mod(course, 2)[:, None]
    stone = np.floor(along)
    table = rng.standard_normal((64, 64)).astype(np.float32)
    shade = table[course.astype(int)[:, None] & 63, stone.astype(int) & 63]
    seen = np.clip(1.4 - fine / tall_m, 0, 1)
    upright = np.minimum(along - stone, 1 - along + stone) * long_m
    level = np.minimum(z / tall_m - course, 1 - z / tall_m + course) * tall_m
    apart = np.minimum(upright, level[:, None])
    joint = np.clip(1.0 - (apart - joint_m / 2) / max(fine, 1e-3), 0, 1)
    joint *= min(1.0, joint_m / max(fine, 1e-3))
    return np.asarray((1 + differ * seen * shade) * (1 - 0.22 * joint), np.float32)


def _bays(house: House, rng: np.random.Generator) -> list[float]:
    """Middles of the windows of each storey."""
    count = max(int(house.width_m / rng.uniform(2.3, 3.2)), 1)
    step = house.width_m / count
    return [step * (place + 0.5) for place in range(count)]


def _storeys(sheet: _Sheet, house: House, wall: Rgb, rng: np.random.Generator) -> None:
    bays = _bays(house, rng)
    half = min(float(rng.uniform(0.5, 0.75)), house.width_m / len(bays) / 2 - 0.3)
    tall = float(rng.uniform(1.5, 1.95))
    frame = _pick(_FRAMES, rng)
    trim = _times(wall, 1.16) if house.style != "modern" else _times(wall, 0.8)
    shutters = _pick(_ACCENTS, rng) if house.style == "plaster" and rng.random() < 0.35 else None
    for storey in range(1, house.storeys):
        floor = house.ground_m + (storey - 1) * house.storey_m
        sheet.box((0.0, floor - 0.14, house.width_m, floor + 0.06), trim)
        sheet.shade((0.0, floor - 0.26, house.width_m, floor - 0.14), 0.75)
        for middle in bays:
            look = rng.random(4)
            box = (middle - half, floor + 0.85, middle + half, floor + 0.85 + tall)
            if shutters:
                for side in ((box[0] - 0.42, box[0] - 0.04), (box[2] + 0.04, box[2] + 0.42)):
                    sheet.box((side[0], box[1], side[1], box[3]), shutters)
            _window(sheet, box, frame, trim, look=look)
    eaves = house.height_m
    sheet.box((0.0, eaves - 0.4, house.width_m, eaves), trim)
    sheet.shade((0.0, eaves - 0.55, house.width_m, eaves - 0.4), 0.7)


def _window(
    sheet: _Sheet,
    box_m: tuple[float, float, float, float],
    frame: Rgb,
    trim: Rgb,
    *,
    look: F64,
) -> None:
    """A window in its reveal: sill, frame, panes, perhaps curtains or a lamp behind them."""
    left, low, right, high = box_m
    sheet.box((left - 0.09, low - 0.09, right + 0.09, high + 0.12), trim)
    sheet.box((left, low, right, high), _times(trim, 0.55))
    sheet.box((left + 0.04, low, right - 0.04, high - 0.08), frame)
    lit = look[0] < 0.34
    glow = _times(_WARM[int(look[1] * len(_WARM))], 0.75) if lit else (0, 0, 0)
    edge = 0.08
    inner = (left + 0.04 + edge, low + edge, right - 0.04 - edge, high - 0.08 - edge)
    _pane(sheet, inner, glow, look)
    middle = (left + right) / 2
    sheet.box((middle - 0.03, low, middle + 0.03, high - 0.08), frame)
    if look[2] < 0.5:
        bar = low + 0.68 * (high - low)
        sheet.box((left + 0.04, bar - 0.03, right - 0.04, bar + 0.03), frame)
    sheet.box((left - 0.14, low - 0.13, right + 0.14, low - 0.03), _times(trim, 1.1))
    sheet.shade((left - 0.12, low - 0.24, right + 0.12, low - 0.13), 0.72)


def _pane(sheet: _Sheet, box_m: tuple[float, float, float, float], glow: Rgb, look: F64) -> None:
    left, low, right, high = box_m
    sheet.box(box_m, _GLASS, glow=glow, glass=255)
    if look[3] < 0.6:
        part = (0.12 + 0.3 * look[3]) * (right - left)
        cloth = (196, 190, 178)
        for span in ((left, left + part), (right - part, right)):
            sheet.box((span[0], low, span[1], high), cloth, glow=_times(glow, 0.8), glass=120)
    elif look[3] < 0.75:
        down = high - (high - low) * (look[3] - 0.3)
        sheet.box((left, down, right, high), (206, 202, 190), glow=_times(glow, 0.7), glass=90)


def _ground_floor(sheet: _Sheet, house: House, wall: Rgb, rng: np.random.Generator) -> None:
    if house.ground == "shop":
        _shop(sheet, house, rng)
    elif house.ground == "garage":
        _garage(sheet, house, wall, rng)
    else:
        _homes(sheet, house, wall, rng)


def _homes(sheet: _Sheet, house: House, wall: Rgb, rng: np.random.Generator) -> None:
    """Windows and a door above a plinth."""
    plinth = _times(wall, 0.62)
    sheet.box((0.0, 0.0, house.width_m, 0.55), plinth)
    sheet.box((0.0, 0.55, house.width_m, 0.61), _times(wall, 1.1))
    sheet.shade((0.0, 0.0, house.width_m, 0.12), 0.8)
    bays = _bays(house, rng)
    half = min(0.72 if house.ground == "office" else 0.58, house.width_m / len(bays) / 2 - 0.25)
    door = int(rng.integers(len(bays)))
    frame, colour, trim = _pick(_FRAMES, rng), _pick(_ACCENTS, rng), _times(wall, 1.14)
    for place, middle in enumerate(bays):
        look = rng.random(4)
        if place == door:
            _door(sheet, middle, colour, trim)
        else:
            _window(sheet, (middle - half, 1.0, middle + half, 2.75), frame, trim, look=look)


def _door(sheet: _Sheet, middle: float, colour: Rgb, trim: Rgb) -> None:
    sheet.box((middle - 0.72, 0.0, middle + 0.72, 2.85), trim)
    sheet.box((middle - 0.58, 0.0, middle + 0.58, 2.72), _times(trim, 0.45))
    sheet.box((middle - 0.54, 0.14, middle + 0.54, 2.2), colour)
    sheet.box((middle - 0.54, 2.28, middle + 0.54, 2.66), _GLASS, glow=(200, 160, 100), glass=255)
    for left in (middle - 0.42, middle + 0.08):
        for low, high in ((0.35, 0.95), (1.1, 2.0)):
            sheet.box((left, low, left + 0.34, high), _times(colour, 0.75))
            sheet.box((left + 0.03, low, left + 0.34, high - 0.03), _times(colour, 1.12))
    sheet.box((middle + 0.44, 1.02, middle + 0.5, 1.16), (190, 170, 110))
    sheet.box((middle - 0.7, 0.0, middle + 0.7, 0.14), (150, 146, 138))


def _garage(sheet: _Sheet, house: House, wall: Rgb, rng: np.random.Generator) -> None:
    """Gates that roll up."""
    sheet.box((0.0, 0.0, house.width_m, 0.3), _times(wall, 0.6))
    count = max(int(house.width_m / 3.6), 1)
    step = house.width_m / count
    colour = _pick(((150, 154, 156), (112, 120, 116), (176, 168, 152), (92, 84, 78)), rng)
    for place in range(count):
        middle = step * (place + 0.5)
        half = min(1.35, step / 2 - 0.25)
        sheet.box((middle - half - 0.1, 0.0, middle + half + 0.1, 2.65), _times(wall, 0.7))
        sheet.box((middle - half, 0.0, middle + half, 2.5), colour)
        for low in np.arange(0.0, 2.4, 0.12):
            level = float(low)
            sheet.box((middle - half, level, middle + half, level + 0.03), _times(colour, 0.74))
        sheet.shade((middle - half, 2.3, middle + half, 2.5), 0.7)


def _shop(sheet: _Sheet, house: House, rng: np.random.Generator) -> None:
    """A shop: pillars, panes with goods behind them, a door and a board with its name."""
    colour, frame = _pick(_ACCENTS, rng), _pick(_FRAMES[1:], rng)
    width, board = house.width_m, house.ground_m - 0.95
    base = _times(colour, 0.8) if rng.random() < 0.6 else (126, 120, 112)
    sheet.box((0.25, 0.0, width - 0.25, board + 0.1), base)
    parts = max(int((width - 0.6) / float(rng.uniform(1.7, 2.6))), 2)
    step = (width - 0.6) / parts
    door = int(rng.integers(parts))
    light = _pick(_WARM, rng)
    for place in range(parts):
        left, right = 0.3 + place * step + 0.06, 0.3 + (place + 1) * step - 0.06
        low = 0.08 if place == door else 0.5
        sheet.box((left, low, right, board), frame)
        inner = (left + 0.06, low + 0.08, right - 0.06, board - 0.06)
        sheet.box(inner, (48, 52, 54), glow=_times(light, 0.9), glass=215)
        _goods(sheet, inner, light, rng)
        if place == door:
            middle = (left + right) / 2
            sheet.box((middle - 0.02, low, middle + 0.02, 2.15), frame)
            sheet.box((left, 2.12, right, 2.2), frame)
            sheet.box((middle + 0.06, 0.9, middle + 0.1, 1.4), (200, 196, 186))
    _board(sheet, (width, board, house.ground_m - 0.25), colour, rng)


def _goods(
    sheet: _Sheet, box_m: tuple[float, float, float, float], light: Rgb, rng: np.random.Generator
) -> None:
    """Dim shapes behind a shop's pane, brighter above, and posters on it."""
    left, low, right, high = box_m
    wide = right - left
    for level in np.sort(rng.uniform(low + 0.5, high - 0.5, 2)).tolist():
        shelf = (left, level, right, level + 0.05)
        sheet.box(shelf, (84, 78, 70), glow=_times(light, 0.45), glass=170)
    for level, tallest in ((low, 0.75), (low + 0.5 * (high - low), 0.3)):
        at = left + float(rng.uniform(0.0, 0.2))
        while at < right - 0.12:
            size = float(rng.uniform(0.08, 0.3)), float(rng.uniform(0.12, tallest))
            mixed = rng.integers(40, 150, 3) * 0.45 + 40 * rng.uniform(0.6, 1.5)
            rgb = (int(mixed[0]), int(mixed[1]), int(mixed[2] * 0.92))
            top = min(level + size[1], high)
            thing = (at, level, min(at + size[0], right), top)
            sheet.box(thing, rgb, glow=_times(rgb, 1.05), glass=190)
            at += size[0] + float(rng.uniform(0.02, 0.3))
    sheet.fade(box_m)
    if rng.random() < 0.3 and wide > 0.8:
        at = float(rng.uniform(left, right - 0.5))
        paper = rng.integers(110, 225, 3).tolist()
        poster = (at, low + 0.5, at + 0.45, low + 1.15)
        sheet.box(poster, (paper[0], paper[1], paper[2]), glow=(70, 60, 50))


def _board(
    sheet: _Sheet, place: tuple[float, float, float], colour: Rgb, rng: np.random.Generator
) -> None:
    """The board above a shop with its name."""
    width, low, high = place
    sheet.box((0.2, low, width - 0.2, high), colour)
    sheet.box((0.2, high - 0.05, width - 0.2, high), _times(colour, 1.4))
    sheet.shade((0.2, low - 0.16, width - 0.2, low), 0.6)
    bright = sum(colour) > 330
    ink: Rgb = (30, 28, 26) if bright else (240, 234, 220)
    lit = rng.random() < 0.75
    glow = _pick(((255, 214, 150), (255, 250, 240), (140, 220, 255), (255, 120, 110)), rng)
    text = shop_word(rng)
    wide = min(0.36 * len(text) + 0.4, width - 0.8)
    middle = width * float(rng.choice([0.5, 0.35, 0.65])) if width > 2 * wide else width / 2
    box = (middle - wide / 2, low + 0.16, middle + wide / 2, high - 0.17)
    sheet.word(text, box, ink, glow=glow if lit else (0, 0, 0))
