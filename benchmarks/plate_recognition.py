"""How well plates are found and read on real photographs, ours and LPRNet in one run.

    python -m benchmarks.plate_recognition --data DIR --json FILE [--half guide] [--models FOLDER]

`benchmarks.recognition` measures the same beside people; this is the part of it for plates alone.
"""

import shutil
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import arguments, report
from benchmarks.plate_reads import PlateModels, plate_figures
from benchmarks.site import added_model
from core.errors import ModelMissing, NotFound
from core.protocols import Detector
from core.runtime.catalogue import BUNDLED
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
from detectors.build import build_detector
from detectors.plate_finder import OnnxPlateFinder
from detectors.plate_reader import OnnxPlateReader

FINDER, READER = "plate-finder", "plate-reader"
PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless")


@contextmanager
def opened_plate_models(
    detector: str, data: Path, bundled: Path = BUNDLED
) -> Iterator[PlateModels | None]:
    """Finder and reader as they lie in `bundled`, and the detector of that name (empty: none);
    None where a plate model is not there."""
    scratch = Path(tempfile.mkdtemp(prefix="casetrace-plates-"))
    try:
        models = ModelFolder(scratch, bundled=bundled)
        try:
            finder = OnnxPlateFinder(_session(models, FINDER))
            reader = OnnxPlateReader(_session(models, READER))
        except (ModelMissing, NotFound) as missing:
            print(f"plates left out: {missing}")
            yield None
            return
        vehicles = vehicle_detector(detector, data) if detector else None
        yield PlateModels(finder, reader, vehicles)
    finally:
        shutil.rmtree(scratch)


def vehicle_detector(name: str, data: Path) -> Detector:
    """The detector whose vehicles are looked at, by its known name or its file."""
    scratch = Path(tempfile.mkdtemp(prefix="casetrace-detector-"))
    try:
        models = ModelFolder(scratch)
        spec = models.spec(added_model(models, name, data))
        session = OnnxSession(models.path(spec.name), spec, in_float=True)
        return build_detector(spec, session)
    finally:
        shutil.rmtree(scratch)


def _session(models: ModelFolder, name: str) -> OnnxSession:
    return OnnxSession(models.path(name), models.spec(name), threads=1)


def add_plate_arguments(parser: ArgumentParser) -> None:
    """`--half` and `--models`."""
    parser.add_argument(
        "--half",
        choices=("guide", "test"),
        default="guide",
        help="of the photographs of plates; a measurement on `test` is noted in a log",
    )
    parser.add_argument("--models", type=Path, default=BUNDLED, help="where the plate models lie")


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default="yolov8n-int8", help="a name, a file, or empty")
    add_plate_arguments(parser)
    asked = parser.parse_args()
    with opened_plate_models(asked.detector, asked.data, asked.models) as models:
        if models is None:
            raise SystemExit(f"no plate models in {asked.models}")
        figures = plate_figures(asked.data, models, asked.half)
    report("plate_recognition", figures, into=asked.json, packages=PACKAGES)


if __name__ == "__main__":
    main()
