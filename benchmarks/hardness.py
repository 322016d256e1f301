"""How hard the city is, by what never saw it: nothing here depends on what was trained on it.

    python -m benchmarks.hardness --json FILE [--data DIR] [--seeds 5] [--first-seed 1000]

Cities are painted at every fifth picture, which is enough for boxes and for passages. The bounds
were frozen before anything was trained; `docs/city.md` gives them.
"""

import os
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.judging import TruthBoxes, with_interval
from benchmarks.models import colour_embedders, public_embedders
from benchmarks.pages import PaintedCity, read_city
from benchmarks.passages import Album, likeness, ranks
from benchmarks.staged import Staging, stage
from core.arrays import Bool
from core.errors import InvalidInput
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.types import Family
from pipeline.demo.cache import scenes_digest
from scenes.splits import Split

SMALL_PX = 60.0
PARTLY_HIDDEN = 0.7
FIRST_SEED = 1000
SEEDS = 5
CACHE = Path("~/.cache/casetrace/cities").expanduser()


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure must lie between."""

    least: float = 0.0
    most: float = 1.0

    def holds(self, figure: float) -> bool:
        return self.least <= figure <= self.most


BOUNDS: Mapping[str, Bound] = {
    "hardness.small": Bound(least=1 / 3),
    "hardness.partly_hidden": Bound(least=1 / 4),
    "hardness.colour_histogram.rank1": Bound(most=0.5),
    "hardness.colour_stripes.rank1": Bound(most=0.5),
    "hardness.retail_0248.rank1": Bound(least=0.4, most=0.9),
}


def broken_bounds(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures that lie outside of their bounds; those not measured are not judged."""
    return {
        key: figures[key]
        for key, bound in BOUNDS.items()
        if key in figures and not bound.holds(figures[key])
    }


def box_figures(cameras: Iterable[TruthBoxes]) -> dict[str, float]:
    """Shares of small and of partly hidden boxes among those that count, over all cameras.

    Only boxes that a detector is asked for: the far and the hidden ones would flatter the city.
    """
    counted = [truth.rows(truth.counted) for truth in cameras]
    height = np.concatenate([np.empty(0, np.float32), *(truth.height_px for truth in counted)])
    visible = np.concatenate([np.empty(0, np.float32), *(truth.visibility for truth in counted)])
    if not len(height):
        return {}
    return {
        "hardness.boxes": len(height),
        "hardness.small": float((height < SMALL_PX).mean()),
        "hardness.partly_hidden": float((visible < np.float32(PARTLY_HIDDEN)).mean()),
    }


def found_first(pages: Album, embedder: Embedder) -> Bool:
    """Whether each query that counts finds its subject first (Q,)."""
    if not len(pages):
        return np.empty(0, np.bool_)
    first = ranks(pages, likeness(pages, embedder)).first_match
    return np.asarray(first[first > 0] == 1, np.bool_)


def rank_figures(
    albums: Iterable[Album], embedders: Mapping[str, Embedder], *, prefix: str = "hardness"
) -> dict[str, float]:
    """Rank-1 of each embedder over the queries of all cities, as `PREFIX.NAME.rank1`."""
    kept = list(albums)
    figures: dict[str, float] = {}
    for name, embedder in embedders.items():
        hits = [np.empty(0, np.bool_), *(found_first(pages, embedder) for pages in kept)]
        figures |= with_interval(f"{prefix}.{name}.rank1", np.concatenate(hits))
    return figures


# --- all ---------------------------------------------------------------------------------------


def city_arguments(parser: ArgumentParser) -> None:
    """Which cities: what every benchmark on them is asked."""
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--painted-cameras", type=int, default=6)
    parser.add_argument("--painted-seconds", type=int, default=120)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--data", type=Path, help="test data with the public models' files")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where cities are kept")


def painted_cities(asked: Namespace) -> Iterator[PaintedCity]:
    """The cities asked for, each painted as it is come to unless it was before."""
    size = f"{asked.painted_cameras}x{asked.painted_seconds:g}s"
    folder = asked.cache / f"painted-{size}-{scenes_digest()}"
    staging = Staging(folder, Split.TEST, asked.painted_cameras, asked.painted_seconds)
    if asked.seeds < 1:
        raise InvalidInput(f"--seeds: want 1 or more, got {asked.seeds}")
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    for seed in stage(staging, seeds, workers=asked.workers):
        yield read_city(staging.file(seed))


def figures(cities: Sequence[PaintedCity], data: Path | None) -> dict[str, float]:
    """How hard these cities are; the public embedders only where `data` has them."""
    albums = [city.album(Family.PERSON) for city in cities]
    boxes = [truth for city in cities for truth in city.boxes]
    with tempfile.TemporaryDirectory(prefix="casetrace-models-") as folder:
        public = public_embedders(ModelFolder(Path(folder)), data)
        return box_figures(boxes) | rank_figures(albums, {**colour_embedders(), **public})


def main() -> None:
    parser = arguments(__doc__ or "")
    city_arguments(parser)
    asked = parser.parse_args()
    found = figures(list(painted_cities(asked)), asked.data)
    report("hardness", found, into=asked.json, packages=("av", "opencv-python-headless"))
    if broken := broken_bounds(found):
        raise SystemExit(f"outside of the frozen bounds: {broken}")


if __name__ == "__main__":
    main()
