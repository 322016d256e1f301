"""How good the plate networks are on drawn samples held out, by how wide the plates were."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from core.arrays import F32, Bool
from core.plates.alphabet import likeliest_text
from detectors.plate_cells import found_plates
from training.plates.batches import as_input, stacked
from training.plates.packs import FinderSample, ReaderSample, decoded

WIDTHS_PX = (12, 25, 35, 60, 100, 1000)
_MOST_SAMPLES = 2000
_AT_ONCE = 64
_CONFIDENCE = 0.4
_LEAST_OVERLAP = 0.5


def reader_figures(model: nn.Module, samples: Sequence[ReaderSample]) -> dict[str, float]:
    """The share of whole texts read right, in all and by width; and the surprise per character."""
    chosen = samples[:_MOST_SAMPLES]
    log_probs = np.concatenate([rows[0] for rows in answers(model, [one.jpeg for one in chosen])])
    right = np.array(
        [likeliest_text(row) == one.text for row, one in zip(log_probs, chosen, strict=True)]
    )
    wide = np.array([one.wide_px for one in chosen], np.float32)
    return {"exact": _share(right), **by_width("exact", right, wide)}


def finder_figures(model: nn.Module, samples: Sequence[FinderSample]) -> dict[str, float]:
    """The share of plates found, in all and by width in the piece; how many others were found per
    piece, and how far corners are off, in shares of the plate's height."""
    chosen = samples[: _MOST_SAMPLES // 2]
    cells = np.concatenate([rows[0] for rows in answers(model, [one.jpeg for one in chosen])])
    found: list[bool] = []
    wide: list[float] = []
    apart: list[float] = []
    wrong = 0
    for row, one in zip(cells, chosen, strict=True):
        corners, _ = found_plates(row, _CONFIDENCE)
        wrong += len(corners)
        for plate in one.corners:
            off = _off(corners, plate)
            found.append(off < _LEAST_OVERLAP)
            wide.append(float(np.linalg.norm(plate[1] - plate[0])))
            if found[-1]:
                apart.append(off)
                wrong -= 1
    hits = np.array(found, np.bool_)
    return {
        "found": _share(hits),
        "wrong": round(wrong / len(chosen), 4),
        "off": round(float(np.median(apart)), 4) if apart else 1.0,
        **by_width("found", hits, np.array(wide, np.float32)),
    }


def by_width(name: str, hits: Bool, wide_px: F32) -> dict[str, float]:
    """The share of `hits` (N,) for each step of `WIDTHS_PX` that has any."""
    shares: dict[str, float] = {}
    for low, high in pairwise(WIDTHS_PX):
        mine = (wide_px >= low) & (wide_px < high)
        if mine.any():
            shares[f"{name}.{low}px"] = _share(hits[mine])
    return shares


@torch.no_grad()
def answers(model: nn.Module, jpegs: Sequence[bytes]) -> list[tuple[F32, ...]]:
    """What the network says of pictures, in parts; each of its outputs with the pictures first."""
    on = next(model.parameters()).device
    said: list[tuple[F32, ...]] = []
    for start in range(0, len(jpegs), _AT_ONCE):
        pictures = stacked([decoded(jpeg) for jpeg in jpegs[start : start + _AT_ONCE]])
        outputs = model(as_input(pictures.to(on)))
        every = (outputs,) if isinstance(outputs, torch.Tensor) else outputs
        said.append(tuple(one.float().cpu().numpy() for one in every))
    return said


def _off(corners: F32, plate: F32) -> float:
    """The mean distance of the nearest found corners (P, 4, 2), in shares of the plate's height."""
    if not len(corners):
        return float("inf")
    height = (np.linalg.norm(plate[3] - plate[0]) + np.linalg.norm(plate[2] - plate[1])) / 2
    return float(np.linalg.norm(corners - plate, axis=2).mean(axis=1).min() / max(height, 1e-6))


def _share(hits: Bool) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
