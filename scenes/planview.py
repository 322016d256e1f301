"""The city from above: roads, cameras with what they see, and everybody's ways."""

import cv2
import numpy as np

from core.arrays import F64, I32, U8
from core.types import Family
from scenes.city import City
from scenes.placing import CityCamera
from scenes.plan import Leg
from scenes.roads import PAVEMENT_M

_GROUND, _PAVEMENT, _ROAD, _ZEBRA = (
    (222, 226, 214),
    (196, 194, 190),
    (128, 130, 134),
    (240, 240, 240),
)
_VIEW, _CHECKPOINT, _SUBJECT, _INK = (60, 120, 210), (200, 120, 40), (214, 30, 40), (40, 40, 44)
_WAYS = {
    Family.PERSON: (30, 130, 76),
    Family.RIDER: (146, 70, 170),
    Family.VEHICLE: (60, 70, 120),
}
_MARGIN_M = 70.0
_SEEN_M = 45.0
_SHIFT = 4  # OpenCV draws with this many bits of a pixel's fraction


class _Sheet:
    """A picture with a scale; points in metres go in, north is up."""

    def __init__(self, low_m: F64, high_m: F64, px_per_m: float) -> None:
        width, height = np.ceil((high_m - low_m) * px_per_m).astype(int)
        self.picture: U8 = np.full((height, width, 3), _GROUND, np.uint8)
        self._low_m, self._high_m, self._scale = low_m, high_m, px_per_m

    def px(self, xy_m: F64) -> I32:
        away = np.column_stack([xy_m[:, 0] - self._low_m[0], self._high_m[1] - xy_m[:, 1]])
        return np.asarray(np.round(away * self._scale * 2**_SHIFT), np.int32)

    def fill(self, outline_m: F64, rgb: tuple[int, int, int]) -> None:
        cv2.fillPoly(self.picture, [self.px(outline_m)], rgb, cv2.LINE_AA, _SHIFT)

    def line(self, points_m: F64, rgb: tuple[int, int, int], thick: int = 1) -> None:
        cv2.polylines(self.picture, [self.px(points_m)], False, rgb, thick, cv2.LINE_AA, _SHIFT)

    def blend(self, outline_m: F64, rgb: tuple[int, int, int], share: float) -> None:
        layer = self.picture.copy()
        cv2.fillPoly(layer, [self.px(outline_m)], rgb, cv2.LINE_AA, _SHIFT)
        cv2.addWeighted(layer, share, self.picture, 1 - share, 0, dst=self.picture)

    def write(self, at_m: F64, text: str) -> None:
        x, y = (self.px(at_m[None])[0] >> _SHIFT).tolist()
        place, font = (x + 6, y - 6), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(self.picture, text, place, font, 0.42, (255, 255, 255), 3, cv2.LINE_AA)
        cv2.putText(self.picture, text, place, font, 0.42, _INK, 1, cv2.LINE_AA)


def preview(city: City, *, px_per_m: float = 2.2) -> U8:
    """RGB (h, w, 3), north up: streets, views in blue (checkpoints orange), ways of walkers green,
    of riders violet, of vehicles dark blue, and of the theft's subject red."""
    poles = np.array([camera.view.position_m[:2] for camera in city.cameras])
    sheet = _Sheet(poles.min(axis=0) - _MARGIN_M, poles.max(axis=0) + _MARGIN_M, px_per_m)
    _draw_roads(sheet, city)
    for camera in city.cameras:
        colour = _CHECKPOINT if camera.kind == "checkpoint" else _VIEW
        sheet.blend(_wedge(camera), colour, 0.3)
    wanted = {actor for subject in city.subjects for actor in subject.actor_ids}
    for leg in sorted(city.legs, key=lambda leg: leg.actor.actor_id in wanted):
        subject = leg.actor.actor_id in wanted
        sheet.line(*_way(leg, city.seconds, subject=subject), 3 if subject else 1)
    for camera in city.cameras:
        sheet.fill(_disc(np.asarray(camera.view.position_m[:2]), 1.6), _INK)
        sheet.write(np.asarray(camera.view.position_m[:2]), f"{camera.row} {camera.name}")
    if city.theft is not None:
        sheet.fill(_disc(np.asarray(city.theft.xy_m), 2.0), _SUBJECT)
    return sheet.picture


def _draw_roads(sheet: _Sheet, city: City) -> None:
    roads = city.roads
    for strip in roads.pavements_m():
        sheet.fill(strip, _PAVEMENT)
    for node in range(len(roads.nodes_m)):
        sheet.fill(roads.junction_m(node, PAVEMENT_M), _PAVEMENT)
    for strip in roads.carriageways_m():
        sheet.fill(strip, _ROAD)
    for node in range(len(roads.nodes_m)):
        sheet.fill(roads.junction_m(node), _ROAD)
    for zebra in roads.zebras_m():
        sheet.fill(zebra, _ZEBRA)


def _wedge(camera: CityCamera) -> F64:
    """What of the ground a camera shows, cut at some distance."""
    view = camera.view
    height, width = view.size_hw
    border = np.array(
        [[0, height], [0, 0], [width / 2, 0], [width, 0], [width, height]], np.float32
    )
    pole = np.asarray(view.position_m[:2])
    rays = view.rays(border)
    reach = np.where(rays[:, 2] < 0, view.position_m[2] / np.maximum(-rays[:, 2], 1e-6), np.inf)
    length = np.linalg.norm(rays[:, :2], axis=1)
    return np.asarray(pole + rays[:, :2] * np.minimum(reach, _SEEN_M / length)[:, None])


def _way(leg: Leg, seconds: float, *, subject: bool) -> tuple[F64, tuple[int, int, int]]:
    inside = (leg.at_s >= 0) & (leg.at_s <= seconds)
    colour = _SUBJECT if subject else _WAYS[leg.actor.kind.family]
    return leg.xy_m[inside] if inside.any() else leg.xy_m[:1], colour


def _disc(middle_m: F64, radius_m: float) -> F64:
    turn = np.linspace(0, 2 * np.pi, 24)
    return np.asarray(middle_m + radius_m * np.column_stack([np.cos(turn), np.sin(turn)]))
