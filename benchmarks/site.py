"""An installation in a scratch folder: clips in, then searched through the very door of a case."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.clocks import DAY_NS, parse_utc
from core.errors import InvalidInput
from core.runtime.models import ModelFolder
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


def model_values(detector: str, embedder: str) -> dict[str, Any]:
    """Settings that name the two models: each the name of a known one, or a file of one.

    Files are found in the catalogue by their hash and copied to a scratch model folder, which is
    the caller's to delete (`model_dir`).
    """
    folder = Path(tempfile.mkdtemp(prefix="casetrace-models-"))
    models = ModelFolder(folder)
    names = [
        models.add(Path(given)).name if Path(given).is_file() else given
        for given in (detector, embedder)
    ]
    return {"detector": names[0], "person_embedder": names[1], "model_dir": folder}
