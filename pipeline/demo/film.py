"""A theft on film, and what its truth says of the thief."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import F32, I64, Bool
from core.errors import InvalidInput
from core.geometry import iou
from pipeline.demo.way import Stop, stops_of
from scenes.theft import Subject, Theft
from scenes.truth import Boxes, CameraTruth, CityTruth, read_truth

_SAME = 0.5  # least overlap of a box with the true one
_CLEAR_PX, _CLEAR_SHARE, _CLEAR_PICTURES = 40.0, 0.5, 8


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A filmed city with a theft and its thief."""

    city: CityTruth
    theft: Theft
    subject: Subject
    ground: Mapping[str, Any] | None = None  # GeoJSON of its streets, for the map

    @property
    def cameras(self) -> tuple[CameraTruth, ...]:
        return self.city.cameras

    @property
    def seconds(self) -> float:
        return self.city.seconds

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The thief's way."""
        return stops_of(self.subject.appearances)

    def thief(self, camera: int) -> Boxes:
        """The thief in one camera's pictures, on foot and riding."""
        return of_actors(self.cameras[camera].boxes, self.subject.actor_ids)

    def thief_between(self, camera: int, in_s: float, out_s: float) -> Boxes:
        """The same from `in_s` to `out_s`."""
        fps = self.city.fps
        return between(self.thief(camera), round(in_s * fps), round(out_s * fps) + 1)


def film_in(folder: Path) -> Film:
    """The film in a folder; `InvalidInput` if there is no theft in it."""
    city = read_truth(folder)
    if city.theft is None or not city.subjects:
        raise InvalidInput(f"{folder}: want the film of a theft, got one without")
    return Film(city, city.theft, city.subjects[0])


def hidden_stop(film: Film) -> str:
    """Why this film is no fair question, empty if it is one: where something hides the thief."""
    for stop in film.stops:
        seen = int(clear(film.thief_between(stop.camera, stop.in_s, stop.out_s)).sum())
        if seen < _CLEAR_PICTURES:
            name = film.cameras[stop.camera].name
            return f"{name} shows the thief clearly in {seen} pictures only"
    return ""


# --- true boxes --------------------------------------------------------------------------------


def rows_of(boxes: Boxes, chosen: I64 | Bool) -> Boxes:
    """Those rows, in that order."""
    return Boxes(
        boxes.picture[chosen],
        boxes.actor[chosen],
        boxes.class_id[chosen],
        boxes.xyxy[chosen],
        boxes.visibility[chosen],
    )


def of_actors(boxes: Boxes, actors: Sequence[int]) -> Boxes:
    """Those of some actors."""
    return rows_of(boxes, np.isin(boxes.actor, actors))


def between(boxes: Boxes, first: int, end: int) -> Boxes:
    """Those of the pictures from `first` until before `end`."""
    low, high = np.searchsorted(boxes.picture, [first, end])
    return rows_of(boxes, np.arange(low, high))


def heights_px(boxes: Boxes) -> F32:
    return np.asarray(boxes.xyxy[:, 3] - boxes.xyxy[:, 1], np.float32)


def clear(boxes: Boxes) -> Bool:
    """Which boxes (N,) show enough for a person to draw a box round it."""
    large, shown = heights_px(boxes) >= _CLEAR_PX, boxes.visibility >= _CLEAR_SHARE
    return np.asarray(large & shown, np.bool_)


def covers(boxes: Boxes, picture: int, box: F32) -> bool:
    """Whether a box (4,) lies on one of these in that picture."""
    return bool((iou(box[None], between(boxes, picture, picture + 1).xyxy) >= _SAME).any())
