"""Vehicles as a street has them, drawn from a generator alone."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from scenes.faces import FRONTS, REARS
from scenes.numberplates import PlateStyle
from scenes.paintshop import sample_paint
from scenes.shapes import Colour
from scenes.signwriting import sample_livery, sample_route, sample_stickers
from scenes.vehicle_looks import (
    Face,
    OddPanel,
    Rack,
    RackKind,
    Rims,
    Shape,
    VehicleLabel,
    VehicleLook,
)
from scenes.wardrobe import apart, drawn, dyed

_LABELS: Mapping[VehicleLabel, float] = {"car": 70, "van": 15, "truck": 9, "bus": 6}
_SHAPES: Mapping[VehicleLabel, Mapping[Shape, float]] = {
    "car": {"sedan": 30, "suv": 25, "hatchback": 14, "mpv": 8, "estate": 6, "taxi": 9, "mini": 5,
            "pickup": 3},
    "van": {"microvan": 36, "panel_van": 42, "minibus": 22},
    "bus": {"city_bus": 80, "coach": 20},
    "truck": {"box_truck": 50, "tipper": 18, "flatbed": 20, "tanker": 12},
}  # fmt: skip
_SIZES: Mapping[Shape, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "mini": ((2.95, 3.35), (1.48, 1.58), (1.56, 1.65)),
    "hatchback": ((3.8, 4.35), (1.70, 1.80), (1.45, 1.54)),
    "sedan": ((4.5, 4.98), (1.76, 1.88), (1.43, 1.50)),
    "taxi": ((4.5, 4.75), (1.74, 1.82), (1.45, 1.50)),
    "estate": ((4.55, 4.9), (1.78, 1.86), (1.46, 1.54)),
    "suv": ((4.3, 4.95), (1.82, 1.96), (1.62, 1.78)),
    "mpv": ((4.75, 5.2), (1.83, 1.96), (1.72, 1.86)),
    "pickup": ((5.15, 5.45), (1.84, 1.94), (1.76, 1.86)),
    "microvan": ((3.9, 4.45), (1.60, 1.70), (1.85, 1.96)),
    "panel_van": ((5.1, 5.95), (1.98, 2.06), (2.25, 2.62)),
    "minibus": ((5.1, 5.95), (1.98, 2.06), (2.25, 2.60)),
    "city_bus": ((10.3, 12.0), (2.50, 2.55), (2.95, 3.15)),
    "coach": ((9.8, 12.0), (2.50, 2.55), (3.25, 3.5)),
    "box_truck": ((5.7, 8.4), (2.10, 2.45), (2.85, 3.5)),
    "tipper": ((6.0, 8.6), (2.25, 2.48), (2.75, 3.2)),
    "flatbed": ((5.8, 8.8), (2.10, 2.45), (2.35, 2.75)),
    "tanker": ((6.6, 8.8), (2.30, 2.48), (2.85, 3.2)),
}
_RACKS: Mapping[Shape, Mapping[RackKind | None, float]] = {
    "suv": {"rails": 55, "bars": 10, "roof_box": 5, None: 30},
    "estate": {"rails": 45, "bars": 10, "roof_box": 12, None: 33},
    "mpv": {"rails": 30, "roof_box": 5, None: 65},
    "hatchback": {"bars": 6, None: 94},
    "sedan": {"roof_box": 2, None: 98},
    "microvan": {"bars": 16, "ladder": 10, None: 74},
    "panel_van": {"bars": 12, "ladder": 16, None: 72},
    "minibus": {"bars": 8, None: 92},
}
_SUNROOFS: Mapping[Shape, float] = {
    "suv": 0.4, "sedan": 0.3, "mpv": 0.4, "hatchback": 0.2, "estate": 0.3, "mini": 0.2,
}  # fmt: skip
_NONE: Mapping[RackKind | None, float] = {None: 1}


def sample_vehicle(rng: np.random.Generator, label: VehicleLabel | None = None) -> VehicleLook:
    """A vehicle of a label (any if None), as a street has them."""
    kind: VehicleLabel = drawn(rng, _LABELS) if label is None else label
    return _sample(rng, kind, drawn(rng, _SHAPES[kind]))


def alike_vehicle(look: VehicleLook, rng: np.random.Generator) -> VehicleLook:
    """A look-alike: same label, shape and colours, about the same size; all else drawn again."""
    other = _sample(rng, look.label, look.shape)
    same_roof = apart(look.roof, look.colour) < 1e-6
    colour = dyed(rng, look.colour, 0.008)
    return replace(
        other,
        length_m=_near(rng, look.length_m),
        width_m=_near(rng, look.width_m),
        height_m=_near(rng, look.height_m),
        colour=colour,
        second=dyed(rng, look.second, 0.008),
        roof=colour if same_roof else look.roof,
        scheme=look.scheme if rng.random() < 0.7 else other.scheme,
        sign=look.sign,
        load=look.load if look.load is None else other.load or look.load,
        plate_style=look.plate_style,
    )


def _near(rng: np.random.Generator, size_m: float) -> float:
    return round(float(size_m * rng.uniform(0.985, 1.015)), 3)


def _sample(rng: np.random.Generator, label: VehicleLabel, shape: Shape) -> VehicleLook:
    length, width, height = (round(float(rng.uniform(*span)), 3) for span in _SIZES[shape])
    colour, second, roof, scheme = sample_paint(rng, label, shape)
    tint = dyed(rng, (0.085, 0.105, 0.11), 0.02)
    dark = rng.random() < 0.45
    return VehicleLook(
        label=label,
        shape=shape,
        length_m=length,
        width_m=width,
        height_m=height,
        colour=colour,
        second=second,
        roof=roof,
        scheme=scheme,
        tint=tint,
        privacy=(0.035, 0.035, 0.04) if dark else tint,
        face=_sample_face(rng),
        rims=_sample_rims(rng, label),
        lines=_sample_lines(rng),
        sunroof=bool(rng.random() < _SUNROOFS.get(shape, 0.0)),
        rack=_sample_rack(rng, shape),
        sign=_SIGNS[int(rng.integers(len(_SIGNS)))] if shape == "taxi" else None,
        livery=sample_livery(rng, shape, second if label == "truck" else colour),
        stickers=sample_stickers(rng, shape, colour),
        odd=_sample_odd(rng, label, colour),
        load=_sample_load(rng, shape),
        route=sample_route(rng),
        dirt=_sample_dirt(rng, label),
        plate_style=_sample_plate_style(rng, label, shape),
    )


_SIGNS: tuple[Colour, ...] = ((0.92, 0.80, 0.30), (0.90, 0.90, 0.85), (0.40, 0.75, 0.90))


def _sample_face(rng: np.random.Generator) -> Face:
    chrome, dark = dyed(rng, (0.55, 0.56, 0.58), 0.03), dyed(rng, (0.07, 0.07, 0.075), 0.02)
    trim = dyed(rng, (0.10, 0.10, 0.105) if rng.random() < 0.75 else (0.26, 0.26, 0.27), 0.02)
    return Face(
        front=int(rng.integers(len(FRONTS))),
        rear=int(rng.integers(len(REARS))),
        grille=chrome if rng.random() < 0.25 else dark,
        lamps=dyed(rng, (0.93, 0.93, 0.86) if rng.random() < 0.7 else (0.84, 0.90, 0.95), 0.01),
        trim=trim,
    )


def _sample_rims(rng: np.random.Generator, label: VehicleLabel) -> Rims:
    heavy = label in ("bus", "truck")
    metal: Mapping[Colour, float] = {
        (0.70, 0.71, 0.73): 5, (0.50, 0.51, 0.53): 3, (0.12, 0.12, 0.13): 0.5 if heavy else 3,
        (0.88, 0.88, 0.87): 1.0, (0.60, 0.45, 0.22): 0.25,
    }  # fmt: skip
    spokes = 0 if rng.random() < (0.6 if heavy else 0.15) else int(rng.integers(4, 9))
    share = rng.uniform(0.52, 0.6) if heavy else rng.uniform(0.62, 0.76)
    return Rims(spokes, dyed(rng, drawn(rng, metal), 0.02), round(float(share), 3))


def _sample_lines(rng: np.random.Generator) -> tuple[float, float, float, float]:
    one, two, three, four = (round(float(part), 3) for part in rng.uniform(-1, 1, 4))
    return one, two, three, four


def _sample_rack(rng: np.random.Generator, shape: Shape) -> Rack | None:
    kind = drawn(rng, _RACKS.get(shape, _NONE))
    if kind is None:
        return None
    colour = drawn(
        rng, {(0.07, 0.07, 0.075): 5.0, (0.66, 0.67, 0.68): 4.0, (0.85, 0.85, 0.84): 1.0}
    )
    return Rack(kind, dyed(rng, colour, 0.02))


def _sample_odd(rng: np.random.Generator, label: VehicleLabel, colour: Colour) -> OddPanel | None:
    if label not in ("car", "van") or rng.random() > 0.06:
        return None
    primer = (0.42, 0.42, 0.43) if rng.random() < 0.5 else dyed(rng, colour, 0.12)
    return OddPanel(bool(rng.random() < 0.5), int(rng.integers(6)), primer)


_EARTH: Mapping[Colour, float] = {
    (0.45, 0.36, 0.25): 3, (0.36, 0.36, 0.37): 2, (0.62, 0.52, 0.36): 2,
}  # fmt: skip
_CRATES: Mapping[Colour, float] = {
    (0.62, 0.48, 0.30): 3, (0.16, 0.34, 0.55): 1, (0.75, 0.75, 0.73): 1, (0.22, 0.38, 0.24): 1,
}  # fmt: skip


def _sample_load(rng: np.random.Generator, shape: Shape) -> Colour | None:
    if shape == "tipper":
        return dyed(rng, drawn(rng, _EARTH))
    if shape == "flatbed" and rng.random() < 0.75:
        return dyed(rng, drawn(rng, _CRATES))
    return None


def _sample_dirt(rng: np.random.Generator, label: VehicleLabel) -> float:
    muddy = rng.random() < (0.35 if label == "truck" else 0.12)
    return round(float(rng.uniform(0.2, 0.55) if muddy else rng.uniform(0.0, 0.14)), 3)


def _sample_plate_style(rng: np.random.Generator, label: VehicleLabel, shape: Shape) -> PlateStyle:
    if label == "bus":
        return "green" if rng.random() < 0.5 else "yellow"
    if label == "truck":
        return "yellow" if rng.random() < 0.8 else "blue"
    return drawn(rng, {"blue": 62.0, "green": 38.0 if shape == "mini" else 24.0, "latin": 14.0})
