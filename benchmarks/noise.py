"""Fits the population's embedding noise to what an embedder does with crops of known people.

    python -m benchmarks.noise --data DIR --into scenes/noise.json [--embedder NAME]

The crops are those of `reid/market1501_train` below the data folder. An embedder of another family,
or other crops, go through `scenes.noise_fit.fit_noise` and `scenes.noise.save_noise` alike; until a
vehicle embedder is fitted the person's numbers stand for it, and the file says so.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.recognition import DETECTOR, EMBEDDER
from benchmarks.site import model_values
from core.arrays import F32, I64
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.types import Family
from ingest.pictures import open_own_jpeg
from pipeline.build import load_embedders
from pipeline.settings import checked_settings
from pipeline.writer import whole_crops
from scenes.noise import BUNDLED, FittedNoise, save_noise
from scenes.noise_fit import as_figures, fit_noise, resemblance

CROPS = "reid/market1501_train"
_CROPS_AT_ONCE = 64
_LONGEST_GAP = 200  # frames between crops of one tracklet: eight seconds


def market_tracklets(names: Sequence[str]) -> tuple[I64, I64, I64]:
    """Identity, camera and tracklet of each `0002_c1s1_000451_03.jpg`, (N,)."""
    parts = [name.split("_") for name in names]
    identity = np.array([int(part[0]) for part in parts], np.int64)
    camera = np.array([int(part[1][1]) for part in parts], np.int64)
    sequence = np.array([int(part[1][3]) for part in parts], np.int64)
    frame = np.array([int(part[2]) for part in parts], np.int64)
    order = np.lexsort((frame, sequence, camera, identity))
    seen = np.stack([identity, camera, sequence])[:, order]
    fresh = (np.diff(seen) != 0).any(axis=0) | (np.diff(frame[order]) > _LONGEST_GAP)
    tracklet = np.empty(len(names), np.int64)
    tracklet[order] = np.concatenate([[0], np.cumsum(fresh)])
    return identity, camera, tracklet


def market_vectors(data: Path, embedder: str) -> tuple[F32, list[str], str]:
    """The crops' vectors, their names, and the embedder's key."""
    values = model_values(DETECTOR, embedder, data)
    try:
        settings = checked_settings("benchmark", {"data_dir": Path("unused"), **values})
        model = load_embedders(settings, ModelFolder(settings.models))[Family.PERSON][0]
        paths = sorted((data / CROPS).glob("*.jpg"), key=lambda path: path.name)
        vectors = [
            embedded(paths[first : first + _CROPS_AT_ONCE], model)
            for first in range(0, len(paths), _CROPS_AT_ONCE)
        ]
        return np.concatenate(vectors), [path.name for path in paths], model.spec.key
    finally:
        shutil.rmtree(values["model_dir"])


def embedded(paths: Sequence[Path], embedder: Embedder) -> F32:
    """A vector of each picture (N, D)."""
    surfaces = [open_own_jpeg(path.read_bytes()) for path in paths]
    return embedder.embed(whole_crops(surfaces, embedder.spec.input_hw))


def fitted_people(data: Path, embedder: str) -> FittedNoise:
    """The noise of a person embedder, and how like the real cosines the drawn ones are."""
    vectors, names, key = market_vectors(data, embedder)
    labels = market_tracklets(names)
    noise = fit_noise(vectors, *labels)
    real, drawn = resemblance(noise, vectors, *labels)
    people, cameras, tracklets = (len(np.unique(label)) for label in labels)
    fitted_on = (
        f"{len(names)} crops of Market-1501 (train): {people} people, {cameras} cameras, "
        f"{tracklets} tracklets cut at gaps of {_LONGEST_GAP} frames"
    )
    return FittedNoise(key, fitted_on, noise, as_figures(real), as_figures(drawn))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--embedder", default=EMBEDDER, help="a model's name or file")
    parser.add_argument("--into", type=Path, default=BUNDLED)
    asked = parser.parse_args()
    person = fitted_people(asked.data, asked.embedder)
    stands_in = f"no vehicle embedder yet: the person embedder's, fitted on {person.fitted_on}"
    vehicle = FittedNoise(person.model, stands_in, person.noise, person.real, person.drawn)
    save_noise({"person": person, "vehicle": vehicle}, asked.into)
    for name, real in person.real.items():
        print(f"{name:<22} real {real:8.4f}   drawn {person.drawn[name]:8.4f}")


if __name__ == "__main__":
    main()
