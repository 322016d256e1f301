"""An installation in a scratch folder: clips in, then searched through the very door of a case."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from cases.authority import Narrowing
from cases.reading import MAX_PARTS
from core.clocks import DAY_NS, NS, parse_utc
from core.errors import InvalidInput, ModelMissing
from core.runtime.models import ModelFolder, sha256_of
from core.types import Camera, CameraSpan, Case, ClockSource, Frame, TimeSpan, Tracklet
from ingest.folders import TimedFile
from ingest.surface import HostSurface
from pipeline.cameras import CameraDraft
from pipeline.counters import Counters
from pipeline.ingest import Job, opened_host
from pipeline.people import make_people, open_case
from pipeline.service import open_service
from pipeline.settings import FILE_NAME, Settings, checked_settings

START_NS = parse_utc("2026-05-04T07:55:00+08:00")
_ASTRAY_NS = 60 * NS


class Site:
    """Cameras by name, in a folder that is deleted at the end. `close` or a `with` ends it."""

    def __init__(self, **values: Any) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="casetrace-bench-"))
        (self._folder / FILE_NAME).write_text("")
        self.settings: Settings = checked_settings(
            "benchmark", {"data_dir": self._folder, **values}
        )
        self.service = open_service(self.settings)
        self.people = make_people(self.service)
        self.cameras: dict[str, Camera] = {}
        self.case: Case | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.service.close()
        shutil.rmtree(self._folder)

    def ingest(
        self,
        clips: Mapping[str, Sequence[TimedFile]],
        *,
        watch: Callable[[], None] | None = None,
    ) -> float:
        """Ingest each camera's clips, without shedding; seconds that it took, models once warm.

        `watch` is called about once a second meanwhile. Raises `InvalidInput` with what failed.
        """
        for name in clips:
            if name not in self.cameras:
                draft = CameraDraft(name)
                self.cameras[name] = self.service.cameras.add(self.people.operator, draft)
        jobs = [Job(self.cameras[name].camera_id, tuple(files)) for name, files in clips.items()]
        with opened_host(self.settings, jobs, name="bench") as host:
            host.detector.detect(_blank_frames(self.settings.batch_size))
            since_s = time.perf_counter()
            with _watched(watch):
                report = host.run(Counters(), threading.Event())
            took_s = time.perf_counter() - since_s
        if report.failed:
            raise InvalidInput("; ".join(count.error for count in report.failed))
        return took_s

    def open_case(self) -> Case:
        """A case over all cameras, a day from shortly before `START_NS`: what clocks say is
        known to a second only."""
        day = TimeSpan(START_NS - _ASTRAY_NS, START_NS + DAY_NS)
        grants = tuple(CameraSpan(camera.camera_id, day) for camera in self.cameras.values())
        self.case = open_case(self.service, self.people, grants)
        return self.case

    def tracklets(self) -> dict[str, list[Tracklet]]:
        """All tracklet parts by camera name, read through the case."""
        case = self.case or self.open_case()
        return {
            name: self.service.door.tracklets(
                self.people.investigator,
                case.case_id,
                within=Narrowing((camera.camera_id,)),
                limit=MAX_PARTS,
            )
            for name, camera in self.cameras.items()
        }


@contextmanager
def _watched(watch: Callable[[], None] | None) -> Iterator[None]:
    """Call `watch` about once a second until the block ends."""
    over = threading.Event()

    def look() -> None:
        while watch is not None and not over.wait(1.0):
            watch()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _blank_frames(number: int) -> list[Frame]:
    """What a detector is warmed up with."""
    grey = HostSurface.of_rgb(np.full((360, 640, 3), 114, np.uint8))
    return [Frame(1, grey, 0, Fraction(1), 0, 0, ClockSource.RECEIPT, 0.0, 1)] * number


def model_values(detector: str, embedder: str, data: Path) -> dict[str, Any]:
    """Settings that name the two models, each given as a known name or as a file of one.

    Vehicles are not embedded, as peers are compared on persons.

    A name's file is looked for by its hash below `data/weights`, then in the model folder of
    `CASETRACE_MODEL_DIR`. A file of one's own has its declaration beside it (`.toml`). The models
    are copied to a scratch folder (`model_dir`), which is the caller's to delete.
    """
    folder = Path(tempfile.mkdtemp(prefix="casetrace-models-"))
    models = ModelFolder(folder)
    names = [added_model(models, given, data) for given in (detector, embedder)]
    return {
        "detector": names[0],
        "person_embedder": names[1],
        "vehicle_embedder": "",
        "model_dir": folder,
    }


def added_model(models: ModelFolder, given: str, data: Path | None) -> str:
    """The name of a model, now in the folder; `given` as `model_values` takes it.

    A model that the folder has anyhow, such as a bundled one, stays as it is.
    """
    file = Path(given)
    if file.is_file():
        declaration = file.with_suffix(".toml")
        return models.add(file, declaration.read_text() if declaration.is_file() else None).name
    if any(model.present and model.entry.spec.name == given for model in models.list()):
        return given
    wanted = models.spec(given)
    elsewhere = os.environ.get("CASETRACE_MODEL_DIR")
    folders = [*([data / "weights"] if data else []), *([Path(elsewhere)] if elsewhere else [])]
    for folder in folders:
        for path in sorted(folder.rglob("*.onnx")):
            if sha256_of(path) == wanted.sha256:
                return models.add(path).name
    places = ", ".join(map(str, folders)) or "a folder given with --data"
    raise ModelMissing(f"{given}: no file of it below {places} or CASETRACE_MODEL_DIR")
