"""Declarations and small real models for the runtime's tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.runtime.catalogue import Catalogue, CatalogueEntry
from core.types import ModelSpec

HW = (8, 6)
CHANNELS = 4
ADDRESS = "https://models.example/tiny.onnx"


def spec(
    name: str = "tiny",
    *,
    sha256: str = "a" * 64,
    input_hw: tuple[int, int] = HW,
    layout: str = "NCHW",
) -> ModelSpec:
    return ModelSpec(
        name=name,
        version="1",
        sha256=sha256,
        licence="AGPL-3.0-or-later",
        task="embed",
        family="person",
        decoder="",
        input_hw=input_hw,
        layout="NHWC" if layout == "NHWC" else "NCHW",
        colour="RGB",
        scale=1.0,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        dim=4,
    )


def entry(
    name: str = "tiny", *, sha256: str = "a" * 64, address: str = ADDRESS, size_bytes: int = 0
) -> CatalogueEntry:
    return CatalogueEntry(spec(name, sha256=sha256), address, size_bytes, "a note")


def catalogue(*entries: CatalogueEntry) -> Catalogue:
    return Catalogue({each.spec.name: each for each in entries})


def declaration(**changes: object) -> str:
    """TOML of a valid model `mine`; a change to None leaves that key out."""
    values: dict[str, object] = {
        "version": '"1"',
        "task": '"embed"',
        "family": '"person"',
        "input_hw": "[8, 6]",
        "layout": '"NCHW"',
        "colour": '"RGB"',
        "scale": "1.0",
        "mean": "[0.0, 0.0, 0.0]",
        "std": "[1.0, 1.0, 1.0]",
        "dim": "4",
        "licence": '"mine"',
        "sha256": f'"{"b" * 64}"',
    } | changes
    lines = [f"{key} = {value}" for key, value in values.items() if value is not None]
    return "\n".join(["[models.mine]", *lines, ""])


def write_model(
    path: Path, *, batch: int | str = 1, reshape_first: int | None = None, hw: tuple[int, int] = HW
) -> Path:
    """A convolution whose output (batch, 4, h*w) is reshaped with its batch written in the file."""
    height, width = hw
    first = reshape_first if reshape_first is not None else (batch if batch != "n" else -1)
    weight = np.random.default_rng(0).standard_normal((CHANNELS, 3, 1, 1)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["pixels", "weight"], ["features"], name="conv"),
        helper.make_node("Reshape", ["features", "shape"], ["output"], name="reshape"),
    ]
    constants = {"weight": weight, "shape": np.array([first, CHANNELS, height * width], np.int64)}
    return save(
        path,
        nodes,
        constants,
        inputs={"pixels": (batch, 3, height, width)},
        outputs={"output": (batch, CHANNELS, height * width)},
    )


def write_quantised_model(path: Path) -> Path:
    """The dynamically quantised convolution that ONNX Runtime's own quantiser writes."""
    weight = np.random.default_rng(0).integers(0, 256, (CHANNELS, 3, 1, 1), dtype=np.uint8)
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["pixels"], ["x8", "x_scale", "x_zero"]),
        helper.make_node("ConvInteger", ["x8", "weight", "x_zero", "w_zero"], ["sum"], name="c"),
        helper.make_node("Cast", ["sum"], ["sum_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["x_scale", "w_scale"], ["scale"]),
        helper.make_node("Mul", ["sum_float", "scale"], ["output"]),
    ]
    constants = {"weight": weight, "w_zero": np.uint8(128), "w_scale": np.float32(0.01)}
    return save(
        path,
        nodes,
        constants,
        inputs={"pixels": (1, 3, *HW)},
        outputs={"output": (1, CHANNELS, *HW)},
    )


def save(
    path: Path,
    nodes: list[Any],
    constants: Mapping[str, Any],
    *,
    inputs: Mapping[str, tuple[int | str, ...]],
    outputs: Mapping[str, tuple[int | str, ...]],
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [_value(name, shape) for name, shape in inputs.items()],
        [_value(name, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


def _value(name: str, shape: tuple[int | str, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
