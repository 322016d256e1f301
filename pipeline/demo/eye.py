"""The person at the screen: says who a picture shows, and draws boxes. Truth answers for them.

Only here is truth asked while a case is worked on, and only what somebody who looks would see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64
from core.clocks import NS, ns_of
from core.types import Camera, Family, ObjectClass, Tracklet
from pipeline.demo.film import Film, clear, covers, heights_px, of_actors, rows_of
from scenes.truth import Boxes

FrameBox = tuple[float, float, float, float]

_BESIDE_S = 10.0  # around the theft
_ENTERED_S = 6.0
"""How long after the thief got on or in the vehicle is pointed at."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box that was drawn: in which camera's picture of which instant (UTC), round what."""

    camera: Camera
    at_ns: int
    xyxy: FrameBox
    family: Family


@dataclass(frozen=True, slots=True)
class Eye:
    """Looks at the film's cameras as they are kept; the film began at `start_ns` (UTC)."""

    film: Film
    cameras: tuple[Camera, ...]
    start_ns: int

    def is_thief(self, parts: Sequence[Tracklet]) -> bool:
        """Whether most looks of a tracklet lie on the thief."""
        row = self._row(parts[0].camera_id)
        thief = self.film.thief(row)
        looks = [
            covers(thief, number, box)
            for part in parts
            for box, number in zip(part.xyxy, self._pictures(row, part).tolist(), strict=True)
        ]
        return 2 * sum(looks) >= len(looks) > 0

    def scene(self) -> Drawn | None:
        """A box round the thief on foot in the view of the theft; None if hidden all the time."""
        theft = self.film.theft
        for beside_s in (_BESIDE_S, self.film.seconds):
            thief = self.film.thief_between(
                theft.camera, theft.contact_s - beside_s, theft.contact_s + beside_s
            )
            on_foot = rows_of(thief, thief.class_id == ObjectClass.PERSON)
            if (drawn := self._best(theft.camera, on_foot)) is not None:
                return drawn
        return None

    def entered(self, confirmed: Sequence[Tracklet]) -> list[Drawn]:
        """Boxes round what the thief got on or in, in views where the thief was confirmed."""
        rows = {self._row(one.camera_id) for one in confirmed}
        drawn = []
        for mount in self.film.subject.mounts:
            if mount.camera is None or mount.camera not in rows:
                continue
            after = self.film.thief_between(mount.camera, mount.at_s, mount.at_s + _ENTERED_S)
            drawn.append(self._best(mount.camera, of_actors(after, [mount.after])))
        return [one for one in drawn if one is not None]

    def glimpsed(self, camera: int, in_s: float, out_s: float) -> bool:
        """Whether the thief was in that view, however small."""
        return len(self.film.thief_between(camera, in_s, out_s)) > 0

    def _best(self, row: int, boxes: Boxes) -> Drawn | None:
        """Drawn in the picture that shows most of it, the largest."""
        shown = rows_of(boxes, clear(boxes))
        if not len(shown):
            return None
        best = int(np.argmax(np.sqrt(heights_px(shown)) * shown.visibility**2))
        x1, y1, x2, y2 = (float(side) for side in shown.xyxy[best])
        # The footage shows the last picture that is not after an instant: half of one for safety.
        device_ns = self._device_ns(row, int(shown.picture[best]) + 0.5)
        kind = ObjectClass(int(shown.class_id[best]))
        camera = self.cameras[row]
        return Drawn(camera, camera.utc_of(device_ns), (x1, y1, x2, y2), kind.family)

    def _row(self, camera_id: int) -> int:
        return next(row for row, one in enumerate(self.cameras) if one.camera_id == camera_id)

    def _device_ns(self, row: int, picture: float) -> int:
        offset_s = self.film.cameras[row].clock_offset_s
        return self.start_ns + ns_of(offset_s + picture / self.film.city.fps)

    def _pictures(self, row: int, part: Tracklet) -> I64:
        """The picture of each look (T,)."""
        since_ns = part.device_ns - self._device_ns(row, 0)
        return np.rint(since_ns * self.film.city.fps / NS).astype(np.int64)


def box_text(xyxy: FrameBox | F32) -> str:
    """A box as people read it."""
    return " ".join(f"{side:.0f}" for side in xyxy)
