"""How people look, as plain values: build, skin, hair, garments, what they carry."""

from dataclasses import dataclass
from typing import Literal

from scenes.shapes import Colour

TopKind = Literal["tee", "shirt", "hoodie", "jacket", "coat", "puffer", "vest", "dress"]
BottomKind = Literal["trousers", "jeans", "shorts", "skirt"]
Pattern = Literal["plain", "hoops", "stripes", "check", "two_tone", "blocks", "gradient", "trim"]
PrintShape = Literal["letters", "number", "disc", "star", "bars", "chevron", "patch"]
HairStyle = Literal["short", "long", "bob", "bun", "ponytail", "bald"]
HatKind = Literal["cap", "beanie", "sun_hat"]
BagKind = Literal["backpack", "shoulder", "tote", "trolley"]
Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Print:
    """A logo on the chest or the back; `width` is its share of the torso's width."""

    shape: PrintShape
    text: str
    colour: Colour
    second: Colour
    width: float


@dataclass(frozen=True, slots=True)
class Top:
    """What is worn above. `second` is the pattern's other colour, `under` what an open front
    shows; `ease_m` how far it stands off the body, `scale` how coarse its pattern is."""

    kind: TopKind
    colour: Colour
    second: Colour
    pattern: Pattern
    scale: int
    ease_m: float
    open_front: bool
    under: Colour
    chest: Print | None
    back: Print | None


@dataclass(frozen=True, slots=True)
class Bottom:
    """What is worn below; `width` 1 is straight, less is tight, more is wide."""

    kind: BottomKind
    colour: Colour
    second: Colour
    pattern: Pattern
    width: float


@dataclass(frozen=True, slots=True)
class Shoes:
    colour: Colour
    sole: Colour
    boots: bool


@dataclass(frozen=True, slots=True)
class Hair:
    style: HairStyle
    colour: Colour


@dataclass(frozen=True, slots=True)
class Hat:
    kind: HatKind
    colour: Colour
    second: Colour


@dataclass(frozen=True, slots=True)
class Bag:
    kind: BagKind
    colour: Colour
    second: Colour
    side: Side
    size: float


@dataclass(frozen=True, slots=True)
class Umbrella:
    """Owned by its bearer, open only in rain; panels alternate between two colours."""

    colour: Colour
    second: Colour


@dataclass(frozen=True, slots=True)
class Build:
    """`shoulders` and `limbs` are factors about 1; `belly` 0 is flat, 1 is round."""

    height_m: float
    shoulders: float
    limbs: float
    belly: float
    stoop_rad: float
    swing: float


@dataclass(frozen=True, slots=True)
class PersonLook:
    """Everything that one person shows; `grain` seeds the folds of the cloth."""

    build: Build
    skin: Colour
    hair: Hair
    top: Top
    bottom: Bottom
    shoes: Shoes
    hat: Hat | None
    bag: Bag | None
    umbrella: Umbrella | None
    grain: int

    @property
    def height_m(self) -> float:
        return self.build.height_m
