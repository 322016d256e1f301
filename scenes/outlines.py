"""Side views of cars and vans, a shape each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scenes.vehicle_looks import Shape

Glazing = Sequence[tuple[str, float]]
"""Letters of the greenhouse's side and where each ends, from the rear (0) to the front (1)."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A side view: `x` are shares of the length from rear to front, `z` shares of the height.

    `cowl` and `back` are where windscreen and rear window stand on the body, `roof_x` where they
    meet the roof, `roof_z` its height there (rear, front). `roof_width` is a share of the width,
    `bulge_m` how far rear and front stick out in their middle. A `bed` is open to the sky.
    """

    cowl: tuple[float, float]
    roof_x: tuple[float, float]
    back: tuple[float, float]
    nose_z: float
    tail_z: float
    roof_z: tuple[float, float]
    axles_x: tuple[float, float]
    wheel_m: float
    sill_m: float
    roof_width: float
    doors_x: tuple[float, ...]
    glazing: Glazing
    bulge_m: tuple[float, float] = (0.12, 0.2)
    bed: bool = False


_SALOON = (("P", 0.13), ("V", 0.22), ("P", 0.25), ("V", 0.53), ("B", 0.58), ("G", 0.94), ("P", 1.0))
_TALL = (("P", 0.05), ("V", 0.22), ("B", 0.26), ("V", 0.53), ("B", 0.57), ("G", 0.94), ("P", 1.0))
_GLAZED_MPV = (("P", 0.03), ("V", 0.28), ("B", 0.31), ("V", 0.58), ("B", 0.62), ("G", 0.84),
               ("B", 0.86), ("G", 0.95), ("P", 1.0))  # fmt: skip
_GLAZED_MICRO = (("P", 0.03), ("V", 0.30), ("P", 0.34), ("V", 0.60), ("P", 0.64), ("G", 0.95),
                 ("P", 1.0))  # fmt: skip
_GLAZED_BUS = (("P", 0.02), ("V", 0.22), ("P", 0.24), ("V", 0.45), ("P", 0.47), ("V", 0.69),
               ("P", 0.72), ("G", 0.94), ("P", 1.0))  # fmt: skip
_TWO_DOORS = (("P", 0.12), ("V", 0.34), ("B", 0.40), ("G", 0.93), ("P", 1.0))
_CREW = (("P", 0.07), ("V", 0.42), ("B", 0.47), ("G", 0.94), ("P", 1.0))
_PANELS = (("P", 0.30), ("P", 0.66), ("P", 0.72), ("G", 0.94), ("P", 1.0))

OUTLINES: Mapping[Shape, Outline] = {
    "mini": Outline(
        (0.80, 0.60), (0.12, 0.63), (0.02, 0.60), 0.47, 0.55, (0.965, 0.97), (0.16, 0.83),
        0.28, 0.20, 0.80, (0.30, 0.72), _TWO_DOORS),
    "hatchback": Outline(
        (0.74, 0.645), (0.15, 0.58), (0.03, 0.66), 0.47, 0.62, (0.95, 0.975), (0.17, 0.80),
        0.31, 0.20, 0.75, (0.27, 0.47, 0.71), _TALL),
    "sedan": Outline(
        (0.715, 0.655), (0.27, 0.55), (0.115, 0.70), 0.47, 0.685, (0.965, 0.98), (0.20, 0.80),
        0.32, 0.19, 0.73, (0.28, 0.47, 0.69), _SALOON),
    "taxi": Outline(
        (0.715, 0.655), (0.25, 0.56), (0.115, 0.70), 0.47, 0.685, (0.97, 0.98), (0.20, 0.80),
        0.32, 0.19, 0.74, (0.28, 0.47, 0.69), _SALOON),
    "estate": Outline(
        (0.715, 0.645), (0.08, 0.55), (0.02, 0.66), 0.47, 0.62, (0.955, 0.98), (0.20, 0.80),
        0.32, 0.19, 0.75, (0.27, 0.47, 0.69), _TALL),
    "suv": Outline(
        (0.745, 0.635), (0.10, 0.59), (0.02, 0.65), 0.53, 0.60, (0.965, 0.98), (0.18, 0.80),
        0.37, 0.27, 0.76, (0.27, 0.47, 0.71), _TALL),
    "mpv": Outline(
        (0.82, 0.585), (0.06, 0.63), (0.015, 0.60), 0.45, 0.56, (0.97, 0.97), (0.18, 0.81),
        0.33, 0.21, 0.80, (0.25, 0.50, 0.74), _GLAZED_MPV),
    "pickup": Outline(
        (0.74, 0.625), (0.43, 0.62), (0.385, 0.62), 0.54, 0.60, (0.985, 0.985), (0.19, 0.81),
        0.38, 0.30, 0.78, (0.42, 0.56, 0.72), _CREW, bed=True),
    "microvan": Outline(
        (0.90, 0.535), (0.05, 0.745), (0.01, 0.53), 0.40, 0.50, (0.975, 0.975), (0.17, 0.82),
        0.28, 0.21, 0.86, (0.30, 0.57, 0.86), _GLAZED_MICRO, bulge_m=(0.07, 0.16)),
    "panel_van": Outline(
        (0.845, 0.475), (0.025, 0.69), (0.005, 0.47), 0.385, 0.45, (0.985, 0.97), (0.19, 0.81),
        0.34, 0.24, 0.86, (0.05, 0.44, 0.65, 0.83), _PANELS, bulge_m=(0.04, 0.22)),
    "minibus": Outline(
        (0.86, 0.475), (0.03, 0.71), (0.008, 0.47), 0.385, 0.45, (0.985, 0.97), (0.19, 0.82),
        0.34, 0.24, 0.86, (0.40, 0.62, 0.84), _GLAZED_BUS, bulge_m=(0.05, 0.22)),
}  # fmt: skip
