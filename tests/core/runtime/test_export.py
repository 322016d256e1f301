"""Rewritten models give what the originals gave, or are not written at all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from core.arrays import F32
from core.errors import ModelMismatch, ModelMissing
from core.runtime.export import derive, make_batch_dynamic, make_float, store_half
from core.runtime.models import ModelFolder, sha256_of
from core.runtime.session import OnnxSession
from tests.core.runtime.builders import (
    HW,
    catalogue,
    entry,
    save,
    spec,
    write_model,
    write_quantised_model,
)


def run(path: Path, count: int, *, in_float: bool = False) -> F32:
    blob = np.random.default_rng(2).random((count, 3, *HW), np.float32)
    session = OnnxSession(path, spec(), threads=1, in_float=in_float)
    (output,) = session.run(blob)
    session.close()
    return output


def test_opened_batch_gives_the_same(tmp_path: Path) -> None:
    src, dst = write_model(tmp_path / "a.onnx"), tmp_path / "b.onnx"
    make_batch_dynamic(src, dst)
    assert OnnxSession(dst, spec(), threads=1).max_batch is None
    assert np.allclose(run(dst, 5), run(src, 5), atol=1e-6)


def test_mean_over_a_batch_of_one_becomes_one_of_each(tmp_path: Path) -> None:
    nodes = [helper.make_node("ReduceMean", ["pixels"], ["output"], axes=[0, 1, 2, 3], keepdims=1)]
    shapes = {"pixels": (1, 3, *HW)}, {"output": (1, 1, 1, 1)}
    src = save(tmp_path / "a.onnx", nodes, {}, inputs=shapes[0], outputs=shapes[1])
    make_batch_dynamic(src, tmp_path / "b.onnx")
    assert np.allclose(run(tmp_path / "b.onnx", 3), run(src, 3), atol=1e-6)


def test_batch_that_the_model_mixes_is_refused(tmp_path: Path) -> None:
    # (1, 3, 8, 6) -> (3, 1, 48): the batch is folded behind the channels.
    nodes = [
        helper.make_node("Transpose", ["pixels"], ["turned"], perm=[1, 0, 2, 3]),
        helper.make_node("Reshape", ["turned", "shape"], ["output"]),
    ]
    constants = {"shape": np.array([1, 3, -1], np.int64)}
    shapes = {"pixels": (1, 3, *HW)}, {"output": (1, 3, HW[0] * HW[1])}
    src = save(tmp_path / "a.onnx", nodes, constants, inputs=shapes[0], outputs=shapes[1])
    with pytest.raises(ModelMismatch, match="cannot be opened"):
        make_batch_dynamic(src, tmp_path / "b.onnx")
    assert not (tmp_path / "b.onnx").exists()


def test_dynamic_quantisation_keeps_its_batch_of_one(tmp_path: Path) -> None:
    src = write_quantised_model(tmp_path / "a.onnx")
    with pytest.raises(ModelMismatch, match="make it float first"):
        make_batch_dynamic(src, tmp_path / "b.onnx")


def test_batch_other_than_one_is_refused(tmp_path: Path) -> None:
    src = write_model(tmp_path / "a.onnx", batch=4)
    with pytest.raises(ModelMismatch, match="want one float32 input with batch 1"):
        make_batch_dynamic(src, tmp_path / "b.onnx")


def test_float_model_differs_by_rounding_only(tmp_path: Path) -> None:
    src, dst = write_quantised_model(tmp_path / "a.onnx"), tmp_path / "b.onnx"
    make_float(src, dst)
    was, now = run(src, 1), run(dst, 1)
    # An activation is rounded to 1/255 of its range; three of them meet weights up to 1.28.
    assert np.abs(was - now).max() <= 3 * 1.28 * 0.5 / 255 + 1e-6


def test_session_in_float_gives_what_the_float_file_gives(tmp_path: Path) -> None:
    src, dst = write_quantised_model(tmp_path / "a.onnx"), tmp_path / "b.onnx"
    make_float(src, dst)
    assert np.array_equal(run(src, 2, in_float=True), run(dst, 2))


def test_session_in_float_takes_a_float_model_as_it_is(tmp_path: Path) -> None:
    src = write_model(tmp_path / "a.onnx")
    assert np.array_equal(run(src, 2, in_float=True), run(src, 2))


def test_float_model_then_takes_any_batch(tmp_path: Path) -> None:
    make_float(write_quantised_model(tmp_path / "a.onnx"), tmp_path / "b.onnx")
    make_batch_dynamic(tmp_path / "b.onnx", tmp_path / "c.onnx")
    assert np.allclose(run(tmp_path / "c.onnx", 4), run(tmp_path / "b.onnx", 4), atol=1e-6)


def test_model_without_quantisation_is_not_made_float(tmp_path: Path) -> None:
    src = write_model(tmp_path / "a.onnx")
    with pytest.raises(ModelMismatch, match="want dynamically quantised"):
        make_float(src, tmp_path / "b.onnx")


def test_quantisation_of_another_pattern_is_refused(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["pixels"], ["x8"], to=TensorProto.UINT8),
        helper.make_node("ConvInteger", ["x8", "weight", "", "zero"], ["sum"], name="c"),
        helper.make_node("Cast", ["sum"], ["output"], to=TensorProto.FLOAT),
    ]
    constants = {"weight": np.ones((1, 3, 1, 1), np.uint8), "zero": np.uint8(0)}
    shapes = {"pixels": (1, 3, *HW)}, {"output": (1, 1, *HW)}
    src = save(tmp_path / "a.onnx", nodes, constants, inputs=shapes[0], outputs=shapes[1])
    with pytest.raises(ModelMismatch, match="unknown pattern"):
        make_float(src, tmp_path / "b.onnx")


@pytest.mark.parametrize("rewrite", [make_batch_dynamic, make_float])
def test_file_that_is_no_model_is_a_mismatch(
    tmp_path: Path, rewrite: Callable[[Path, Path], None]
) -> None:
    src = tmp_path / "a.onnx"
    src.write_bytes(b"\xff\xff not a model")
    with pytest.raises(ModelMismatch, match="not an ONNX model"):
        rewrite(src, tmp_path / "b.onnx")


def test_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        make_float(tmp_path / "nowhere.onnx", tmp_path / "b.onnx")


def test_derived_model_is_one_of_its_own(tmp_path: Path) -> None:
    src = write_model(tmp_path / "a.onnx")
    models = ModelFolder(tmp_path / "models", catalogue(entry(sha256=sha256_of(src))))
    models.add(src)
    derived = derive(models, "tiny", "tiny-batch", make_batch_dynamic)
    assert models.spec("tiny-batch") == derived
    assert derived.key != models.spec("tiny").key
    assert derived.licence == models.spec("tiny").licence
    assert np.allclose(run(models.path("tiny-batch"), 3), run(src, 3), atol=1e-6)


def large_model(path: Path, *, gain: float = 1.0) -> Path:
    """A convolution with enough weights to be worth halving."""
    weight = np.random.default_rng(0).standard_normal((64, 3, 3, 3)).astype(np.float32) * gain
    nodes = [helper.make_node("Conv", ["pixels", "weight"], ["output"], pads=[1, 1, 1, 1])]
    shapes = {"pixels": ("n", 3, *HW)}, {"output": ("n", 64, *HW)}
    return save(path, nodes, {"weight": weight}, inputs=shapes[0], outputs=shapes[1])


def test_halved_model_is_half_as_large_and_gives_nearly_the_same(tmp_path: Path) -> None:
    src, dst = large_model(tmp_path / "a.onnx"), tmp_path / "b.onnx"
    store_half(src, dst)
    assert dst.stat().st_size < 0.6 * src.stat().st_size
    wanted = run(src, 2)
    assert np.abs(run(dst, 2) - wanted).max() <= 2e-3 * np.abs(wanted).max()  # 11 bits of fraction


def test_weight_beyond_sixteen_bits_is_refused(tmp_path: Path) -> None:
    src = large_model(tmp_path / "a.onnx", gain=1e6)
    with pytest.raises(ModelMismatch, match="weight: a weight does not fit into 16 bits"):
        store_half(src, tmp_path / "b.onnx")
    assert not (tmp_path / "b.onnx").exists()
