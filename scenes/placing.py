"""Cameras on their poles: where they stand, where they look, and through which glass."""

from dataclasses import dataclass
from typing import Literal

from scenes.lens import Optics
from scenes.views import View


@dataclass(frozen=True)
class CityCamera:
    """A camera of the city.

    It stands `along_m` down street row `street`. `clock_offset_s` is how far its clock runs ahead
    of UTC.
    """

    row: int
    name: str
    lon_lat_deg: tuple[float, float]
    view: View
    kind: Literal["street", "checkpoint"]
    clock_offset_s: float
    lens: Optics
    street: int
    along_m: float
