"""The real models and clips beside the checkout, for tests that are marked `testdata`."""

import os
from functools import cache
from pathlib import Path
from typing import cast

import av
import pytest

from core.arrays import U8
from core.runtime.catalogue import bundled_catalogue
from core.runtime.models import sha256_of
from core.runtime.session import OnnxSession
from detectors.build import build_detector
from detectors.onnx_detector import OnnxDetector

_BESIDE = Path(__file__).parents[2] / "../shared/testdata"
FOLDER = Path(os.environ.get("CASETRACE_TESTDATA", _BESIDE))
DETECTORS = ("yolov8n-int8", "yolox-nano", "nanodet-m")


def need(path: str) -> Path:
    """A file of the test data; the test is skipped where there is none."""
    file = FOLDER / path
    if not file.exists():
        pytest.skip(f"no test data at {file}")
    return file


@cache
def detector(name: str) -> OnnxDetector:
    """The real detector of that name, found among the weights by its declared hash."""
    spec = bundled_catalogue().entry(name).spec
    for file in sorted(need("weights/det").glob("*.onnx")):
        if sha256_of(file) == spec.sha256:
            return build_detector(spec, OnnxSession(file, spec, threads=2))
    pytest.skip(f"no weights of {name} in {FOLDER}")


@cache
def picture(clip: str, index: int) -> U8:
    """One picture of a clip, RGB."""
    with av.open(str(need(f"video/{clip}"))) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == index:
                return cast(U8, frame.to_ndarray(format="rgb24"))
    pytest.fail(f"{clip} has fewer than {index + 1} pictures")
