"""What is true of a filmed city, beside its clips: one file of the city, one of boxes a camera."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import F32, I32, I64, checked, same_length
from core.clocks import ns_of
from core.errors import NotFound, StorageCorrupt
from scenes.city import City
from scenes.placing import CityCamera
from scenes.plan import Actor
from scenes.storing import written
from scenes.theft import Appearance, Mount, Subject, Theft

CITY_FILE = "city.json"
_FORMAT, _VERSION = "casetrace-city", 1


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """True boxes of one camera (N,): `picture` numbers ascend, `actor` ids tell subjects apart.

    `xyxy` is the full extent cut at the border, `visibility` the share of its pixels that is in
    the picture and not hidden.
    """

    picture: I64
    actor: I64
    class_id: I32
    xyxy: F32
    visibility: F32

    def __post_init__(self) -> None:
        checked("picture", self.picture, np.int64, "N")
        checked("actor", self.actor, np.int64, "N")
        checked("class_id", self.class_id, np.int32, "N")
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("visibility", self.visibility, np.float32, "N")
        same_length(
            picture=self.picture,
            actor=self.actor,
            class_id=self.class_id,
            xyxy=self.xyxy,
            visibility=self.visibility,
        )

    def __len__(self) -> int:
        return len(self.picture)


@dataclass(frozen=True, slots=True, eq=False)
class CameraTruth:
    """One filmed camera: its clip of `pictures` pictures and what is true of each.

    `clock_offset_s` is how far its clock runs ahead of UTC.
    """

    row: int
    name: str
    kind: str
    lon_lat_deg: tuple[float, float]
    clock_offset_s: float
    size_hw: tuple[int, int]
    clip: Path
    pictures: int
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class ActorTruth:
    """Who an actor is, its class, and the plate on it (empty for none)."""

    actor_id: int
    identity: str
    class_id: int
    plate: str


@dataclass(frozen=True, slots=True, eq=False)
class CityTruth:
    """A filmed city. `start_ns` is UTC at 0 s; `roads` (E, 2) are ways between rows of cameras."""

    seed: int
    split: str
    start_ns: int
    seconds: float
    fps: int
    light: str
    weather: str
    cameras: tuple[CameraTruth, ...]
    actors: Mapping[int, ActorTruth]
    roads: I32
    distance_m: F32
    theft: Theft | None
    subjects: tuple[Subject, ...]


# --- the city's file ---------------------------------------------------------------------------


def described(city: City, *, fps: int) -> str:
    """The text of a city's file, the same for the same city."""
    roads, distance_m = city.camera_ways()
    actors = {leg.actor.actor_id: leg.actor for leg in city.legs}
    told = {
        "format": _FORMAT,
        "version": _VERSION,
        "seed": city.seed,
        "split": city.split.name,
        "start_ns": city.start_ns,
        "seconds": city.seconds,
        "fps": fps,
        "light": city.light,
        "weather": city.weather,
        "cameras": [_camera(one, round(city.seconds * fps)) for one in city.cameras],
        "roads": roads.tolist(),
        "distance_m": [round(float(length), 3) for length in distance_m],
        "theft": asdict(city.theft) if city.theft else None,
        "subjects": [_subject(one, city.start_ns) for one in city.subjects],
        "actors": [_actor(actors[row]) for row in sorted(actors)],
    }
    return json.dumps(told, indent=1) + "\n"


def _camera(camera: CityCamera, pictures: int) -> dict[str, Any]:
    return {
        "row": camera.row,
        "name": camera.name,
        "kind": camera.kind,
        "lon_lat_deg": camera.lon_lat_deg,
        "clock_offset_s": camera.clock_offset_s,
        "size_hw": camera.view.size_hw,
        "pictures": pictures,
    }


def _subject(subject: Subject, start_ns: int) -> dict[str, Any]:
    """With each appearance's and mount's UTC, for those who read the file without us."""
    told = asdict(subject)
    for one in told["appearances"]:
        one["in_ns"], one["out_ns"] = start_ns + ns_of(one["in_s"]), start_ns + ns_of(one["out_s"])
    for one in told["mounts"]:
        one["at_ns"] = start_ns + ns_of(one["at_s"])
    return told


def _actor(actor: Actor) -> list[Any]:
    return [actor.actor_id, actor.identity, int(actor.kind), actor.plate]


def read_truth(folder: Path) -> CityTruth:
    """The truth of the city that was filmed into `folder`.

    Raises `NotFound` if none was, or not all of it; `StorageCorrupt` for files that are not ours
    or damaged.
    """
    told = _read_city(folder / CITY_FILE)
    try:
        return _city_truth(folder, told)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageCorrupt(f"{folder / CITY_FILE}: lacks or garbles {error}") from error


def _read_city(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise NotFound(f"{path}: want a filmed city, got no such file") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise StorageCorrupt(f"{path}: want a filmed city's JSON, got {error}") from error
    kind = (told.get("format"), told.get("version")) if isinstance(told, dict) else None
    if kind != (_FORMAT, _VERSION):
        raise StorageCorrupt(f"{path}: want {_FORMAT} version {_VERSION}, got {kind}")
    return dict(told)


def _city_truth(folder: Path, told: dict[str, Any]) -> CityTruth:
    actors = (ActorTruth(*row) for row in told["actors"])
    theft = told["theft"]
    return CityTruth(
        seed=told["seed"],
        split=told["split"],
        start_ns=told["start_ns"],
        seconds=told["seconds"],
        fps=told["fps"],
        light=told["light"],
        weather=told["weather"],
        cameras=tuple(_camera_truth(folder, one) for one in told["cameras"]),
        actors={one.actor_id: one for one in actors},
        roads=np.array(told["roads"], np.int32).reshape(-1, 2),
        distance_m=np.array(told["distance_m"], np.float32),
        theft=Theft(**_paired(theft), way=tuple(theft["way"])) if theft else None,
        subjects=tuple(_subject_truth(one) for one in told["subjects"]),
    )


def _camera_truth(folder: Path, told: dict[str, Any]) -> CameraTruth:
    row = told["row"]
    clip, boxes = clip_path(folder, row), boxes_path(folder, row)
    for path in (clip, boxes):
        if not path.is_file():
            raise NotFound(f"{path}: want camera {row} filmed, got no such file")
    longitude, latitude = told["lon_lat_deg"]
    height, width = told["size_hw"]
    return CameraTruth(
        row=row,
        name=told["name"],
        kind=told["kind"],
        lon_lat_deg=(longitude, latitude),
        clock_offset_s=told["clock_offset_s"],
        size_hw=(height, width),
        clip=clip,
        pictures=told["pictures"],
        boxes=read_boxes(boxes),
    )


def _paired(theft: dict[str, Any]) -> dict[str, Any]:
    east, north = theft["xy_m"]
    return {**{key: value for key, value in theft.items() if key != "way"}, "xy_m": (east, north)}


def _subject_truth(told: dict[str, Any]) -> Subject:
    seen = (_without(one, "in_ns", "out_ns") for one in told["appearances"])
    changes = (_without(one, "at_ns") for one in told["mounts"])
    return Subject(
        identity=told["identity"],
        actor_ids=tuple(told["actor_ids"]),
        appearances=tuple(Appearance(**one) for one in seen),
        mounts=tuple(Mount(**{**one, "xy_m": tuple(one["xy_m"])}) for one in changes),
    )


def _without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in names}


# --- a camera's files --------------------------------------------------------------------------


def clip_path(folder: Path, row: int) -> Path:
    return folder / f"camera-{row}.mp4"


def boxes_path(folder: Path, row: int) -> Path:
    return folder / f"camera-{row}.npz"


def write_boxes(path: Path, boxes: Boxes) -> None:
    """Write the boxes, all of them or none. Raises `StorageFull` or `StorageError`."""
    with written(path) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file,
            picture=boxes.picture,
            actor=boxes.actor,
            class_id=boxes.class_id,
            xyxy=boxes.xyxy,
            visibility=boxes.visibility,
        )


def read_boxes(path: Path) -> Boxes:
    """The boxes of one camera. Raises `StorageCorrupt` for a file that is not ours."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as told:
            return Boxes(**{name: told[name] for name in Boxes.__slots__})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StorageCorrupt(f"{path}: want true boxes, got {error}") from error
