"""The models that a city is judged with: ours by name, and the public ones beside them."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.histogram import HistogramEmbedder
from benchmarks.site import added_model
from core.errors import ModelMissing
from core.protocols import Calibration, Detector, Embedder
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
from core.types import Family
from pipeline.build import load_calibrations, load_detector, load_embedders
from pipeline.settings import Settings, checked_settings
from reid.embedder import OnnxEmbedder
from reid.fake import ColourEmbedder

PUBLIC = {
    "retail_0248": "person-reidentification-retail-0248",
    "osnet": "osnet-x0.25-msmt17",
}
"""Person embedders that never saw the city, by the key of their figures."""

_CONFIDENCE_FLOOR = 0.01  # a precision-recall curve wants the doubtful boxes too


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """`values` are the settings of an installation with these models; `persons` embed persons,
    ours (`person`) and those beside it; `vehicles` likewise."""

    values: Mapping[str, Any]
    detector: Detector
    persons: Mapping[str, Embedder]
    vehicles: Mapping[str, Embedder]
    calibrations: Mapping[str, Calibration]


@contextmanager
def opened_models(detector: str, person: str, vehicle: str, data: Path | None) -> Iterator[Models]:
    """The three models by name; an empty name does without. What `data` has is set beside them."""
    folder = Path(tempfile.mkdtemp(prefix="casetrace-models-"))
    try:
        models = ModelFolder(folder)
        names = [
            added_model(models, name, data) if name else "" for name in (detector, person, vehicle)
        ]
        values = {
            "detector": names[0],
            "person_embedder": names[1],
            "vehicle_embedder": names[2],
            "model_dir": folder,
        }
        settings = checked_settings("benchmark", {"data_dir": Path("unused"), **values})
        yield _models(values, settings, models, data)
    finally:
        shutil.rmtree(folder)


def _models(
    values: Mapping[str, Any], settings: Settings, models: ModelFolder, data: Path | None
) -> Models:
    doubtful = settings.model_copy(update={"confidence_floor": _CONFIDENCE_FLOOR})
    ours = load_embedders(settings, models)
    person = dict(zip(["person"], ours.get(Family.PERSON, ()), strict=False))
    vehicle = dict(zip(["vehicle"], ours.get(Family.VEHICLE, ()), strict=False))
    return Models(
        values,
        load_detector(doubtful, models),
        {**person, **public_embedders(models, data), **colour_embedders()},
        {**vehicle, **{f"vehicle.{name}": one for name, one in colour_embedders().items()}},
        load_calibrations(settings, models),
    )


def colour_embedders() -> dict[str, Embedder]:
    """What colours alone tell."""
    return {"colour_histogram": HistogramEmbedder(), "colour_stripes": ColourEmbedder()}


def public_embedders(models: ModelFolder, data: Path | None) -> dict[str, Embedder]:
    """The public person embedders whose files `data` has, added to the folder."""
    found: dict[str, Embedder] = {}
    for key, name in PUBLIC.items() if data is not None else ():
        try:
            added_model(models, name, data)
        except ModelMissing as missing:
            print(f"left out: {missing}")
            continue
        spec = models.spec(name)
        found[key] = OnnxEmbedder(spec, OnnxSession(models.path(name), spec))
    return found
