"""A checkpoint becomes a model of the operator's own, in a process of its own, or an error."""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from core.errors import DeviceUnavailable, InvalidInput, ModelMismatch, ModelMissing
from core.runtime import convert
from core.runtime.convert import export_checkpoint
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession

needs_train = pytest.mark.skipif(
    find_spec("ultralytics") is None, reason="casetrace[train] is not installed"
)


def models(path: Path) -> ModelFolder:
    return ModelFolder(path / "models")


def some_file(path: Path, content: bytes = b"no checkpoint") -> Path:
    file = path / "My Detector.pt"
    file.write_bytes(content)
    return file


def checkpoint(path: Path) -> Path:
    """An untrained network of ultralytics with two of our labels."""
    import torch
    from ultralytics.nn.tasks import DetectionModel

    shape = Path(convert.__file__).parents[2] / "training/city-detector.yaml"
    network = DetectionModel(str(shape), nc=2, verbose=False)
    network.names = {0: "person", 1: "car"}
    file = path / "My Detector.pt"
    torch.save({"model": network, "train_args": {"imgsz": 64}, "license": "mine"}, file)
    return file


def test_other_files_than_checkpoints_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"want a \.pt file"):
        export_checkpoint(models(tmp_path), tmp_path / "model.onnx")
    with pytest.raises(ModelMissing, match=r"gone\.pt: no such file"):
        export_checkpoint(models(tmp_path), tmp_path / "gone.pt")


@pytest.mark.parametrize("size", [(0, 640), (384, 650)])
def test_size_that_no_network_has_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput, match="want multiples of 32 px"):
        export_checkpoint(models(tmp_path), some_file(tmp_path), input_hw=size)


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "_NEEDED", ("no_such_package", "onnx"))
    with pytest.raises(DeviceUnavailable, match=r"no_such_package; install casetrace\[train\]"):
        export_checkpoint(models(tmp_path), some_file(tmp_path))


def test_file_that_does_not_convert_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the extra the other process ends with an error too, which is what is wanted here.
    monkeypatch.setattr(convert, "_NEEDED", ())
    with pytest.raises(ModelMismatch, match=r"My Detector\.pt: no detector of ultralytics"):
        export_checkpoint(models(tmp_path), some_file(tmp_path))
    assert not list(tmp_path.glob("models/*.onnx"))


def test_other_process_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASETRACE_DATABASE_URL", "postgresql://user:canary@host/db")
    environment = convert._bare_environment(Path("/nowhere"))
    assert "canary" not in str(environment)
    assert set(environment) & set(os.environ) <= {*convert._KEPT, "HOME", "PYTHONPATH"}


@needs_train
@pytest.mark.slow
def test_checkpoint_becomes_a_model_with_its_labels_and_any_batch(tmp_path: Path) -> None:
    folder = models(tmp_path)
    spec = export_checkpoint(folder, checkpoint(tmp_path))
    assert (spec.name, spec.labels) == ("my-detector", ("person", "car"))
    assert (spec.input_hw, spec.decoder, spec.licence) == ((64, 64), "yolov8", "mine")
    session = OnnxSession(folder.path(spec.name), spec, threads=1)
    (output,) = session.run(np.zeros((3, 3, 64, 64), np.float32))
    assert output.shape == (3, 6, 84)
