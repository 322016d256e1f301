"""Fits the population's embedding noise to what an embedder does with crops of known subjects.

    python -m benchmarks.noise --data DIR [--embedder NAME]
    python -m benchmarks.noise --vectors FILE.npz --family vehicle --model KEY --fitted-on TEXT

The first way embeds the people of `reid/market1501_train` below the data folder; until a vehicle
embedder is fitted their numbers stand for it too, and the file says so. The second takes any
embedder's vectors with their labels, all (N,): `vectors`, `identities`, `cameras`, `tracklets`.
Only the fitted family changes in the file `--into`, which is the bundled one if not said.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.recognition import DETECTOR, EMBEDDER
from benchmarks.site import model_values
from core.arrays import F32, I64
from core.errors import InvalidInput
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.types import Family
from ingest.pictures import open_own_jpeg
from pipeline.build import load_embedders
from pipeline.settings import checked_settings
from pipeline.writer import whole_crops
from scenes.noise import BUNDLED, FittedNoise, load_noise, save_noise
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


def fitted(vectors: F32, labels: tuple[I64, I64, I64], model: str, material: str) -> FittedNoise:
    """The noise of an embedder, and how like the real cosines the drawn ones are."""
    noise = fit_noise(vectors, *labels)
    real, drawn = resemblance(noise, vectors, *labels)
    subjects, cameras, tracklets = (len(np.unique(label)) for label in labels)
    fitted_on = (
        f"{material}: {len(vectors)} crops of {subjects} subjects, {cameras} cameras, "
        f"{tracklets} tracklets"
    )
    return FittedNoise(model, fitted_on, noise, as_figures(real), as_figures(drawn))


def fitted_people(data: Path, embedder: str) -> dict[str, FittedNoise]:
    """A person embedder's noise, and the same in the place of a vehicle embedder's."""
    vectors, names, model = market_vectors(data, embedder)
    material = f"Market-1501 (train), tracklets cut at gaps of {_LONGEST_GAP} frames"
    person = fitted(vectors, market_tracklets(names), model, material)
    stands_in = f"no vehicle embedder yet, the person embedder's: {person.fitted_on}"
    return {"person": person, "vehicle": replace(person, fitted_on=stands_in)}


def fitted_file(path: Path, model: str, material: str) -> FittedNoise:
    """The noise of labelled vectors in an `.npz`. `InvalidInput` for any other file."""
    try:
        with np.load(path) as content:
            vectors = content["vectors"].astype(np.float32)
            identities, cameras, tracklets = (
                content[name].astype(np.int64) for name in ("identities", "cameras", "tracklets")
            )
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(f"{path}: want labelled vectors: {error!r}") from error
    return fitted(vectors, (identities, cameras, tracklets), model, material)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path)
    source.add_argument("--vectors", type=Path)
    parser.add_argument("--embedder", default=EMBEDDER, help="a model's name or file")
    parser.add_argument("--family", choices=("person", "vehicle"), default="person")
    parser.add_argument("--model", default="", help="whose the vectors are")
    parser.add_argument("--fitted-on", default="", help="what the vectors show")
    parser.add_argument("--into", type=Path, default=BUNDLED)
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    if asked.data:
        found = fitted_people(asked.data, asked.embedder)
    else:
        found = {asked.family: fitted_file(asked.vectors, asked.model, asked.fitted_on)}
    kept = load_noise(asked.into) if asked.into.exists() else {}
    save_noise({**kept, **found}, asked.into)
    for family, one in found.items():
        for name, real in one.real.items():
            print(f"{family} {name:<22} real {real:8.4f}   drawn {one.drawn[name]:8.4f}")


if __name__ == "__main__":
    main()
