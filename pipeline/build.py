"""The wiring: the only module that names concrete classes."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InvalidInput
from core.protocols import Calibration, Detector, Embedder, Store
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
from core.types import Family
from detectors.build import build_detector
from detectors.fake import ColourDetector
from detectors.plate_finder import OnnxPlateFinder
from detectors.plate_reader import OnnxPlateReader
from index.faiss_index import FaissIndex
from index.footage import FileFootageStore
from index.plates.files import FilePlateIndex
from index.probes import FileProbeStore
from index.rows.store import SqlStore
from index.shots import PackShotStore
from pipeline.plates import PlateModels
from pipeline.prober import Embedders
from pipeline.settings import Settings
from reid.calibration import load_calibration
from reid.embedder import OnnxEmbedder
from reid.fake import ColourEmbedder

FAKE = "colour"
"""The name of the small honest fakes, where a model's name is asked for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is kept, opened: rows, vectors, plates and the files beside them."""

    store: Store
    vectors: FaissIndex
    plates: FilePlateIndex
    shots: PackShotStore
    footage: FileFootageStore
    probes: FileProbeStore

    def close(self) -> None:
        """Let go of all files and connections."""
        self.vectors.close()
        self.plates.close()
        self.shots.close()
        self.footage.close()
        self.store.close()


def open_kept(settings: Settings, *, writer: int | None = None, store: Store | None = None) -> Kept:
    """The kept things of an installation; with a `writer`'s number they may be added to."""
    folder = settings.data_dir
    reserve_bytes = settings.disk_reserve_mb << 20
    return Kept(
        store or SqlStore.open(settings.url),
        FaissIndex(folder / "vectors", writer=writer, reserve_bytes=reserve_bytes),
        FilePlateIndex(folder / "plates", writer=writer, reserve_bytes=reserve_bytes),
        PackShotStore(folder / "shots", writer=writer, reserve_bytes=reserve_bytes),
        FileFootageStore(folder / "footage", writer=writer, reserve_bytes=reserve_bytes),
        FileProbeStore(folder / "probes"),
    )


def load_detector(settings: Settings, models: ModelFolder) -> Detector:
    """The detector that the settings name; `ModelMissing` says how to get it."""
    if settings.detector == FAKE:
        return ColourDetector()
    session = _session(settings, models, settings.detector, in_float=settings.detector_in_float)
    return build_detector(
        session.spec,
        session,
        confidence_floor=settings.confidence_floor,
        batch=settings.batch_size,
    )


def load_embedders(settings: Settings, models: ModelFolder) -> Embedders:
    """The embedders by family; a family without one is kept without vectors."""
    person = _embedder(settings, models, settings.person_embedder, "person")
    vehicle = _embedder(settings, models, settings.vehicle_embedder, "vehicle")
    by_family: dict[Family, list[Embedder]] = {
        Family.PERSON: person,
        Family.RIDER: list({one.spec.key: one for one in (*person, *vehicle)}.values()),
        Family.VEHICLE: vehicle,
    }
    return {family: embedders for family, embedders in by_family.items() if embedders}


def load_plate_models(settings: Settings, models: ModelFolder) -> PlateModels | None:
    """What finds and reads plates; None where the settings name neither."""
    names = (settings.plate_finder, settings.plate_reader)
    if not any(names):
        return None
    if not all(names):
        raise InvalidInput(
            "plate_finder, plate_reader: want both named or neither, "
            f"got {settings.plate_finder!r} and {settings.plate_reader!r}"
        )
    finder, reader = (_session(settings, models, name) for name in names)
    return PlateModels(OnnxPlateFinder(finder), OnnxPlateReader(reader))


def _embedder(settings: Settings, models: ModelFolder, name: str, family: str) -> list[Embedder]:
    if not name:
        return []
    if name == FAKE:
        return [ColourEmbedder()]
    session = _session(settings, models, name)
    if session.spec.family != family:
        raise InvalidInput(
            f"{family}_embedder: want a model that embeds a {family}, {name} embeds "
            f"a {session.spec.family or 'nothing'}"
        )
    return [OnnxEmbedder(session.spec, session)]


def _session(
    settings: Settings, models: ModelFolder, name: str, *, in_float: bool = False
) -> OnnxSession:
    return OnnxSession(
        models.path(name),
        models.spec(name),
        device=settings.device,
        threads=settings.threads or None,
        in_float=in_float,
    )


def load_calibrations(
    settings: Settings, models: ModelFolder, *, anybody: bool = False
) -> Mapping[str, Calibration]:
    """Calibrations by model key: `NAME.calibration.json` beside the models, where there is one.

    They tell the subject from look-alikes. With `anybody` those that tell it from whoever comes by
    go first (`NAME.anybody.json`), but none of the package before an operator's own.
    """
    suffixes = (".anybody.json", ".calibration.json")
    calibrations: dict[str, Calibration] = {}
    for name in filter(None, {settings.person_embedder, settings.vehicle_embedder} - {FAKE}):
        path = models.beside(name, *(suffixes if anybody else suffixes[1:]))
        if path is not None:
            key = models.spec(name).key
            calibrations[key] = load_calibration(path, key)
    return calibrations
