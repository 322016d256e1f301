"""Plates in the track stage: chosen boxes are read, reads gather by tracklet, parts take a vote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.arrays import F32, F64, I64
from core.geometry import areas
from core.ids import IdSource
from core.plates.alphabet import likeliest_text, likely_right
from core.plates.likelihood import stacked
from core.protocols import PlateFinder, PlateReader
from core.types import (
    CutShot,
    Detections,
    Frame,
    Plate,
    PlateRead,
    PlateRows,
    StatedPlate,
    Tracklet,
    TrackletPart,
)
from detectors.plate_quality import ReadQuality, has_corners
from detectors.plate_sight import read_plates, silence_of
from detectors.plate_voting import MOST_READS, PlateVoter, read_of_text
from tracking.plates import ReadOut
from tracking.quality import plain_quality, sharpness
from tracking.shots import cut_shot

Rated = tuple[PlateRead, ReadQuality]


@dataclass(frozen=True, slots=True)
class PlateModels:
    """What finds plates and what reads them."""

    finder: PlateFinder
    reader: PlateReader


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """The picture of a read: cut from its very frame, so that it shows vehicle and plate."""

    read: PlateRead
    weight: float
    shot: CutShot


@dataclass(slots=True)
class _Gathered:
    """Reads of one tracklet, the best ones; `evidence` is of the part that is open."""

    reads: list[Rated] = field(default_factory=list)
    evidence: _Evidence | None = None

    def add(self, rated: Rated) -> None:
        self.reads.append(rated)
        if len(self.reads) > MOST_READS:
            self.reads.remove(min(self.reads, key=lambda one: one[1].weight))


class PlatePass:
    """One camera's `tracking.plates.PlateWatch`. Use from one thread at a time.

    Without `models` only what the device itself states is taken. A tracklet has one plate: of
    several on one vehicle the one counts of which most signs are likely right, by the finder's word
    and the reader's. A lamp may look like a plate, but there is nothing to be read on it.
    """

    def __init__(
        self, ids: IdSource, models: PlateModels | None, *, voter: PlateVoter | None = None
    ) -> None:
        self._ids = ids
        self._models = models
        silence = silence_of(models.reader) if models and not voter else None
        self._voter = voter or PlateVoter(silence=silence)
        self._gathered: dict[int, _Gathered] = {}

    def read(self, frame: Frame, vehicles: Detections, tracklet_ids: Sequence[int]) -> F64:
        """Weight of what was read on each vehicle (N,), 0 where nothing was."""
        seen = self._seen(frame, vehicles)
        weights = np.zeros(len(vehicles))
        for row, read in [*seen, *stated_reads(frame, vehicles)]:
            quality = ReadQuality.of(read, sharpness=_sharpness(frame, vehicles, row))
            weights[row] = max(weights[row], quality.weight)
            gathered = self._gathered.setdefault(tracklet_ids[row], _Gathered())
            gathered.add((read, quality))
            if _betters(gathered.evidence, read, quality.weight):
                shot = self._cut(frame, vehicles, row, read)
                gathered.evidence = _Evidence(read, quality.weight, shot)
        return weights

    def part_of(self, part: Tracklet, shots: Sequence[CutShot]) -> ReadOut:
        """One plate, fused from all reads so far, if one was read in this part; see `Plate`.

        Where a shot of the part shows the best read, that shot is its evidence.
        """
        gathered = self._gathered.get(part.tracklet_id)
        if gathered is None or gathered.evidence is None:
            return (), ()
        evidence, gathered.evidence = gathered.evidence, None
        kept = next((shot for shot in shots if _is_same(shot, evidence.shot)), None)
        plate = self._fused(part, gathered.reads, evidence, kept or evidence.shot)
        if not likeliest_text(plate.log_probs):
            return (), ()  # reads that agree on nothing
        return (plate,), () if kept else (evidence.shot,)

    def forget(self, tracklet_id: int) -> None:
        """The tracklet ended."""
        self._gathered.pop(tracklet_id, None)

    def _seen(self, frame: Frame, vehicles: Detections) -> list[tuple[int, PlateRead]]:
        """Our own reads, one for each vehicle at most, by its row."""
        if self._models is None:
            return []
        best: dict[int, tuple[float, PlateRead]] = {}
        at_ns: I64 = np.array([frame.device_ns], np.int64)
        models = self._models
        for one in read_plates(models.finder, models.reader, [frame.surface], vehicles, at_ns):
            right = one.confidence * likely_right(one.read.log_probs)
            if right > best.get(one.row, (0.0,))[0]:
                best[one.row] = (right, one.read)
        return [(row, read) for row, (_, read) in sorted(best.items())]

    def _cut(self, frame: Frame, vehicles: Detections, row: int, read: PlateRead) -> CutShot:
        box = vehicles.xyxy[row]
        if has_corners(read):  # a plate at the edge of its vehicle's box is shown whole
            box = np.concatenate(
                [
                    np.minimum(box[:2], read.corners.min(axis=0)),
                    np.maximum(box[2:], read.corners.max(axis=0)),
                ]
            ).astype(np.float32)
        worth = plain_quality(box[None], vehicles.confidence[[row]], frame.surface.size)
        worth = worth * sharpness(frame.surface, box[None])
        return cut_shot(
            frame.surface,
            box,
            frame.device_ns,
            quality=float(worth[0]),
            shot_id=self._ids.next(),
        )

    def _fused(
        self, part: Tracklet, reads: Sequence[Rated], evidence: _Evidence, shot: CutShot
    ) -> Plate:
        posterior = self._voter.vote(
            part.tracklet_id, [read for read, _ in reads], [quality for _, quality in reads]
        )
        return Plate(
            plate_id=self._ids.next(),
            tracklet_id=part.tracklet_id,
            part=part.part,
            camera_id=part.camera_id,
            device_ns=evidence.read.device_ns,
            log_probs=posterior.log_probs,
            layout=posterior.layout,
            colour=posterior.colour,
            reads=len(reads),
            shot_id=shot.shot_id,
            corners=evidence.read.corners if has_corners(evidence.read) else None,
        )


def stated_reads(frame: Frame, vehicles: Detections) -> list[tuple[int, PlateRead]]:
    """What the device read in the picture, as reads of the vehicles (N,) that it must mean.

    That is the smallest vehicle whose box holds the middle of the stated box; where none is stated,
    or it lies on no vehicle, the largest: a checkpoint takes its picture of the one before it.
    """
    if not len(vehicles):
        return []
    return [
        (
            _meant(stated, vehicles.xyxy),
            read_of_text(
                stated.text,
                stated.confidence if len(stated.confidence) > 1 else stated.confidence[0],
                device_ns=frame.device_ns,
                colour=stated.colour,
            ),
        )
        for stated in frame.stated
    ]


def plate_rows(parts: Sequence[TrackletPart]) -> PlateRows | None:
    """The plates of some parts as an index takes them, None if there are none."""
    plates = [plate for part in parts for plate in part.plates]
    if not plates:
        return None
    columns: Mapping[str, I64] = {
        name: np.array([getattr(plate, name) for plate in plates], np.int64)
        for name in ("plate_id", "tracklet_id", "camera_id", "device_ns")
    }
    return PlateRows(
        plate_ids=columns["plate_id"],
        tracklet_ids=columns["tracklet_id"],
        camera_ids=columns["camera_id"],
        device_ns=columns["device_ns"],
        log_probs=stacked([plate.log_probs for plate in plates]),
        layouts=[plate.layout for plate in plates],
        colours=[plate.colour for plate in plates],
    )


def _meant(stated: StatedPlate, xyxy: F32) -> int:
    sizes = areas(xyxy)
    if stated.xyxy is not None:
        x1, y1, x2, y2 = stated.xyxy
        middle = np.array([x1 + x2, y1 + y2], np.float32) / 2
        holds = ((xyxy[:, :2] <= middle) & (middle <= xyxy[:, 2:])).all(axis=1)
        if holds.any():
            return int(np.where(holds, sizes, np.inf).argmin())
    return int(sizes.argmax())


def _sharpness(frame: Frame, vehicles: Detections, row: int) -> float:
    """Of a vehicle's picture, 0 (smeared) to 1."""
    return float(2 * sharpness(frame.surface, vehicles.xyxy[[row]])[0] - 1)


def _betters(known: _Evidence | None, read: PlateRead, weight: float) -> bool:
    """A read of ours shows more than a stated one, whatever its weight."""
    return known is None or (has_corners(read), weight) > (has_corners(known.read), known.weight)


def _is_same(shot: CutShot, other: CutShot) -> bool:
    return shot.device_ns == other.device_ns and shot.xyxy == other.xyxy
