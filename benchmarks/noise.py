"""Fits the population's embedding noise to what an embedder does with crops of known subjects.

    python -m benchmarks.noise --painted DIR
    python -m benchmarks.noise --data DIR [--embedder NAME]
    python -m benchmarks.noise --vectors FILE.npz --family vehicle --model KEY --fitted-on TEXT

The first way embeds the passages of painted cities (`training.calibrate` makes them) with the two
bundled embedders: persons and riders by the one, vehicles by the other. The second embeds the
people of `reid/market1501_train` below the data folder; their numbers stand for a vehicle embedder
too, and the file says so. The third takes any embedder's vectors with their labels, all (N,):
`vectors`, `identities`, `cameras`, `tracklets`. Only the fitted families change in the file
`--into`, which is the bundled one if not said.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks import passages
from benchmarks.pages import PaintedCity, read_cities
from benchmarks.recognition import DETECTOR, EMBEDDER
from benchmarks.site import model_values
from core.arrays import F32, I64
from core.errors import InvalidInput
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
from core.types import Family
from ingest.pictures import open_own_jpeg
from pipeline.build import load_embedders
from pipeline.settings import checked_settings
from pipeline.writer import whole_crops
from reid.embedder import OnnxEmbedder
from scenes.noise import BUNDLED, FittedNoise, load_noise, save_noise
from scenes.noise_fit import as_figures, fit_noise, resemblance

CROPS = "reid/market1501_train"
_CROPS_AT_ONCE = 64
_LONGEST_GAP = 200  # frames between crops of one tracklet: eight seconds
_PAINTED = {
    "person": ("city-person", (Family.PERSON, Family.RIDER)),
    "vehicle": ("city-vehicle", (Family.VEHICLE,)),
}
_FAMILIES = list(Family)


# --- painted cities ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class PaintedShots:
    """The shots of all cities' passages by one embedder, all (N,): `families` are places in
    `Family`; cities share no identity and no camera."""

    vectors: F32
    identities: I64
    cameras: I64
    tracklets: I64
    families: I64


def painted_shots(
    cities: Sequence[PaintedCity], families: Sequence[Family], embedder: Embedder
) -> PaintedShots:
    """Every shot of every passage of these families, in order."""
    pictures: list[bytes] = []
    rows: list[tuple[int, int, int, int]] = []
    pages = ((number, page) for number, city in enumerate(cities) for page in city.pages)
    for tracklet, (city, page) in enumerate(pages):
        if page.family in families:
            label = (city << 20) + page.identity, (city << 20) + page.camera
            rows += [(*label, tracklet, _FAMILIES.index(page.family))] * len(page.shots)
            pictures += page.shots
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return PaintedShots(passages.embedded(pictures, embedder), *columns)


def painted_noise(cities: Sequence[PaintedCity]) -> dict[str, FittedNoise]:
    """The noise of both bundled embedders on cities held out from their training.

    A person and the same one mounted count as two in the fit; how alike these are is told apart.
    """
    found = {}
    for name, (model, families) in _PAINTED.items():
        embedder = bundled(model)
        shots = painted_shots(cities, families, embedder)
        labels = (shots.identities * 4 + shots.families, shots.cameras, shots.tracklets)
        material = f"passages of {len(cities)} painted cities held out from training"
        one = fitted(shots.vectors, labels, embedder.spec.key, material)
        found[name] = replace(one, noise=replace(one.noise, mounted=mounted(shots)))
    return found


def mounted(shots: PaintedShots) -> float:
    """How much of what a person's passages have in common stays when that person rides; 1 where
    nobody does both. In cosines above those of strangers, between different cameras."""
    products = shots.vectors @ shots.vectors.T
    same = shots.identities[:, None] == shots.identities
    elsewhere = shots.cameras[:, None] != shots.cameras
    one_kind = shots.families[:, None] == shots.families
    both, changed = same & elsewhere & one_kind, same & elsewhere & ~one_kind
    if not both.any() or not changed.any():
        return 1.0
    strangers = float(products[~same & elsewhere].mean())
    kept = (float(products[changed].mean()) - strangers) / (
        float(products[both].mean()) - strangers
    )
    return float(np.clip(kept, 0, 1))


def bundled(name: str) -> Embedder:
    """A bundled embedder, as the product runs it."""
    models = ModelFolder(Path("unused"))
    spec = models.spec(name)
    return OnnxEmbedder(spec, OnnxSession(models.path(name), spec))


# --- crops and files -----------------------------------------------------------------------------


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
    source.add_argument("--painted", type=Path, help="a folder of painted cities")
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
    if asked.painted:
        found = painted_noise(read_cities(asked.painted))
    elif asked.data:
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
