"""Finder and reader on real photographs: what is found, what is read, and how long it takes.

A crop is read as it is. In a whole picture a detector's vehicles are looked at, and the picture
itself with its overlapping parts, since a photograph of a bumper has no vehicle in it; of the
plates found, the one that overlaps the labelled one most is judged. `half="test"` leaves a line in
a log that is kept with the project: who measures on it often, chooses by it.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks.common import PROJECT, commit
from benchmarks.judging import with_interval
from benchmarks.plate_lprnet import FILE, LprNet
from benchmarks.plate_photos import Photo, comparable, edits, photo_sets, same_text
from benchmarks.plate_sets import Half
from core.arrays import F32, Bool
from core.geometry import iou
from core.plates.alphabet import likeliest_text
from core.protocols import Detector, PlateFinder, PlateReader
from core.types import ClockSource, Detections, Frame, ObjectClass
from detectors.plate_finder import boxes_of
from detectors.plate_sight import read_at, read_plates
from ingest.surface import HostSurface

TEST_LOG = PROJECT / "benchmarks" / "results" / "plate_test_half.log"
LEAST_OVERLAP = 0.5
LPRNET_SET = "cn_crops_lprnet"

_LEAST_VEHICLE = 0.25
_PART = 0.6
"""Of a picture's sides: its overlapping parts, a corner each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one photograph: its text, how much of the label was found, and the time."""

    text: str
    overlap: float
    took_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class PlateModels:
    """Finder and reader; `detector` gives the vehicles of whole pictures, None does without."""

    finder: PlateFinder
    reader: PlateReader
    detector: Detector | None = None


def plate_figures(
    data: Path, models: PlateModels, half: Half, *, log: Path = TEST_LOG
) -> dict[str, float]:
    """The figures of each set below `data/plates`: `plates.<set>.exact`, `.within1`, `.found` with
    their intervals, `.n` and `.ms`; and those of LPRNet where its weights are."""
    figures: dict[str, float] = {}
    for name, photos in photo_sets(data / "plates", half).items():
        answers = [answer_of(photo, models) for photo in photos]
        figures |= set_figures(name, photos, answers)
    figures |= lprnet_figures(data, half)
    if half == "test" and figures:
        note_test(log, models, figures)
    return figures


def set_figures(
    name: str, photos: Sequence[Photo], answers: Sequence[Answer], *, reader: str = ""
) -> dict[str, float]:
    """Shares with intervals of one set; `reader` names another one than ours."""
    key = f"plates.{name}.{reader}." if reader else f"plates.{name}."
    pairs = list(zip(answers, photos, strict=True))
    exact = np.array([same_text(one.text, photo.text, name) for one, photo in pairs], np.bool_)
    near = np.array([_edits(one.text, photo.text, name) <= 1 for one, photo in pairs], np.bool_)
    figures = {f"{key}n": float(len(pairs)), **_share(f"{key}exact", exact)}
    figures |= _share(f"{key}within1", near)
    if photos[0].xyxy is not None:
        found = np.array([one.overlap >= LEAST_OVERLAP for one in answers], np.bool_)
        figures |= _share(f"{key}found", found)
    return {**figures, f"{key}ms": float(np.median([one.took_ms for one in answers]))}


def _share(key: str, hits: Bool) -> dict[str, float]:
    """With its interval, without a count of its own: a set has one."""
    return {name: value for name, value in with_interval(key, hits).items() if name != f"{key}.n"}


def _edits(read: str, text: str, name: str) -> int:
    return edits(comparable(read, name), comparable(text, name))


def answer_of(photo: Photo, models: PlateModels) -> Answer:
    """What finder and reader say of a photograph."""
    rgb = photo.rgb
    if photo.xyxy is not None:
        return _of_whole(HostSurface.of_rgb(rgb), photo.xyxy, models)
    start = time.perf_counter()
    height, width = rgb.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    (read,) = read_at(models.reader, [HostSurface.of_rgb(rgb)], corners[None])
    return Answer(likeliest_text(read.log_probs), 0.0, _since_ms(start))


def _of_whole(surface: HostSurface, xyxy: F32, models: PlateModels) -> Answer:
    vehicles = looked_at(surface, models.detector)
    start = time.perf_counter()
    seen = read_plates(models.finder, models.reader, [surface], vehicles, np.zeros(1, np.int64))
    took_ms = _since_ms(start)
    if not seen:
        return Answer("", 0.0, took_ms)
    boxes = boxes_of(np.stack([one.read.corners for one in seen]))
    overlap = iou(boxes, xyxy[None])[:, 0]
    best = int(overlap.argmax())
    text = likeliest_text(seen[best].read.log_probs) if overlap[best] > 0 else ""
    return Answer(text, float(overlap[best]), took_ms)


def looked_at(surface: HostSurface, detector: Detector | None) -> Detections:
    """The vehicles and riders of a picture, the picture itself and its four parts."""
    height, width = surface.size
    wide, high = width * _PART, height * _PART
    parts = [
        (left, top, left + wide, top + high)
        for left in (0.0, width - wide)
        for top in (0.0, height - high)
    ]
    boxes = [*vehicles_of(surface, detector), (0.0, 0.0, float(width), float(height)), *parts]
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32),
        np.ones(count, np.float32),
        np.full(count, ObjectClass.CAR, np.int32),
        np.zeros(count, np.int32),
    )


def vehicles_of(
    surface: HostSurface, detector: Detector | None
) -> list[tuple[float, float, float, float]]:
    """Boxes of what may bear a plate; none without a detector."""
    if detector is None:
        return []
    frame = Frame(1, surface, 0, Fraction(1), 0, 0, ClockSource.RECEIPT, 0.0, 1)
    found = detector.detect([frame])
    wanted = (found.class_id != ObjectClass.PERSON) & (found.confidence >= _LEAST_VEHICLE)
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in found.xyxy[wanted].tolist()]


def _since_ms(start: float) -> float:
    return 1000 * (time.perf_counter() - start)


def lprnet_figures(data: Path, half: Half) -> dict[str, float]:
    """LPRNet on the crops that it is known by; none where its weights or the crops are not."""
    file = next((data / "weights").rglob(FILE), None) if (data / "weights").is_dir() else None
    photos = photo_sets(data / "plates", half).get(LPRNET_SET, [])
    if file is None or not photos:
        return {}
    peer = LprNet(file)
    answers = []
    for photo in photos:
        rgb = photo.rgb
        start = time.perf_counter()
        text = peer.read(rgb)
        answers.append(Answer(text, 0.0, _since_ms(start)))
    return set_figures(LPRNET_SET, photos, answers, reader="lprnet")


def note_test(log: Path, models: PlateModels, figures: Mapping[str, float]) -> None:
    """Append when, by which code and models, and with what result the test half was measured."""
    shares = {
        key.removeprefix("plates."): round(value, 4)
        for key, value in figures.items()
        if key.rpartition(".")[2] in {"n", "exact", "within1", "found"}
    }
    line = {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "commit": commit(),
        "finder": models.finder.spec.key,
        "reader": models.reader.spec.key,
        "figures": shares,
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
