"""Running models: any batch over any file, and errors that name what was wanted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.arrays import F32
from core.errors import DeviceUnavailable, InvalidInput, ModelError, ModelMismatch, ModelMissing
from core.runtime import ort
from core.runtime.session import OnnxSession
from tests.core.runtime.builders import CHANNELS, HW, spec, write_model

PLACES = HW[0] * HW[1]


def rows(count: int, *, hw: tuple[int, int] = HW) -> F32:
    return np.random.default_rng(1).random((count, 3, *hw), np.float32)


def opened(path: Path, **options: Any) -> OnnxSession:
    return OnnxSession(path, spec(), **options)


@pytest.mark.parametrize("batch", [1, 4, "n"])
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("threads", [1, 2])
def test_batch_of_n_is_n_batches_of_one(
    tmp_path: Path, batch: int | str, count: int, threads: int
) -> None:
    session = opened(write_model(tmp_path / "m.onnx", batch=batch), threads=threads)
    blob = rows(count)
    (together,) = session.run(blob)
    alone = np.concatenate([session.run(blob[i : i + 1])[0] for i in range(count)])
    assert together.shape == (count, CHANNELS, PLACES)
    assert np.allclose(together, alone, atol=1e-6)


def test_order_of_the_batch_is_kept_over_many_parts(tmp_path: Path) -> None:
    session = opened(write_model(tmp_path / "m.onnx"), threads=4)
    blob = rows(50)
    (backwards,) = session.run(np.ascontiguousarray(blob[::-1]))
    (forwards,) = session.run(blob)
    assert np.array_equal(backwards[::-1], forwards)


def test_large_dynamic_batch_is_cut_for_the_cache(tmp_path: Path) -> None:
    hw = (256, 256)  # two such pictures are as many pixels as a core gets at once
    path = write_model(tmp_path / "m.onnx", batch="n", hw=hw)
    session = OnnxSession(path, spec(input_hw=hw), threads=2)
    (output,) = session.run(rows(5, hw=hw))
    assert output.shape == (5, CHANNELS, 256 * 256)


def test_several_threads_may_work_on_one_part(tmp_path: Path) -> None:
    session = opened(write_model(tmp_path / "m.onnx"), threads=4, threads_per_run=2)
    assert session.run(rows(3))[0].shape == (3, CHANNELS, PLACES)


def test_shapes_are_known_without_running(tmp_path: Path) -> None:
    fixed = opened(write_model(tmp_path / "fixed.onnx", batch=4), threads=1)
    free = opened(write_model(tmp_path / "free.onnx", batch="n"), threads=1)
    assert (fixed.max_batch, free.max_batch) == (4, None)
    assert fixed.input_shape == (4, 3, *HW)
    assert free.output_shapes == {"output": (None, CHANNELS, PLACES)}


@pytest.mark.parametrize(
    "blob",
    [
        np.zeros((0, 3, *HW), np.float32),
        np.zeros((1, 3, *HW), np.float64),
        np.zeros((1, 4, *HW), np.float32),
        np.zeros((3, *HW), np.float32),
    ],
    ids=["empty", "float64", "four channels", "no batch"],
)
def test_blob_of_another_shape_is_refused(tmp_path: Path, blob: F32) -> None:
    session = opened(write_model(tmp_path / "m.onnx"), threads=1)
    with pytest.raises(InvalidInput, match=r"tiny: want float32 \(any, 3, 8, 6\)"):
        session.run(blob)


def test_input_that_the_declaration_does_not_have_is_a_mismatch(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx")
    with pytest.raises(ModelMismatch, match=r"want .*\(any, 8, 6, 3\), got .*\(1, 3, 8, 6\)"):
        OnnxSession(path, spec(layout="NHWC"))


def test_file_that_is_no_model_is_a_mismatch(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"hello")
    with pytest.raises(ModelMismatch, match=r"m\.onnx: ONNX Runtime cannot load it"):
        opened(path)


def test_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no such file"):
        opened(tmp_path / "nowhere.onnx")


def test_model_that_fails_while_running_is_a_model_error(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx", batch="n", reshape_first=2)
    session = opened(path, threads=1)
    with pytest.raises(ModelError, match="tiny: the model failed"):
        session.run(rows(1))


def test_device_that_is_not_there_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = ort._onnxruntime()
    monkeypatch.setattr(runtime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(DeviceUnavailable, match="device cuda: want CUDAExecutionProvider"):
        opened(write_model(tmp_path / "m.onnx"), device="cuda")


def test_device_that_does_not_start_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = ort._onnxruntime()
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "get_available_providers", lambda: both)
    started = runtime.InferenceSession
    monkeypatch.setattr(
        runtime,
        "InferenceSession",
        lambda model, options, **_: started(model, options, providers=["CPUExecutionProvider"]),
    )
    with pytest.raises(DeviceUnavailable, match="did not start"):
        opened(write_model(tmp_path / "m.onnx"), device="cuda")


def test_available_devices_have_the_cpu() -> None:
    assert "cpu" in ort.available_devices()


@pytest.mark.parametrize(("threads", "per_run"), [(0, 1), (2, 3), (2, 0)])
def test_thread_counts_that_make_no_sense_are_refused(
    tmp_path: Path, threads: int, per_run: int
) -> None:
    with pytest.raises(InvalidInput, match="threads_per_run"):
        opened(write_model(tmp_path / "m.onnx"), threads=threads, threads_per_run=per_run)


def test_closed_session_says_so(tmp_path: Path) -> None:
    session = opened(write_model(tmp_path / "m.onnx"))
    session.close()
    with pytest.raises(ModelError, match="closed"):
        session.run(rows(1))


@pytest.mark.parametrize("name", ["Fail", "InvalidArgument", "NoSuchFile", "NotFound", "EPFail"])
def test_every_error_of_the_runtime_is_translated(name: str) -> None:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    with pytest.raises(ModelError, match="it failed: why"), ort.translated(ModelError, "it failed"):
        raise getattr(state, name)("why")
