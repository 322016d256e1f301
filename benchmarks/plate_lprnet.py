"""LPRNet, the peer on Chinese crops: its public weights in a graph of ONNX, run as our reader is.

Zherzdev & Gruzdev, "LPRNet: License Plate Recognition via Deep Neural Networks", 2018, in the form
that github.com/sirius-ai/LPRNet_Pytorch published weights for (Apache-2.0). Its file is a pickle
of before 2020: read here with nothing but arrays allowed, so that torch need not be installed.
"""

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.arrays import F32, U8
from core.errors import ModelMismatch
from core.runtime.ort import opened

FILE = "Final_LPRNet_model.pth"
SIZE_HW = (24, 94)
CHARACTERS = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新" + (
    "0123456789ABCDEFGHJKLMNPQRSTUVWXYZIO-"
)
BLANK = len(CHARACTERS) - 1

_MAGIC = 0x1950A86A20F9469CFC6C
_EPSILON = 1e-5
Weights = dict[str, F32]


class LprNet:
    """Reads crops of Chinese plates, one at a time."""

    def __init__(self, file: Path) -> None:
        self._session = opened(graph_of(read_weights(file)), file.name, threads=1)

    def read(self, rgb: U8) -> str:
        """The text on a crop (h, w, 3)."""
        bgr = cv2.resize(rgb[..., ::-1], SIZE_HW[::-1], interpolation=cv2.INTER_LINEAR)
        blob = (bgr.astype(np.float32).transpose(2, 0, 1)[None] - 127.5) / 128
        (logits,) = self._session.run(None, {"images": np.ascontiguousarray(blob)})
        return collapsed(logits[0].argmax(axis=0).tolist())


def collapsed(columns: Sequence[int]) -> str:
    """The text of a row of columns in which blanks part characters (Graves et al., CTC, 2006)."""
    kept = [
        column
        for before, column in zip([BLANK, *columns], columns, strict=False)
        if column not in (before, BLANK)
    ]
    return "".join(CHARACTERS[column] for column in kept)


# --- the file ----------------------------------------------------------------------------------


class _Arrays(pickle.Unpickler):
    """Unpickles tensors as places in storages that follow; any other object is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, *_: (storage, offset, size)
        if module == "torch" and name in ("FloatStorage", "LongStorage"):
            return np.dtype(np.float32 if name == "FloatStorage" else np.int64)
        raise ModelMismatch(f"weights: want tensors alone, got {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, *_ = pid
        return key, kind


def read_weights(file: Path) -> Weights:
    """The float tensors by name; `ModelMismatch` for another format."""
    with file.open("rb") as content:
        try:
            if _Arrays(content).load() != _MAGIC:
                raise ModelMismatch(f"{file.name}: want torch's format of before 2020")
            for _ in ("protocol", "system"):
                _Arrays(content).load()
            places = _Arrays(content).load()
            keys = _Arrays(content).load()
        except (pickle.UnpicklingError, EOFError, ValueError) as error:
            raise ModelMismatch(f"{file.name}: not a file of weights: {error}") from error
        kinds = {key: kind for (key, kind), _, _ in places.values()}
        storages = {key: _storage(content, kinds[key]) for key in keys}
    return {
        name: storages[key][offset : offset + int(np.prod(size))].reshape(size)
        for name, ((key, kind), offset, size) in places.items()
        if kind == np.float32
    }


def _storage(content: IO[bytes], kind: np.dtype[Any]) -> Any:
    count = int(np.frombuffer(content.read(8), "<i8")[0])
    return np.frombuffer(content.read(count * kind.itemsize), kind)


# --- the graph ---------------------------------------------------------------------------------


class _Graph:
    """Nodes and constants that are added one after the other; each adds to what `top` is."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.top = "images"

    def add(self, kind: str, *others: str, inputs: Sequence[str] = (), **how: Any) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [*(inputs or [self.top]), *others], [name], **how))
        self.top = name
        return name

    def constant(self, values: Any) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def conv(self, name: str, *, pads: tuple[int, int] = (0, 0)) -> None:
        down, across = pads
        weight = self.constant(self._weights[f"{name}.weight"])
        bias = self.constant(self._weights[f"{name}.bias"])
        self.add("Conv", weight, bias, pads=[down, across, down, across])

    def norm(self, name: str) -> None:
        """Brought to the running mean and spread, then clipped at zero."""
        parts = ("weight", "bias", "running_mean", "running_var")
        known = [self.constant(self._weights[f"{name}.{part}"]) for part in parts]
        self.add("BatchNormalization", *known, epsilon=_EPSILON)
        self.add("Relu")

    def block(self, name: str) -> None:
        """1x1, 3x1, 1x3, 1x1."""
        for place, pads in ((0, (0, 0)), (2, (1, 0)), (4, (0, 1))):
            self.conv(f"{name}.block.{place}", pads=pads)
            self.add("Relu")
        self.conv(f"{name}.block.6")

    def pool(self, stride: tuple[int, int, int]) -> None:
        """The highest of 3x3, of every so many channels, rows and columns."""
        channels, *steps = stride
        if channels > 1:
            ends = [self.constant(np.array([one], np.int64)) for one in (0, 1 << 30, 1, channels)]
            self.add("Slice", *ends)
        self.add("MaxPool", kernel_shape=[3, 3], strides=steps)


_POOLS = {0: ([5, 5], [5, 5]), 1: ([5, 5], [5, 5]), 2: ([4, 10], [4, 2])}
"""Kernel and stride that bring each kept layer to the last one's size."""


def graph_of(weights: Weights) -> bytes:
    """The network as an ONNX file: images (1, 3, 24, 94) in, logits (1, 68, 18) out."""
    graph = _Graph(weights)
    kept: list[str] = []
    graph.conv("backbone.0")
    graph.norm("backbone.1")
    kept.append(graph.top)
    graph.pool((1, 1, 1))
    graph.block("backbone.4")
    graph.norm("backbone.5")
    kept.append(graph.top)
    graph.pool((2, 1, 2))
    for block, norm in ((8, 9), (11, 12)):
        graph.block(f"backbone.{block}")
        graph.norm(f"backbone.{norm}")
    kept.append(graph.top)
    graph.pool((4, 1, 2))
    for conv, norm in ((16, 17), (20, 21)):
        graph.conv(f"backbone.{conv}")
        graph.norm(f"backbone.{norm}")
    kept.append(graph.top)
    graph.add("Concat", inputs=[_evened(graph, name, row) for row, name in enumerate(kept)], axis=1)
    graph.conv("container.0")
    graph.add("ReduceMean", axes=[2], keepdims=0)
    return _written(graph)


def _evened(graph: _Graph, name: str, row: int) -> str:
    """A kept layer at the last one's size, over the mean of its squares."""
    graph.top = name
    if row in _POOLS:
        kernel, stride = _POOLS[row]
        graph.add("AveragePool", kernel_shape=kernel, strides=stride)
    layer = graph.top
    graph.add("Mul", inputs=[layer, layer])
    mean = graph.add("ReduceMean", axes=[1, 2, 3], keepdims=1)
    return graph.add("Div", inputs=[layer, mean])


def _written(graph: _Graph) -> bytes:
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *SIZE_HW])
    logits = helper.make_tensor_value_info(graph.top, TensorProto.FLOAT, [1, len(CHARACTERS), 18])
    whole = helper.make_graph(graph.nodes, "lprnet", [images], [logits], graph.constants)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content
