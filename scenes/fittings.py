"""What surfaces are made of, and what is fitted onto a roof: racks, signs, spoilers."""

from itertools import pairwise

from scenes.bodies import Hull
from scenes.outlines import OUTLINES
from scenes.shapes import Colour, Mesh, joined
from scenes.sheets import Paints, Surface, block, both_sides
from scenes.vehicle_looks import Rack, VehicleLook

_DARK: Colour = (0.075, 0.075, 0.08)
_CHROME: Colour = (0.72, 0.73, 0.75)


def toned(colour: Colour, gain: float, lift: float = 0.0) -> Colour:
    """Darker or lighter, within what a surface can reflect."""
    red, green, blue = (min(max(part * gain + lift, 0.0), 0.97) for part in colour)
    return red, green, blue


def paints_of(look: VehicleLook, *, fine: bool) -> Paints:
    """The surface of each letter that bodies are drawn with."""
    shine = 0.55
    second = look.second
    surfaces: dict[str, Surface] = {
        "P": (look.colour, shine, 0.0),
        "S": (second, 0.35, 0.0),
        "X": (toned(second, 0.78), 0.25, 0.0),
        "U": (look.roof, shine, 0.0),
        "D": (toned(look.colour, 0.30), 0.0, 0.0),
        "O": ((look.odd.colour if look.odd else look.colour), 0.2, 0.0),
        "Y": (look.face.trim if look.lines[1] > 0 else look.colour, 0.4, 0.0),
        "L": (_CHROME if look.lines[0] > 0.4 else toned(look.colour, 0.8, -0.02), 0.5, 0.0),
        "M": (_CHROME if look.lines[2] > 0.3 else _DARK, 0.5, 0.0),
        "G": (look.tint, 0.6, 0.0),
        "g": (toned(look.tint, 1.35, 0.035), 0.6, 0.0),
        "V": (look.privacy, 0.6, 0.0),
        "v": (toned(look.privacy, 1.25, 0.025), 0.6, 0.0),
        "B": (_DARK, 0.5, 0.0),
        "T": (look.face.trim, 0.1, 0.0),
        "K": (look.face.grille, 0.4, 0.0),
        "C": (_CHROME, 0.8, 0.0),
        "H": (look.face.lamps, 0.8, 0.6),
        "h": ((0.40, 0.42, 0.45), 0.9, 0.0),
        "r": ((0.34, 0.03, 0.03), 0.6, 0.1),
        "k": (toned(look.face.grille, 1.0, 0.09), 0.4, 0.0),
        "I": ((0.90, 0.50, 0.10), 0.5, 0.25),
        "R": ((0.62, 0.05, 0.05), 0.6, 0.5),
        "W": ((0.03, 0.03, 0.032), 0.0, 0.0),
        "A": ((0.80, 0.80, 0.79), 0.1, 0.0),
        "E": ((0.62, 0.63, 0.64), 0.4, 0.0),
        "F": (look.load or (0.45, 0.38, 0.28), 0.0, 0.0),
        "Z": (toned(second, 0.92), 0.1, 0.0),
    }
    return Paints(surfaces, 0.004 if fine else 0.03)


def fitted(look: VehicleLook, paints: Paints) -> list[Mesh]:
    """What stands on the roof of a car or van."""
    if look.label not in ("car", "van"):
        return []
    roof = _Roof(look)
    meshes = [] if look.rack is None else roof.rack(look.rack)
    if look.sign is not None:
        meshes.append(roof.sign(look.sign))
    if look.lines[3] > 0.1 and look.label == "car":
        meshes.append(roof.fin(paints["U"]))
    return meshes


class _Roof:
    """Where things can stand: the roof's ends and its half width, all metres."""

    def __init__(self, look: VehicleLook) -> None:
        hull = Hull(look, OUTLINES[look.shape])
        rear, front = hull.roof_s
        self.x0, self.x1 = hull.x_m(rear), hull.x_m(front)
        self.half = look.width_m / 2 * hull.outline.roof_width
        self.z = look.height_m

    def rack(self, rack: Rack) -> list[Mesh]:
        surface: Surface = (rack.colour, 0.4, 0.0)
        if rack.kind == "rails":
            return [self._rails(surface)]
        if rack.kind == "bars":
            return [self._rails(surface), *self._bars(surface)]
        if rack.kind == "ladder":
            return [*self._bars(((0.5, 0.5, 0.52), 0.3, 0.0)), *self._ladder(surface)]
        return [*self._bars((_DARK, 0.2, 0.0)), self._case(surface)]

    def _along(self, share: float) -> float:
        return self.x0 + share * (self.x1 - self.x0)

    def _rails(self, surface: Surface) -> Mesh:
        y, z = self.half * 0.93, self.z - 0.05
        pieces = [
            block(
                (self._along(a), y - 0.03, z), (self._along(a + 0.25), y + 0.01, z + 0.085), surface
            )
            for a in (0.03, 0.28, 0.53, 0.70)
        ]
        return both_sides(joined(pieces))

    def _bars(self, surface: Surface) -> list[Mesh]:
        z, cuts = self.z + 0.03, (-0.9, -0.58, -0.24, 0.24, 0.58, 0.9)
        return [
            block(
                (self._along(at) - 0.03, a * self.half, z),
                (self._along(at) + 0.03, b * self.half, z + 0.045),
                surface,
            )
            for at in (0.25, 0.75)
            for a, b in pairwise(cuts)
        ]

    def _ladder(self, surface: Surface) -> list[Mesh]:
        z = self.z + 0.09
        y0 = 0.15 * self.half
        meshes = []
        for y in (y0, y0 + 0.42):
            for at in (0.05, 0.275, 0.5, 0.725):
                low = (self._along(at), y, z)
                meshes.append(block(low, (self._along(at + 0.225), y + 0.05, z + 0.07), surface))
        for at in (0.1, 0.23, 0.36, 0.49, 0.62, 0.75, 0.88):
            x = self._along(at)
            meshes.append(block((x - 0.02, y0, z + 0.02), (x + 0.02, y0 + 0.42, z + 0.05), surface))
        return meshes

    def _case(self, surface: Surface) -> Mesh:
        z, y = self.z + 0.06, 0.62 * self.half
        cuts = (0.10, 0.375, 0.65, 0.925)
        return joined(
            [
                block((self._along(a), -y, z), (self._along(b), y, z + 0.32), surface)
                for a, b in pairwise(cuts)
            ]
        )

    def sign(self, colour: Colour) -> Mesh:
        """A taxi's lit sign."""
        x, z = self._along(0.62), self.z - 0.01
        foot = block((x - 0.10, -0.30, z), (x + 0.10, 0.30, z + 0.04), (_DARK, 0.2, 0.0))
        lit = block((x - 0.08, -0.26, z + 0.04), (x + 0.08, 0.26, z + 0.18), (colour, 0.3, 0.7))
        return joined([foot, lit])

    def fin(self, surface: Surface) -> Mesh:
        x = self._along(0.10)
        return block((x - 0.09, -0.02, self.z - 0.05), (x + 0.06, 0.02, self.z + 0.03), surface)
