"""Sessions that stand in for plate models: one sees white blocks, one reads their brightness."""

from collections.abc import Mapping

import cv2
import numpy as np

from core.arrays import F32, U8
from core.plates.alphabet import ABSENT, COLUMNS
from core.runtime.session import Shape
from core.types import Detections, ModelSpec, ObjectClass
from detectors.plate_reader import COLOUR_LABEL
from ingest.surface import HostSurface

FINDER_HW, READER_HW = (96, 128), (48, 160)
CELL_PX = 4
LAYOUTS, COLOURS = ("cn_blue", "eu"), ("blue", "white", "yellow")


def plate_spec(task: str, input_hw: tuple[int, int], labels: tuple[str, ...] = ()) -> ModelSpec:
    return ModelSpec(
        name="tiny-plates",
        version="1",
        sha256="b" * 64,
        licence="AGPL-3.0-or-later",
        task="plate_find" if task == "find" else "plate_read",
        family="",
        decoder="",
        input_hw=input_hw,
        layout="NCHW",
        colour="RGB",
        scale=1 / 255,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        labels=labels,
    )


class BlockFinderSession:
    """Sees each white block as a plate; its confidence is how much of its box it fills. Keeps how
    many pictures each run was given."""

    def __init__(self) -> None:
        self.spec = plate_spec("find", FINDER_HW)
        self.runs: list[int] = []

    @property
    def output_shapes(self) -> Mapping[str, Shape]:
        return {"cells": (None, 9, FINDER_HW[0] // CELL_PX, FINDER_HW[1] // CELL_PX)}

    def run(self, blob: F32) -> list[F32]:
        self.runs.append(len(blob))
        return [np.stack([_cells(picture.min(axis=0) > 0.6) for picture in blob])]


def _cells(white: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> F32:
    cells = np.zeros((9, white.shape[0] // CELL_PX, white.shape[1] // CELL_PX), np.float32)
    count, _, stats, middles = cv2.connectedComponentsWithStats(white.astype(np.uint8))
    for left, top, width, height, area in stats[1:count].tolist():
        right, bottom = left + width, top + height
        column, row = (left + right) // 2 // CELL_PX, (top + bottom) // 2 // CELL_PX
        cells[0, row, column] = area / (width * height)
        cells[1:, row, column] = (left, top, right, top, right, bottom, left, bottom)
    assert len(middles) == count
    return cells


class BrightnessReaderSession:
    """Reads a plate of brightness 10 n as the character in column n, eight times over."""

    def __init__(self, labels: tuple[str, ...] | None = None, columns: int = COLUMNS) -> None:
        every = (*LAYOUTS, *(COLOUR_LABEL + colour for colour in COLOURS))
        self.spec = plate_spec("read", READER_HW, every if labels is None else labels)
        self.columns = columns

    @property
    def output_shapes(self) -> Mapping[str, Shape]:
        return {
            "characters": (None, 8, self.columns),
            "layout": (None, len(LAYOUTS)),
            "colour": (None, len(COLOURS)),
        }

    def run(self, blob: F32) -> list[F32]:
        seen = np.rint(blob.mean(axis=(1, 2, 3)) * 25.5).astype(int)
        chances = np.full((len(blob), 8, self.columns), 0.1 / ABSENT, np.float32)
        chances[np.arange(len(blob)), :, seen] += np.float32(0.9)
        chances /= chances.sum(axis=2, keepdims=True)
        layout, colour = np.eye(len(LAYOUTS))[seen % 2], np.eye(len(COLOURS))[seen % 3]
        return [np.log(chances), layout.astype(np.float32), colour.astype(np.float32)]


def street(*plates: tuple[int, int, int, int], hw: tuple[int, int] = (480, 640)) -> HostSurface:
    """A dark picture with white blocks (left, top, right, bottom)."""
    rgb: U8 = np.full((*hw, 3), 40, np.uint8)
    for left, top, right, bottom in plates:
        rgb[top:bottom, left:right] = 255
    return HostSurface.of_rgb(rgb)


def vehicles(
    *boxes: tuple[float, float, float, float],
    frames: tuple[int, ...] | None = None,
    kind: ObjectClass = ObjectClass.CAR,
) -> Detections:
    """Cars, all in the first picture unless said otherwise."""
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.ones(count, np.float32),
        np.full(count, kind, np.int32),
        np.array(frames or (0,) * count, np.int32),
    )
