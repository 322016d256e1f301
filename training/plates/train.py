"""The recipes of the plate finder and the plate reader, from scratch on plates that are drawn.

    python -m training.plates.train reader --minutes 240
    python -m training.plates.train finder --minutes 120

AdamW, a cosine, averaged weights. A checkpoint after every round: the same command goes on where it
was stopped, and a larger budget continues what a smaller one began. Samples come from the packs of
`training.plates.packs` and `training.plates.streets`.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from torch.utils.data import DataLoader

from training import loop
from training.plates import judging
from training.plates.batches import Batch, FinderBatches, ReaderBatches, as_input
from training.plates.letters import PATH
from training.plates.networks import Finding, Reading, finding_loss, reading_loss
from training.plates.packs import (
    FinderSample,
    ReaderSample,
    pack_files,
    read_finder,
    read_reader,
)

Kind = Literal["reader", "finder"]

_DECAY = 0.02
_ROUND = 200  # batches between two checkpoints
_LOOKS = 4  # rounds between two looks at what was held out
_EASY_UNTIL = 0.08  # of the budget
_EASY_PX = 70


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run is asked for. `packs` is the folder of samples, `start` a checkpoint whose
    network a new run begins with; `rows` of a batch and `peak` rate None take the kind's own."""

    kind: Kind
    packs: Path
    work: Path
    budget: loop.Budget
    seed: int = 1
    workers: int = 1
    threads: int = 1
    start: Path | None = None
    rows: int | None = None
    peak: float | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of network is taught."""

    new_model: Callable[[], nn.Module]
    read: Callable[[Iterable[Path]], Sequence[Any]]
    batches: Callable[..., Any]
    loss: Callable[[nn.Module, Batch], torch.Tensor]
    figures: Callable[[nn.Module, Sequence[Any]], dict[str, float]]
    easy: Callable[[Any], bool]
    """Which samples a network begins with: on hard ones alone it sees no letters for long."""
    rows: int
    peak: float


def train(recipe: Recipe, *, say: loop.Say = print) -> Path:
    """The checkpoint after the budget is spent; a `.json` beside it says how it went."""
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    way = WAYS[recipe.kind]
    samples = way.read(pack_files(recipe.packs, held_out=False))
    held_out = way.read(pack_files(recipe.packs, held_out=True))
    model = way.new_model() if recipe.start is None else for_export(recipe.kind, recipe.start)
    model = model.train().to(loop.device(), memory_format=torch.channels_last)
    peak = recipe.peak or way.peak
    optimiser = torch.optim.AdamW(parameters(model), lr=peak, betas=(0.9, 0.98), fused=True)
    run = loop.Run(recipe.work / f"{recipe.kind}.pt", model, optimiser, budget=recipe.budget)
    say(f"{recipe.kind}: {len(samples)} samples, {len(held_out)} held out")
    history = loop.earlier_history(recipe.work / f"{recipe.kind}.json", run)
    easy = [one for one in samples if way.easy(one)] or samples
    while not run.over:
        before_s = run.spent_s
        loss, rows = _round(run, easy if run.progress < _EASY_UNTIL else samples, recipe)
        run.save()
        figures: dict[str, Any] = {
            "steps": run.steps,
            "progress": round(run.progress, 4),
            "loss": round(loss, 4),
            "samples_per_s": round(rows / (run.spent_s - before_s), 1),
        }
        if len(history) % _LOOKS == _LOOKS - 1 or run.over:
            figures |= way.figures(run.average.model, held_out)
        history.append(figures)
        say(json.dumps(figures))
        _write_report(recipe, len(samples), history)
    return recipe.work / f"{recipe.kind}.pt"


def parameters(model: nn.Module) -> list[dict[str, Any]]:
    """Weights with decay; biases, norms and places without."""
    named = [(name, part) for name, part in model.named_parameters() if part.requires_grad]
    heavy = [part for name, part in named if name.endswith("weight") and part.ndim > 1]
    light = [part for name, part in named if not (name.endswith("weight") and part.ndim > 1)]
    return [{"params": heavy, "weight_decay": _DECAY}, {"params": light, "weight_decay": 0.0}]


def for_export(kind: Kind, checkpoint: Path) -> nn.Module:
    """The averaged network of a checkpoint."""
    return loop.averaged_weights(checkpoint, WAYS[kind].new_model())


def _round(run: loop.Run, samples: Sequence[Any], recipe: Recipe) -> tuple[float, int]:
    """The mean loss of one round of batches, and how many samples it saw."""
    run.model.train()
    way = WAYS[recipe.kind]
    batches = way.batches(
        samples,
        seed=recipe.seed * 1_000_003 + run.steps,
        count=_ROUND,
        rows=recipe.rows or way.rows,
    )
    loader: DataLoader[Any] = DataLoader(batches, batch_size=None, num_workers=recipe.workers)
    end_s = run.spent_s + loop.ROUND_S
    total, rows, count = 0.0, 0, 0
    for batch in loader:
        loss = way.loss(run.model, batch)
        run.step(loss)
        total, count, rows = total + float(loss.detach()), count + 1, rows + len(batch["pictures"])
        if run.over or run.spent_s > end_s:
            break
    return total / max(count, 1), rows


def _write_report(recipe: Recipe, samples: int, history: Sequence[Mapping[str, Any]]) -> None:
    report = {
        "seed": recipe.seed,
        "versions": loop.versions(),
        "samples": samples,
        "minutes": recipe.budget.minutes,
        "history": history,
    }
    (recipe.work / f"{recipe.kind}.json").write_text(json.dumps(report, indent=1))


def _reading_loss(model: nn.Module, batch: Batch) -> torch.Tensor:
    assert isinstance(model, Reading)
    on = model.usual.device
    with torch.autocast(on.type, torch.bfloat16):
        said = model(as_input(batch["pictures"].to(on)))
    return reading_loss(said, *(batch[key].to(on) for key in ("columns", "layout", "colour")))


def _finding_loss(model: nn.Module, batch: Batch) -> torch.Tensor:
    assert isinstance(model, Finding)
    on = model.grid.device
    with torch.autocast(on.type, torch.bfloat16):
        said = model.raw(as_input(batch["pictures"].to(on)))
    return finding_loss(said, *(batch[key].to(on) for key in ("heat", "corners")))


def _is_wide(sample: ReaderSample) -> bool:
    return sample.wide_px >= _EASY_PX


def _is_any(sample: FinderSample) -> bool:
    return True


WAYS: Mapping[str, Way] = {
    "reader": Way(
        new_model=Reading,
        read=read_reader,
        batches=ReaderBatches,
        loss=_reading_loss,
        figures=judging.reader_figures,
        easy=_is_wide,
        rows=32,
        peak=1.5e-3,
    ),
    "finder": Way(
        new_model=Finding,
        read=read_finder,
        batches=FinderBatches,
        loss=_finding_loss,
        figures=judging.finder_figures,
        easy=_is_any,
        rows=16,
        peak=1.5e-3,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(WAYS))
    parser.add_argument("--packs", type=Path, help="without it build/training/plates/KIND")
    parser.add_argument("--work", type=Path, default=PATH.parent)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--steps", type=int, default=10_000_000, help="end after so many at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="that decode and distort")
    parser.add_argument("--threads", type=int, default=1, help="of the computation on a CPU")
    parser.add_argument("--start", type=Path, help="checkpoint to take the network from")
    parser.add_argument("--rows", type=int, help="of a batch")
    parser.add_argument("--peak", type=float, help="the highest learning rate")
    asked = parser.parse_args()
    recipe = Recipe(
        asked.kind,
        asked.packs or PATH.parent / asked.kind,
        asked.work,
        loop.Budget(asked.minutes, asked.steps),
        asked.seed,
        asked.workers,
        asked.threads,
        asked.start,
        asked.rows,
        asked.peak,
    )
    train(recipe)


if __name__ == "__main__":
    main()
