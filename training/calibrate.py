"""Calibrations of the bundled embedders, and what they are worth, on cities held out.

    python -m training.calibrate --cities 12

Cities of the calibration split: other seeds, people, vehicles, cameras than in training and in
tests. One curve tells a subject from look-alikes, for a gallery of what looks most alike; another
from anybody who comes by, for where place and time are weighed too. Each is fitted on the pairs of
one half and judged on those of the other.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import PaintedCity, album_of, read_cities
from benchmarks.staged import Staging, stage
from core.clocks import NS
from core.protocols import Embedder
from core.runtime.catalogue import BUNDLED
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
from core.types import Family
from reid.calibration import KnotCalibration, save_calibration
from reid.embedder import OnnxEmbedder
from reid.fitting import Method, fit_calibration
from scenes.splits import Split
from training.declared import NAMES
from training.figures import City, Pairs, calibrated, errors, ranking

_FAMILIES = {"person": Family.PERSON, "vehicle": Family.VEHICLE}


def calibrate(kind: str, cities: Sequence[PaintedCity], folder: Path) -> dict[str, Any]:
    """What the model is worth on the second half, its calibration being fitted on the first."""
    embedder = opened(NAMES[kind], folder)
    judged = [City(*album_of(city.pages, _FAMILIES[kind]), embedder) for city in cities]
    judged = [city for city in judged if len(city.album)]
    half = (len(judged) + 1) // 2
    key = embedder.spec.key
    hard = [city.pairs() for city in judged]
    curve = fitted(hard[:half], key, "hard pairs")
    save_calibration(folder / f"{NAMES[kind]}.calibration.json", curve)
    strangers = [city.strangers() for city in judged]
    anybody = fitted(strangers[:half], key, "all pairs", method="isotonic")
    save_calibration(folder / f"{NAMES[kind]}.anybody.json", anybody)
    riders = [City(*album_of(city.pages, Family.RIDER), embedder) for city in cities[half:]]
    riders = [city for city in riders if len(city.album)]
    return {
        "model": embedder.spec.key,
        "version": embedder.spec.version,
        "family": kind,
        "fitted": {"cities": half, "pairs": curve.provenance.same + curve.provenance.different},
        "held_out_cities": len(judged) - half,
        "calibration": calibrated(hard[half:], curve),
        "anybody": calibrated(strangers[half:], anybody),
        "ranking": ranking(judged[half:]),
        "riders": ranking(riders) if riders else None,
        "errors": errors(judged[half:], curve),
    }


def fitted(
    pairs: Sequence[Pairs], model: str, kind: str, *, method: Method = "logistic"
) -> KnotCalibration:
    """The calibration of `model` by such pairs of some cities."""
    subjects = sum(len(np.unique(who)) for _, _, who in pairs)
    return fit_calibration(
        np.concatenate([same for same, _, _ in pairs]),
        np.concatenate([different for _, different, _ in pairs]),
        model=model,
        subjects=subjects,
        fitted_on=f"{kind} of {len(pairs)} synthetic cities held out from training",
        at_ns=time.time_ns() // NS * NS,
        method=method,
    )


def opened(name: str, folder: Path) -> Embedder:
    """The exported embedder, as the product runs it."""
    models = ModelFolder(folder / "none", bundled=folder)
    spec = models.spec(name)
    return OnnxEmbedder(spec, OnnxSession(models.path(name), spec))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cities", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--folder", type=Path, default=BUNDLED)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.cities)
    albums = asked.work / "albums"
    staging = Staging(albums, Split.CALIBRATE)
    for count, seed in enumerate(stage(staging, seeds, workers=asked.workers), 1):
        print(f"city {seed}: {count} of {len(seeds)}", flush=True)
    cities = read_cities(albums)
    for kind in _FAMILIES:
        if not (asked.folder / f"{NAMES[kind]}.onnx").is_file():
            print(f"{NAMES[kind]}: not exported yet")
            continue
        found = calibrate(kind, cities, asked.folder)
        (asked.work / f"{NAMES[kind]}.results.json").write_text(json.dumps(found, indent=1) + "\n")
        print(json.dumps({key: found[key] for key in ("model", "calibration", "errors")}, indent=1))
        print(f"rank-1 {found['ranking']['rank1']}")


if __name__ == "__main__":
    main()
