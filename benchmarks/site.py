"""An installation in a scratch folder: clips in, then searched through the very door of a case."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.clocks import DAY_NS, parse_utc
from core.errors import InvalidInput, ModelMissing
from core.runtime.models import ModelFolder, sha256_of
from core.types import Camera, CameraSpan, Case, TimeSpan, Tracklet
from ingest.folders import TimedFile
from pipeline.cameras import CameraDraft
from pipeline.ingest import Job, run_ingest
from pipeline.people import make_people, open_case
from pipeline.service import open_service
from pipeline.settings import FILE_NAME, Settings, checked_settings

START_NS = parse_utc("2026-05-04T07:55:00+08:00")


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

    def ingest(self, clips: Mapping[str, Sequence[TimedFile]]) -> None:
        """Ingest each camera's clips, without shedding; raises what failed."""
        for name in clips:
            if name not in self.cameras:
                draft = CameraDraft(name)
                self.cameras[name] = self.service.cameras.add(self.people.operator, draft)
        jobs = [Job(self.cameras[name].camera_id, tuple(files)) for name, files in clips.items()]
        report = run_ingest(self.settings, jobs, name="bench")
        if report.failed:
            raise InvalidInput("; ".join(count.error for count in report.failed))

    def open_case(self) -> Case:
        """A case over all cameras for a day from `START_NS`."""
        day = TimeSpan(START_NS, START_NS + DAY_NS)
        grants = tuple(CameraSpan(camera.camera_id, day) for camera in self.cameras.values())
        self.case = open_case(self.service, self.people, grants)
        return self.case

    def tracklets(self) -> dict[str, list[Tracklet]]:
        """All tracklet parts by camera name, read through the case."""
        case = self.case or self.open_case()
        found = self.service.door.tracklets(self.people.investigator, case.case_id, limit=1_000_000)
        return {
            name: [part for part in found if part.camera_id == camera.camera_id]
            for name, camera in self.cameras.items()
        }


def model_values(detector: str, embedder: str, data: Path) -> dict[str, Any]:
    """Settings that name the two models; each given as a known name, or as a file of one.

    A name's file is looked for by its hash below `data/weights`, then in the model folder of
    `CASETRACE_MODEL_DIR`. A file of one's own has its declaration beside it (`.toml`). The models
    are copied to a scratch folder (`model_dir`), which is the caller's to delete.
    """
    folder = Path(tempfile.mkdtemp(prefix="casetrace-models-"))
    models = ModelFolder(folder)
    names = [_added(models, given, data) for given in (detector, embedder)]
    return {"detector": names[0], "person_embedder": names[1], "model_dir": folder}


def _added(models: ModelFolder, given: str, data: Path) -> str:
    file = Path(given)
    if file.is_file():
        declaration = file.with_suffix(".toml")
        return models.add(file, declaration.read_text() if declaration.is_file() else None).name
    wanted = models.spec(given)
    elsewhere = os.environ.get("CASETRACE_MODEL_DIR")
    for folder in [data / "weights", *([Path(elsewhere)] if elsewhere else [])]:
        for path in sorted(folder.rglob("*.onnx")):
            if sha256_of(path) == wanted.sha256:
                return models.add(path).name
    raise ModelMissing(f"{given}: no file of it below {data / 'weights'} or CASETRACE_MODEL_DIR")
