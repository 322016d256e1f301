"""How vehicles look, as plain values: shape, size, paint, faces, rims, what is written on them."""

from dataclasses import dataclass
from typing import Literal

from scenes.looks import Print
from scenes.numberplates import PlateStyle
from scenes.shapes import Colour

VehicleLabel = Literal["car", "van", "bus", "truck"]
CarShape = Literal["mini", "hatchback", "sedan", "taxi", "estate", "suv", "mpv", "pickup"]
VanShape = Literal["microvan", "panel_van", "minibus"]
BusShape = Literal["city_bus", "coach"]
TruckShape = Literal["box_truck", "tipper", "flatbed", "tanker"]
Shape = CarShape | VanShape | BusShape | TruckShape
RackKind = Literal["rails", "bars", "roof_box", "ladder"]
StickerPlace = Literal["left", "right", "bonnet", "rear"]
LiveryStyle = Literal["plain", "disc", "sweep", "stripes", "framed", "blocks"]


@dataclass(frozen=True, slots=True)
class Rims:
    """`spokes` 0 is a closed cover; `share` of the wheel's radius that is metal."""

    spokes: int
    colour: Colour
    share: float


@dataclass(frozen=True, slots=True)
class Livery:
    """What is written on the sides: a name and its mark on `ground` (None is the paint)."""

    text: str
    style: LiveryStyle
    ink: Colour
    accent: Colour
    ground: Colour | None
    size: float


@dataclass(frozen=True, slots=True)
class Sticker:
    """A small picture; `along` -1 to 1 shifts it on its panel."""

    place: StickerPlace
    drawing: Print
    along: float


@dataclass(frozen=True, slots=True)
class Rack:
    kind: RackKind
    colour: Colour


@dataclass(frozen=True, slots=True)
class OddPanel:
    """A panel of another colour: repaired, dented or scratched down to the primer."""

    left: bool
    column: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Face:
    """Rows of `front` and `rear` in the catalogue of faces, and what they are made of."""

    front: int
    rear: int
    grille: Colour
    lamps: Colour
    trim: Colour


@dataclass(frozen=True, slots=True)
class VehicleLook:
    """Everything that one vehicle shows.

    `second` is the colour of what is not painted in `colour`: a taxi's other tone, a bus's skirt, a
    truck's load body. `scheme` says which of the side's three bands (low, middle, high) have which:
    P paint, S second, T dark plastic. `tint` is the glass before the driver's back, `privacy` the
    glass behind. `lines` (about 0, within 1) bend the shape a little. `load` is what lies on a
    flatbed or in a tipper. `dirt` 0 is clean, 1 is mud.
    """

    label: VehicleLabel
    shape: Shape
    length_m: float
    width_m: float
    height_m: float
    colour: Colour
    second: Colour
    roof: Colour
    scheme: str
    tint: Colour
    privacy: Colour
    face: Face
    rims: Rims
    lines: tuple[float, float, float, float]
    sunroof: bool
    rack: Rack | None
    sign: Colour | None
    livery: Livery | None
    stickers: tuple[Sticker, ...]
    odd: OddPanel | None
    load: Colour | None
    route: str
    dirt: float
    plate_style: PlateStyle
