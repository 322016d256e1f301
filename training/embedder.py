"""The embedders' recipe, one for persons and one for vehicles; riders are in both.

    python -m training.embedder person --minutes 60
    python -m training.embedder vehicle --minutes 60

Views of one identity against the others of their batch, later also against a memory of all
identities; batches are then made of identities that the network confuses. Distortions grow with the
progress. Checkpoints and budget as the detector's: the same command continues.

Measured on portraits, 200 batches, rank-1 among 48 identities: a peak rate of 5e-4 gives 0.65 with
weak and 0.48 with full distortions from the start; at 2e-3, or by a classifier over all identities,
nothing was learnt in twice the time.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from core.arrays import F32
from reid.metrics import Labels, rank_metrics
from training import loop
from training.crops import Album, Batches, Draw, album_of, plain_views
from training.declared import DIM, EMBEDDER_HW, MEAN, STD
from training.network import Embedding, Memory, contrast
from training.packs import Crop, read_packs

Family = Literal["person", "vehicle"]

_PEAK = 6e-4
_DECAY = 0.02
_ROUND = 100
_NEIGHBOURS = 12
_HARD_FROM = 0.25  # of the budget; before, what is remembered is soon out of date
_LOOKED_ROUND = 0.06  # of the budget, of a run that goes on from another's network
_MARGIN = 0.1
_MEMORY_SHARE = 0.3
_FULL_FROM = 0.5  # distortions
_AT_ONCE = 64
_MOST_QUERIES = 1500
HELD_OUT = 20
"""One city in so many is for looking how good the embedder is."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run is asked for; `packs` are folders of crops, `start` a checkpoint of other
    identities whose network a new run begins with."""

    family: Family
    packs: tuple[Path, ...]
    work: Path
    budget: loop.Budget
    seed: int = 1
    workers: int = 1
    threads: int = 1
    start: Path | None = None
    peak: float = _PEAK


class Taught(nn.Module):
    """The embedder with the memory that teaches it."""

    def __init__(self, identities: int) -> None:
        super().__init__()
        self.embedding = Embedding()
        self.memory = Memory(identities)


def train(recipe: Recipe, *, say: loop.Say = print) -> Path:
    """The checkpoint after the budget is spent; a `.json` beside it says how it went."""
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    album = album_of(read_packs(pack_files(recipe.packs, held_out=False)), recipe.family, least=2)
    held_out = read_packs(pack_files(recipe.packs, held_out=True))
    model = Taught(len(album))
    if recipe.start is not None:
        model.embedding.load_state_dict(for_export(recipe.start).state_dict())
    model = model.to(loop.device(), memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.peak, weight_decay=_DECAY)
    path = recipe.work / f"{recipe.family}.pt"
    run = loop.Run(path, model, optimiser, budget=recipe.budget)
    say(f"{recipe.family}: {len(album)} identities, {sum(map(len, album.views))} crops")
    history = loop.earlier_history(recipe.work / f"{recipe.family}.json", run)
    while not run.over:
        before_s = run.spent_s
        loss, rows = _round(run, album, recipe)
        run.save()
        figures: dict[str, Any] = {
            "steps": run.steps,
            "progress": round(run.progress, 4),
            "loss": round(loss, 4),
            "crops_per_s": round(rows / (run.spent_s - before_s), 1),
        }
        if len(history) % 4 == 3 or run.over:
            figures |= rank_1(run.average.model, held_out, recipe.family)
        history.append(figures)
        say(json.dumps(figures))
        report = {"seed": recipe.seed, "versions": loop.versions(), "identities": len(album)}
        (recipe.work / f"{recipe.family}.json").write_text(
            json.dumps({**report, "minutes": recipe.budget.minutes, "history": history}, indent=1)
        )
    return path


def default_packs(work: Path, family: str) -> list[Path]:
    """Where the earlier steps leave the crops of a family."""
    portraits = {"person": "people", "vehicle": "vehicles"}[family]
    return [work / "pictures/crops", work / "portraits" / portraits]


def pack_files(folders: Sequence[Path], *, held_out: bool) -> list[Path]:
    """The packs of training, or those for looking (every `HELD_OUT`th number), by name."""
    files = sorted(file for folder in folders for file in folder.glob("*.npz"))
    return [file for file in files if (int(file.stem) % HELD_OUT == 0) == held_out]


def _round(run: loop.Run, album: Album, recipe: Recipe) -> tuple[float, int]:
    """The mean loss of one round of batches, and how many crops it saw."""
    run.model.train()
    batches = Batches(
        album,
        EMBEDDER_HW[recipe.family],
        seed=recipe.seed * 1_000_003 + run.steps,
        count=_ROUND,
        draw=Draw(),
        strength=min(1.0, 0.35 + 0.65 * _grown(recipe, run.progress) / _FULL_FROM),
        nearest=_confused(run) if _grown(recipe, run.progress) >= _HARD_FROM else None,
    )
    loader: DataLoader[Any] = DataLoader(batches, batch_size=None, num_workers=recipe.workers)
    end_s = run.spent_s + loop.ROUND_S
    total, rows, count = 0.0, 0, 0
    for batch in loader:
        rows += len(batch["who"])
        loss = _loss(run, batch, hard=_grown(recipe, run.progress) >= _HARD_FROM)
        run.step(loss)
        total, count = total + float(loss.detach()), count + 1
        if run.over or run.spent_s > end_s:
            break
    return total / max(count, 1), rows


def _grown(recipe: Recipe, progress: float) -> float:
    """How far a run counts as gone, 0 to 1: what begins with another's network has its youth
    behind it as soon as the memory has seen each identity."""
    if recipe.start is None or progress < _LOOKED_ROUND:
        return progress
    return max(progress, _FULL_FROM)


def _confused(run: loop.Run) -> Any:
    taught = run.model
    assert isinstance(taught, Taught)
    return taught.memory.nearest(_NEIGHBOURS + 1).cpu().numpy()


def _loss(run: loop.Run, batch: Mapping[str, torch.Tensor], *, hard: bool) -> torch.Tensor:
    taught = run.model
    assert isinstance(taught, Taught)
    on = taught.memory.centres.device
    crops, who = as_input(batch["crops"].to(on)), batch["who"].to(on)
    with torch.autocast(on.type, torch.bfloat16):
        rows = taught.embedding(crops)
    rows = rows.float()
    loss = contrast(rows, who)
    if hard:
        loss = loss + _MEMORY_SHARE * taught.memory(rows, who, _MARGIN)
    taught.memory.remember(rows.detach(), who)
    return loss


def as_input(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels as the model declares it wants them."""
    scaled = (pixels.float() / 255 - MEAN) / STD
    return scaled.contiguous(memory_format=torch.channels_last)


# --- how good it is ----------------------------------------------------------------------------


def rank_1(model: nn.Module, crops: Sequence[Crop], family: str) -> dict[str, float]:
    """How often the most similar crop of another camera is of the same, and the mean precision."""
    assert isinstance(model, Taught)
    album = album_of(crops, family, least=2)
    rows = np.concatenate(album.views)[:_MOST_QUERIES]
    who = np.repeat(np.arange(len(album)), [len(view) for view in album.views])[:_MOST_QUERIES]
    cameras = np.array([crops[row].camera for row in rows], np.int64)
    vectors = embedded(model.embedding, [crops[row] for row in rows], EMBEDDER_HW[family])
    labels = Labels(who.astype(np.int64), cameras)
    elsewhere = cameras[:, None] != cameras[None, :]
    metrics = rank_metrics(np.where(elsewhere, vectors @ vectors.T, -np.inf), labels, labels)
    return {"rank1": round(metrics.rank(1), 4), "map": round(metrics.mean_ap, 4)}


@torch.no_grad()
def embedded(model: nn.Module, crops: Sequence[Crop], hw: tuple[int, int]) -> F32:
    """Unit rows (N, D) of crops as they are."""
    on = next(model.parameters()).device
    rows = [np.empty((0, DIM), np.float32)]
    for start in range(0, len(crops), _AT_ONCE):
        pixels = plain_views(crops[start : start + _AT_ONCE], hw)
        found = model(as_input(pixels.to(on)))
        rows.append(nn.functional.normalize(found.float()).cpu().numpy())
    return np.concatenate(rows)


# --- export ------------------------------------------------------------------------------------


def for_export(checkpoint: Path) -> nn.Module:
    """The averaged embedder without its head."""
    identities = len(loop.read_checkpoint(checkpoint)["model"]["memory.centres"])
    taught = loop.averaged_weights(checkpoint, Taught(identities))
    assert isinstance(taught, Taught)
    return taught.embedding.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("family", choices=sorted(EMBEDDER_HW))
    parser.add_argument(
        "--packs",
        type=Path,
        nargs="+",
        help="folders of crops; without it the pictures' and the family's portraits",
    )
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=1_000_000, help="end after so many at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="that cut crops")
    parser.add_argument("--threads", type=int, default=1, help="of the computation on a CPU")
    parser.add_argument("--start", type=Path, help="checkpoint to take the network from")
    parser.add_argument("--peak", type=float, default=_PEAK, help="of the learning rate")
    asked = parser.parse_args()
    budget = loop.Budget(asked.minutes, asked.steps)
    recipe = Recipe(
        asked.family,
        tuple(asked.packs or default_packs(asked.work, asked.family)),
        asked.work,
        budget,
        asked.seed,
        asked.workers,
        asked.threads,
        asked.start,
        asked.peak,
    )
    train(recipe)


if __name__ == "__main__":
    main()
