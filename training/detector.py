"""The detector's recipe: a small YOLOv8 of our own classes, from scratch on pictures of the city.

    python -m training.detector --pictures build/training/pictures --minutes 120

Windows and mosaics first, whole pictures for the last part; AdamW, a cosine, averaged weights. A
checkpoint after every round: the same command goes on where it was stopped, and a larger budget
continues what a smaller one began.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.judging import TruthBoxes, ap50_by_class, judged_picture
from core.arrays import F32
from core.types import Detections
from detectors.build import build_decoder
from detectors.classes import LabelMap
from detectors.nms import suppressed
from training import loop
from training.declared import LABELS, detector_spec
from training.tiles import (
    Batches,
    Labelled,
    Sampler,
    Tile,
    batch_of,
    read_pictures,
    whole,
)

SHAPE = Path(__file__).parent / "city-detector.yaml"

_PEAK = 2e-3
_DECAY = 0.02
_TILES, _WHOLES = 16, 8  # rows of a batch
_ROUND = 100  # batches between two checkpoints
_WHOLE_FROM = 0.6  # of the budget: a near bus fits no window
_MOSAIC_UNTIL = 0.5
_GAINS = {"box": 7.5, "cls": 0.5, "dfl": 1.5}  # ultralytics' own
_LEAST_CONFIDENCE = 0.02


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run is asked for. `workers` cut tiles beside `threads` that compute; `start` is a
    checkpoint of other pictures whose network a new run begins with."""

    pictures: Path
    work: Path
    budget: loop.Budget
    seed: int = 1
    workers: int = 1
    threads: int = 1
    start: Path | None = None


def train(recipe: Recipe, *, say: loop.Say = print) -> Path:
    """The checkpoint after the budget is spent; `detector.json` beside it says how it went."""
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    on = loop.device()
    model = new_model() if recipe.start is None else begun(recipe.start)
    model = model.to(on, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(_parameters(model), lr=_PEAK, betas=(0.9, 0.99))
    path = recipe.work / "detector.pt"
    run = loop.Run(path, model, optimiser, budget=recipe.budget)
    model.criterion = run.average.model.criterion = None
    sampler = Sampler(read_pictures(recipe.pictures, "train"))
    held_out = read_pictures(recipe.pictures, "val")
    history = loop.earlier_history(recipe.work / "detector.json", run)
    while not run.over:
        before_s = run.spent_s
        loss, rows = _round(run, sampler, recipe)
        run.save()
        figures = {
            "steps": run.steps,
            "progress": round(run.progress, 4),
            "loss": round(loss, 4),
            "pictures_per_s": round(rows / (run.spent_s - before_s), 2),
        }
        if len(history) % 5 == 4 or run.over:
            figures |= ap50(run.average.model, held_out[:: max(1, len(held_out) // 150)])
        history.append(figures)
        say(json.dumps(figures))
        _write_report(recipe, history)
    return path


def new_model() -> Any:
    """The untrained network that `city-detector.yaml` describes."""
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel(str(SHAPE), nc=len(LABELS), verbose=False)
    model.args = get_cfg(overrides=_GAINS)
    return model


def begun(start: Path) -> Any:
    """The averaged network of another run's checkpoint, to be taught on."""
    return loop.averaged_weights(start, new_model()).train()


def _parameters(model: nn.Module) -> list[dict[str, Any]]:
    """Weights with decay, biases and norms without."""
    parts = list(model.parameters())
    heavy = [one for one in parts if one.ndim > 1 and one.requires_grad]
    light = [one for one in parts if one.ndim <= 1 and one.requires_grad]
    return [{"params": heavy, "weight_decay": _DECAY}, {"params": light, "weight_decay": 0.0}]


def _round(run: loop.Run, sampler: Sampler, recipe: Recipe) -> tuple[float, int]:
    """The mean loss of one round of batches, and how many tiles it saw."""
    run.model.train()
    end_s = run.spent_s + loop.ROUND_S
    total, rows, count = 0.0, 0, 0
    for batch in _batches(run, sampler, recipe):
        rows += len(batch["img"])
        loss = _loss(run.model, batch)
        run.step(loss)
        total, count = total + float(loss.detach()), count + 1
        if run.over or run.spent_s > end_s:
            break
    return total / max(count, 1), rows


def _batches(run: loop.Run, sampler: Sampler, recipe: Recipe) -> Iterator[Mapping[str, Any]]:
    whole_pictures = run.progress >= _WHOLE_FROM
    batches = Batches(
        sampler,
        seed=recipe.seed * 1_000_003 + run.steps,
        count=_ROUND,
        rows=_WHOLES if whole_pictures else _TILES,
        mosaic=0.5 if run.progress < _MOSAIC_UNTIL else 0.0,
        whole=whole_pictures,
    )
    loader: DataLoader[Any] = DataLoader(batches, batch_size=None, num_workers=recipe.workers)
    return iter(loader)


def _loss(model: Any, batch: Mapping[str, Any]) -> torch.Tensor:
    """Ultralytics' loss a picture: its own sum counts every picture of the batch."""
    on = next(model.parameters()).device
    moved = {name: value.to(on, non_blocking=True) for name, value in batch.items()}
    moved["img"] = _as_input(moved["img"])
    with torch.autocast(on.type, torch.bfloat16):
        loss, _ = model(moved)
    total: torch.Tensor = loss.sum() / len(moved["img"])
    return total


def _as_input(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels.float() / 255).contiguous(memory_format=torch.channels_last)


# --- how good it is ----------------------------------------------------------------------------


@torch.no_grad()
def ap50(model: nn.Module, pictures: Sequence[Labelled]) -> dict[str, float]:
    """AP at half overlap over boxes from 24 px on, mean and by class, in whole pictures."""
    judged = []
    spec = detector_spec("0" * 64)
    labels = LabelMap.of(spec)
    decoder = build_decoder(spec, {"output0": (None, 4 + len(LABELS), None)}, labels.choice)
    on = next(model.parameters()).device
    for picture in pictures:
        tile = whole(picture)
        outputs = model(_as_input(batch_of([tile])["img"].to(on)))[0].float().cpu().numpy()
        (raw,) = decoder.decode([outputs], _LEAST_CONFIDENCE)
        boxes = suppressed(raw, decoder.nms_iou or 0.7, labels.group)
        found = detections(boxes.xyxy, boxes.confidence, boxes.label)
        judged.append(judged_picture(_truth(tile), found))
    by_class = ap50_by_class(judged)
    return {
        "ap50": round(float(np.mean(list(by_class.values()))), 4) if by_class else 0.0,
        **{f"ap50.{kind.label}": round(value, 4) for kind, value in by_class.items()},
    }


def detections(xyxy: F32, confidence: F32, label: Any) -> Detections:
    """Boxes of one picture."""
    return Detections(xyxy, confidence, label.astype(np.int32), np.zeros(len(xyxy), np.int32))


def _truth(tile: Tile) -> TruthBoxes:
    count = len(tile.xyxy)
    rows = np.arange(count)
    seen = np.ones(count, np.float32)
    return TruthBoxes(np.zeros(count, np.int64), rows, tile.class_id, tile.xyxy, seen)


def _write_report(recipe: Recipe, history: Sequence[Mapping[str, Any]]) -> None:
    from ultralytics import __version__

    report = {
        "seed": recipe.seed,
        "versions": {**loop.versions(), "ultralytics": __version__},
        "minutes": recipe.budget.minutes,
        "history": list(history),
    }
    (recipe.work / "detector.json").write_text(json.dumps(report, indent=1) + "\n")


# --- export ------------------------------------------------------------------------------------


def for_export(checkpoint: Path) -> nn.Module:
    """The averaged network with its norms folded in, giving boxes and scores (B, 4 + L, A)."""
    model = loop.averaged_weights(checkpoint, new_model())
    fused: Any = model.fuse(verbose=False)
    head = fused.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", False
    exported: nn.Module = fused.float().eval()
    return exported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=Path, default=Path("build/training/pictures"))
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--steps", type=int, default=1_000_000, help="end after so many at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="that cut tiles")
    parser.add_argument("--threads", type=int, default=1, help="of the computation on a CPU")
    parser.add_argument("--start", type=Path, help="checkpoint to take the network from")
    asked = parser.parse_args()
    recipe = Recipe(
        asked.pictures,
        asked.work,
        loop.Budget(asked.minutes, asked.steps),
        seed=asked.seed,
        workers=asked.workers,
        threads=asked.threads,
        start=asked.start,
    )
    train(recipe)


if __name__ == "__main__":
    main()
