"""Probes: pictures of the subject, from an upload, a stored frame or a stored shot."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases.answers import Ask, Passage, Picture
from cases.audit import AuditLog
from cases.authority import EVERYTHING, Narrowing
from cases.desk import erase_products
from cases.events import EventKind, denied
from cases.ranking import confirmed
from cases.reading import ReadingDoor
from core.arrays import F32
from core.clocks import Now
from core.errors import CaseTraceError, Forbidden, InvalidBox, ModelMissing, TooLarge
from core.geometry import checked_box
from core.ids import IdSource
from core.protocols import PictureOpener, Prober, ProbeStore, Store, Surface
from core.types import Account, CaseState, Family, Frame, Probe, Shot, TimeSpan

MAX_UPLOAD_BYTES = 32 << 20

# Own choice: an embedder blows a box of a few pixels up thirtyfold, and what it then finds alike is
# the blur. Shots are not held to it: what was tracked may be searched with, however far it was.
MIN_SIDE_PX = 8

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A probe about to be made: where it came from, and its picture once it is allowed in."""

    origin: str
    family: Family
    detail: Mapping[str, Any]
    within: Narrowing = EVERYTHING
    camera_id: int | None = None
    device_ns: int | None = None
    tracklet_id: int | None = None


@dataclass(frozen=True, slots=True)
class Probes:
    """Makes a case's probes and lists them. Their vectors never leave: lists come without."""

    door: ReadingDoor
    store: Store
    prober: Prober
    opener: PictureOpener
    files: ProbeStore
    audit: AuditLog
    now: Now
    ids: IdSource

    def from_upload(
        self, actor: Account, case_id: int, content: bytes, xyxy: Box | None, family: Family
    ) -> Probe:
        """A probe from a picture handed in; without a box the whole picture shows the subject.

        Raises `MediaCorrupt` for no picture, `TooLarge`, `InvalidBox` for a box outside it or of a
        few pixels. Only the box's own pixels are kept; the upload is named by its SHA-256 in the
        log.
        """
        if len(content) > MAX_UPLOAD_BYTES:
            raise TooLarge(f"picture: want at most {MAX_UPLOAD_BYTES} bytes, got {len(content)}")
        detail: dict[str, Any] = {"upload_sha256": hashlib.sha256(content).hexdigest()}
        if xyxy is not None:
            detail["box"] = _whole_pixels(xyxy)
        draft = _Draft("upload", Family(family), detail)

        def opened() -> tuple[Surface, F32]:
            surface = self.opener(content)
            return surface, _large_enough(_box_of(surface, xyxy))

        return self._made(actor, case_id, draft, opened)

    def from_frame(
        self,
        actor: Account,
        case_id: int,
        camera_id: int,
        at_utc_ns: int,
        xyxy: Box,
        family: Family,
    ) -> Probe:
        """A probe from a box on the frame that a camera of the case showed at an instant."""
        frame: Frame = self.door.frame(actor, case_id, camera_id, at_utc_ns)
        box = _large_enough(checked_box(xyxy, frame.surface.size))
        draft = _Draft(
            "frame",
            Family(family),
            {"camera": camera_id, "at_ns": at_utc_ns, "box": _whole_pixels(xyxy)},
            Narrowing((camera_id,), TimeSpan(at_utc_ns, at_utc_ns + 1)),
            camera_id,
            frame.device_ns,
        )
        return self._made(actor, case_id, draft, lambda: (frame.surface, box))

    def from_shot(self, actor: Account, case_id: int, shot_id: int) -> Probe:
        """A probe from a stored shot of the case; its family is its tracklet's."""
        (picture,) = self.door.pictures(actor, case_id, [shot_id])
        return self._from_picture(actor, case_id, picture)

    def from_confirmed(self, actor: Account, case_id: int) -> list[Probe]:
        """A probe per confirmed tracklet, from its best shot; those that exist are used again."""
        wanted = confirmed(self.store.cases.decisions(case_id))
        detail = {"tracklet_ids": wanted}
        ask = Ask(actor, case_id, EventKind.READ_TRACKLETS, detail=detail)
        traced = self.door.trace(ask, wanted)
        best = {i: max(shots, key=_quality) for i, shots in traced.rows.shots.items()}
        known = {
            probe.tracklet_id: probe
            for probe in self.store.cases.probes(case_id)
            if probe.origin == "shot" and probe.tracklet_id in best
        }
        fresh = [shot.shot_id for i, shot in best.items() if i not in known]
        pictures = self.door.pictures(actor, case_id, fresh) if fresh else []
        made = [self._from_picture(actor, case_id, picture) for picture in pictures]
        return [*map(bare, known.values()), *made]

    def of(self, actor: Account, case_id: int, *, version: int | None = None) -> list[Probe]:
        """The case's probes by time, without their vectors."""
        detail = {"part": "probes"}
        self.door.admit(Ask(actor, case_id, EventKind.READ_CASE, version=version, detail=detail))
        return [bare(probe) for probe in self.store.cases.probes(case_id)]

    def settle(self, passage: Passage) -> None:
        """After something was written for a case: undo it if the case was rejected meanwhile.

        The rejection erases what was there before it; this erases what came in between.
        """
        try:
            self.door.still(passage)
        except Forbidden:
            case_id = passage.case.case_id
            if self.store.cases.get(case_id).state is CaseState.REJECTED:
                erase_products(self.store, self.files, case_id)
            raise

    def _from_picture(self, actor: Account, case_id: int, picture: Picture) -> Probe:
        shot = picture.shot
        draft = _Draft(
            "shot",
            picture.family,
            {"shot_id": shot.shot_id, "tracklet_id": shot.tracklet_id, "camera": shot.camera_id},
            EVERYTHING,
            shot.camera_id,
            shot.device_ns,
            shot.tracklet_id,
        )

        def opened() -> tuple[Surface, F32]:
            surface = self.opener(picture.jpeg)
            return surface, _box_of(surface, None)

        return self._made(actor, case_id, draft, opened)

    def _made(
        self,
        actor: Account,
        case_id: int,
        draft: _Draft,
        opened: Callable[[], tuple[Surface, F32]],
    ) -> Probe:
        probe_id = self.ids.next()
        detail = {"probe_id": probe_id, "origin": draft.origin, "family": draft.family.value}
        ask = Ask(
            actor,
            case_id,
            EventKind.PROBE_ADDED,
            draft.within,
            detail={**detail, **draft.detail},
        )
        passage = self.door.admit(ask)
        try:
            surface, box = opened()
            probe = self._kept(passage, probe_id, draft, surface, box)
        except CaseTraceError as error:
            self.audit.write(denied(ask.event(passage.case), error))
            raise
        self.settle(passage)
        return bare(probe)

    def _kept(
        self, passage: Passage, probe_id: int, draft: _Draft, surface: Surface, box: F32
    ) -> Probe:
        """The picture first, then its row: what has no row does not exist."""
        case_id = passage.case.case_id
        vectors = self._vectors(surface, box, draft.family, probe_id)
        key = self.files.put(case_id, probe_id, surface.jpeg(box[0]))
        probe = Probe(
            probe_id=probe_id,
            case_id=case_id,
            family=draft.family.value,
            origin=draft.origin,
            created_ns=self.now(),
            key=key,
            vectors=vectors,
            camera_id=draft.camera_id,
            device_ns=draft.device_ns,
            tracklet_id=draft.tracklet_id,
        )
        self.store.cases.put_probe(probe)
        return probe

    def _vectors(
        self, surface: Surface, box: F32, family: Family, probe_id: int
    ) -> dict[str, bytes]:
        rows = self.prober.embed(surface, box, family, probe_id)
        if not rows:
            raise ModelMissing(f"probe: no embedder for {family} is loaded")
        return {row.model: np.asarray(row.vectors[0], np.float32).tobytes() for row in rows}


def vector_of(probe: Probe, model: str) -> F32:
    """The probe's unit row (D,) by that model."""
    return np.frombuffer(probe.vectors[model], np.float32)


def bare(probe: Probe) -> Probe:
    """The probe with the names of its models and without its vectors."""
    return replace(probe, vectors=dict.fromkeys(probe.vectors, b""))


def _box_of(surface: Surface, xyxy: Box | None) -> F32:
    height, width = surface.size
    return checked_box(
        (0.0, 0.0, float(width), float(height)) if xyxy is None else xyxy, surface.size
    )


def _large_enough(box: F32) -> F32:
    width, height = (box[0, 2:] - box[0, :2]).tolist()
    if min(width, height) < MIN_SIDE_PX:
        raise InvalidBox(
            f"box: want {MIN_SIDE_PX} pixels each way at least to compare anything, "
            f"got {width:g}x{height:g}"
        )
    return box


def _whole_pixels(xyxy: Iterable[float]) -> list[int]:
    try:
        return [round(side) for side in xyxy]
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidBox(f"box: want four finite numbers, got {xyxy}") from error


def _quality(shot: Shot) -> tuple[float, int]:
    return shot.quality, -shot.shot_id
