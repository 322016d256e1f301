"""What a case's report says, before it is put into words of any language."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from core.types import (
    Camera,
    Case,
    ClockCorrection,
    ClockSource,
    Decision,
    PlateReading,
    Probe,
    Reconstruction,
    Sighting,
    Trajectory,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in the papers, without what the account may do."""

    account_id: int
    name: str
    full_name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Place:
    """A camera as a report names it; its addresses and passwords stay where they are."""

    camera_id: int
    name: str
    kind: str
    lon_lat_deg: tuple[float, float] | None

    @classmethod
    def of(cls, camera: Camera) -> "Place":
        return cls(camera.camera_id, camera.name, camera.kind, camera.lon_lat_deg)


@dataclass(frozen=True, slots=True)
class Papers:
    """The case with its people by name; `approver` is None while nobody has approved it."""

    case: Case
    requester: Person
    members: tuple[Person, ...]
    approver: Person | None


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A JPEG with its SHA-256; `jpeg` is empty where it is not kept any more, or was not read."""

    jpeg: bytes
    sha256: str

    @classmethod
    def of(cls, jpeg: bytes) -> "PictureShown":
        return cls(jpeg, hashlib.sha256(jpeg).hexdigest() if jpeg else "")


@dataclass(frozen=True, slots=True)
class SceneShown:
    """A probe, and the frame that it was cut from with its box, where that frame is still kept.

    `at_ns` is UTC and None for an upload; `box` is in the frame's pixels. `upload_sha256` names
    the file that somebody handed in.
    """

    probe: Probe
    picture: PictureShown
    added_by: Person | None
    camera_id: int | None = None
    at_ns: int | None = None
    box: tuple[int, int, int, int] | None = None
    frame: PictureShown | None = None
    frame_hw: tuple[int, int] | None = None
    upload_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ShotShown:
    """A shot: `at_ns` UTC, `device_ns` as the camera said, `xyxy` the box in the frame's pixels."""

    shot_id: int
    at_ns: int
    device_ns: int
    xyxy: tuple[float, float, float, float]
    picture: PictureShown


@dataclass(frozen=True, slots=True)
class ClockShown:
    """Where a sighting's time came from: the time line's source and error, and the correction in
    force; `correction` is None where that camera's clock was never compared with another."""

    source: ClockSource | None
    line_sigma_s: float
    correction: ClockCorrection | None
    frame_hw: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SignShown:
    """One position of a plate: what was read, its chance, and what else it could be."""

    read: str
    chance: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class PlateShown:
    """A plate as read: `reading` as everywhere, `signs` with their rivals."""

    reading: PlateReading
    signs: tuple[SignShown, ...]


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """A verdict with who gave it. `counts` while it is that person's newest on that tracklet;
    `informed` where the person had made a report of this case before, which shows what others
    had decided."""

    decision: Decision
    person: Person
    counts: bool
    informed: bool


@dataclass(frozen=True, slots=True)
class SightingShown:
    """A confirmed sighting with its evidence."""

    sighting: Sighting
    class_label: str
    clock: ClockShown
    shots: tuple[ShotShown, ...]
    shots_kept: int  # how many there are, of which `shots` are the best
    plate: PlateShown | None
    decisions: tuple[DecisionShown, ...]

    @property
    def confirmed_by(self) -> tuple[int, ...]:
        """Accounts whose newest verdict confirms it."""
        return tuple(
            one.person.account_id
            for one in self.decisions
            if one.counts and one.decision.verdict == "confirm"
        )


@dataclass(frozen=True, slots=True)
class SearchShown:
    """A search of the case: who asked what when, and how much came back."""

    search_id: int
    at_ns: int
    person: Person
    probes: int
    plate: str | None
    candidates: int
    audit_seq: int
    compared: tuple[str, ...]  # keys of models
    of_scenes: bool = False  # scenes with each other, not with probes


@dataclass(frozen=True, slots=True)
class ModelShown:
    """A model that is in use, with what its calibration was fitted on."""

    task: str
    name: str
    version: str
    sha256: str
    licence: str
    calibration: str = ""
    cllr_bits: float | None = None


@dataclass(frozen=True, slots=True)
class RoadMap:
    """The places of the case and the roads between them; the roads lead between camera ids."""

    places: tuple[Place, ...]
    roads: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AuditShown:
    """The case's entries of one kind in the audit log, by number."""

    kind: str
    denied: bool
    seqs: tuple[int, ...]


class LackKind(StrEnum):
    """What a report lacks. Those of `BLOCKING` keep it from being worth filing."""

    NOTHING_CONFIRMED = "nothing_confirmed"
    ONE_REVIEWER = "one_reviewer"  # confirmed by one person only
    CONTESTED = "contested"  # confirmed by one, rejected by another
    PROPOSED = "proposed"  # the best reconstruction has it, nobody decided on it
    RIVAL = "rival"  # a reconstruction could nearly as well have it, nobody decided on it
    DOUBTED = "doubted"  # confirmed, and the reconstruction's other evidence speaks against it
    UNSURE = "unsure"
    INFEASIBLE = "infeasible"  # a hop that no speed explains
    CONTRADICTION = "contradiction"
    PICTURE_GONE = "picture_gone"
    CLOCK_UNCHECKED = "clock_unchecked"
    NOT_SEARCHED = "not_searched"
    NO_SCENE = "no_scene"
    NO_RECONSTRUCTION = "no_reconstruction"


BLOCKING = frozenset(
    {
        LackKind.NOTHING_CONFIRMED,
        LackKind.ONE_REVIEWER,
        LackKind.CONTESTED,
        LackKind.PROPOSED,
        LackKind.RIVAL,
        LackKind.CONTRADICTION,
    }
)


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing, and how often; `tracklet_ids` where it is about some."""

    kind: LackKind
    count: int
    tracklet_ids: tuple[int, ...] = ()

    @property
    def blocking(self) -> bool:
        return self.kind in BLOCKING


@dataclass(frozen=True, slots=True)
class Making:
    """When and by whom a report was made, and where the audit log stood."""

    at_ns: int
    person: Person
    audit_seq: int
    audit: tuple[AuditShown, ...]
    search_id: int | None  # of the reconstruction that was made for it


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. Two reports of an unchanged case differ in their `making` alone.

    `reconstruction` is None where none could be made, and `why_none` says why.
    """

    making: Making
    papers: Papers
    scenes: tuple[SceneShown, ...]
    sightings: tuple[SightingShown, ...]
    trajectory: Trajectory
    reconstruction: Reconstruction | None
    why_none: str
    decisions: tuple[DecisionShown, ...]
    searches: tuple[SearchShown, ...]
    places: Mapping[int, Place]
    road_map: RoadMap
    models: tuple[ModelShown, ...]
    lacks: tuple[Lack, ...]

    @property
    def shot_ids(self) -> tuple[int, ...]:
        """Of all pictures in it."""
        return tuple(shot.shot_id for one in self.sightings for shot in one.shots)

    @property
    def worth_filing(self) -> bool:
        return not any(lack.blocking for lack in self.lacks)

    def digest(self) -> str:
        """SHA-256 of the content: equal for two reports that say the same, whenever made."""
        content = asdict(replace(self, making=_NO_MAKING, reconstruction=_kept_part(self)))
        text = json.dumps(_plain(content), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


_NO_MAKING = Making(0, Person(0, "", "", ""), 0, (), None)


def _kept_part(report: Report) -> Reconstruction | None:
    """The reconstruction without its answer: that has other numbers each time, and the verdicts
    as its asker is told them."""
    if report.reconstruction is None:
        return None
    answer = replace(report.reconstruction.answer, search_id=0, audit_seq=0, candidates=())
    return replace(report.reconstruction, answer=answer)


def _plain(value: Any) -> Any:
    """As JSON can say it; bytes are left to their SHA-256, and sets get an order."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(part) for part in value)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, float):
        return repr(value)
    return value
