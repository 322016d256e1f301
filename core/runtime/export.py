"""Rewrites ONNX files for serving: a dynamic batch, float arithmetic again, half the size.

Conversion from training formats is in `core/runtime/convert.py`, in a process of its own: those
files are pickles.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.arrays import F32
from core.errors import DeviceUnavailable, ModelMismatch, ModelMissing
from core.runtime.catalogue import CatalogueEntry, render_declaration
from core.runtime.models import ModelFolder, sha256_of
from core.runtime.ort import opened, translated
from core.types import ModelSpec

Rewrite = Callable[[Path, Path], None]
"""Reads a model file and writes another."""

_COMPARED_ROWS = 3
_RELATIVE, _OF_LARGEST = 1e-3, 1e-4  # kernels may sum in another order for another batch
_QUANTISATION_ERROR = 0.1  # of the output's norm; a wrong rewrite is off by all of it
_HALF_ERROR = 0.01
_FEW = 64  # numbers: not worth a node of the graph


def make_batch_dynamic(src: Path, dst: Path) -> None:
    """Write to `dst` the model of `src` with any batch instead of the one baked in.

    Checked before `dst` takes its place: a batch of n gives what n batches of one give.
    `ModelMismatch` if it does not, or cannot: activations that are quantised by the range of the
    whole batch would let one camera's picture change another's boxes.
    """
    with _checked_rewrite(src, dst) as model:
        if any(node.op_type == "DynamicQuantizeLinear" for node in model.graph.node):
            raise ModelMismatch(
                f"{src.name}: want activations that do not depend on the rest of the batch, got "
                "dynamic quantisation; make it float first"
            )
        _open_batch(model)
        _check_batch(src, model)


def make_float(src: Path, dst: Path) -> None:
    """Write to `dst` the model of `src` with its dynamically quantised convolutions in float.

    The weights keep the values they were rounded to; activations are no longer rounded. On a CPU
    with wide vectors it is faster than 8-bit convolutions that measure their input each time.
    `ModelMismatch` if there is none, or one of another pattern.
    """
    with _checked_rewrite(src, dst) as model:
        _undo_quantisation(src, model)
        _check_close(src, model, _QUANTISATION_ERROR)


def store_half(src: Path, dst: Path) -> None:
    """Write to `dst` the model of `src` with its weights kept in 16 bits: half the size.

    They are widened again when the model is loaded (ONNX Runtime folds constants), so it runs in
    32 bits and as fast as before. `ModelMismatch` if a weight does not fit into 16 bits, or the
    outputs move by more than rounding explains.
    """
    with _checked_rewrite(src, dst) as model:
        _halve_weights(src, model)
        _check_close(src, model, _HALF_ERROR)


def float_content(src: Path) -> bytes | None:
    """The model of `src` as `make_float` would write it; None where there is nothing to undo.

    For serving: detectors that were quantised dynamically run 1.5 times as fast on a CPU this way
    (see `make_float`). None too for a pattern that is not known, and where the `onnx` package is
    missing: both only cost speed.
    """
    content = src.read_bytes()
    if b"DynamicQuantizeLinear" not in content or find_spec("onnx") is None:
        return None
    try:
        model = _onnx().load_from_string(content)
        _undo_quantisation(src, model)
    except (ModelMismatch, _decode_error()):
        return None
    rewritten: bytes = model.SerializeToString()
    return rewritten


def derive(folder: ModelFolder, name: str, new_name: str, rewrite: Rewrite) -> ModelSpec:
    """The model `new_name`: `name` after `rewrite`, added to the folder as the operator's own.

    It keeps all of the declaration but name and hash, so that its vectors or boxes never pass for
    the original's.
    """
    entry = folder.catalogue.entry(name)
    with TemporaryDirectory() as scratch:
        rewritten = Path(scratch) / "rewritten.onnx"
        rewrite(folder.path(name), rewritten)
        spec = replace(entry.spec, name=new_name, sha256=sha256_of(rewritten))
        declared = CatalogueEntry(spec, note=f"Made from {entry.spec.key}.")
        return folder.add(rewritten, render_declaration(declared))


@contextmanager
def _checked_rewrite(src: Path, dst: Path) -> Iterator[Any]:
    """The parsed model of `src`; what the body made of it is written to `dst` if it holds."""
    onnx = _onnx()
    if not src.is_file():
        raise ModelMissing(f"{src}: no such file")
    try:
        model = onnx.load(str(src))
    except _decode_error() as error:
        raise ModelMismatch(f"{src.name}: not an ONNX model: {error}") from error
    yield model
    unfinished = dst.with_name(dst.name + ".part")
    unfinished.write_bytes(model.SerializeToString())
    unfinished.replace(dst)


def _onnx() -> ModuleType:
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise DeviceUnavailable(
            "rewriting a model wants the onnx package; install casetrace[train] or casetrace[dev]"
        ) from error
    module: ModuleType = onnx
    return module


def _decode_error() -> type[Exception]:
    """What protobuf, which onnx brings along, raises for bytes that are none of its messages."""
    return cast(type[Exception], import_module("google.protobuf.message").DecodeError)


# --- dynamic batch -----------------------------------------------------------------------------


def _open_batch(model: Any) -> None:
    graph = model.graph
    del graph.value_info[:]  # shapes with the old batch
    constants = _constants(graph)
    inputs = [i for i in graph.input if i.name not in constants]
    for value in (*inputs, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    batched = {value.name for value in inputs}
    for node in graph.node:
        if batched.isdisjoint(node.input):
            continue
        batched.update(node.output)
        if node.op_type == "Reshape":
            _open_reshape(graph, node, constants)
        elif node.op_type == "ReduceMean":
            _open_mean(node)


def _open_reshape(graph: Any, node: Any, constants: dict[str, NDArray[Any]]) -> None:
    """Let a reshape to (1, ...) keep the batch that comes: a length of 0 means just that."""
    shape = constants.get(node.input[1])
    literal_zero = any(a.name == "allowzero" and a.i for a in node.attribute)
    if shape is None or not len(shape) or shape[0] != 1 or literal_zero:
        return
    opened = shape.copy()
    opened[0] = 0
    name = f"{node.output[0]}_batched_shape"
    graph.initializer.append(_onnx().numpy_helper.from_array(opened, name))
    node.input[1] = name


def _open_mean(node: Any) -> None:
    """Let a mean over the batch too, of one picture alone, stay one of each picture."""
    attributes = {a.name: a for a in node.attribute}
    axes = attributes.get("axes")  # an input from opset 18 on; such a file is left as it is
    kept = "keepdims" not in attributes or attributes["keepdims"].i == 1
    if axes is not None and kept and len(axes.ints) > 1 and 0 in axes.ints:
        others = [axis for axis in axes.ints if axis != 0]
        del axes.ints[:]
        axes.ints.extend(others)


def _check_batch(src: Path, model: Any) -> None:
    rows = _random_input(src)
    together = _run(model.SerializeToString(), src.name, rows)
    alone = [_run(src.read_bytes(), src.name, rows[i : i + 1]) for i in range(len(rows))]
    for output, parts in zip(together, zip(*alone, strict=True), strict=True):
        wanted = np.concatenate(parts)
        slack = _OF_LARGEST * float(np.abs(wanted).max(initial=0))
        if output.shape != wanted.shape or not np.allclose(output, wanted, _RELATIVE, slack):
            raise ModelMismatch(
                f"{src.name}: its batch cannot be opened: {len(rows)} rows together give "
                f"{output.shape}, alone {wanted.shape}, and the values differ"
            )


# --- float again -------------------------------------------------------------------------------


def _undo_quantisation(src: Path, model: Any) -> None:
    """Replace each ConvInteger with its quantiser before and its scaling after by one Conv."""
    graph = model.graph
    constants = _constants(graph)
    integer = [node for node in graph.node if node.op_type == "ConvInteger"]
    if not integer:
        raise ModelMismatch(f"{src.name}: want dynamically quantised convolutions, got none")
    for node in integer:
        try:
            _to_float(graph, node, constants)
        except (KeyError, ValueError) as error:
            raise ModelMismatch(
                f"{src.name}: {node.name}: a quantised convolution of an unknown pattern: {error}"
            ) from error
    _drop_unused(graph)


def _to_float(graph: Any, node: Any, constants: dict[str, NDArray[Any]]) -> None:
    """Turn x -> quantise -> ConvInteger -> Cast -> Mul(scales) into x -> Conv."""
    maker = {name: other for other in graph.node for name in other.output}
    user = {name: other for other in graph.node for name in other.input}
    quantised, weight, _, weight_zero = node.input
    quantiser = _of_type(maker[quantised], "DynamicQuantizeLinear")
    cast = _of_type(user[node.output[0]], "Cast")
    scaling = _of_type(user[cast.output[0]], "Mul")
    (scale,) = set(scaling.input) - {cast.output[0]}
    scales = _of_type(maker[scale], "Mul")
    (weight_scale,) = set(scales.input) - {quantiser.output[1]}
    centred = constants[weight].astype(np.float32) - _column(constants[weight_zero])
    as_float = np.asarray(centred * _column(constants[weight_scale]), np.float32)
    name = f"{node.output[0]}_float_weight"
    graph.initializer.append(_onnx().numpy_helper.from_array(as_float, name))
    node.op_type = "Conv"
    del node.input[:]
    node.input.extend([quantiser.input[0], name])
    node.output[0] = scaling.output[0]
    graph.node.remove(scaling)


def _of_type(node: Any, op_type: str) -> Any:
    if node.op_type != op_type:
        raise ValueError(f"want {op_type}, got {node.op_type}")
    return node


def _column(values: NDArray[Any]) -> F32:
    """One number, or one per output channel, to go with weights (out, in, h, w)."""
    return np.asarray(values, np.float32).reshape(-1, 1, 1, 1)


def _drop_unused(graph: Any) -> None:
    """Remove the nodes and constants that no output depends on."""
    needed = {value.name for value in graph.output}
    for node in reversed(list(graph.node)):  # a graph lies in the order in which it runs
        if needed.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            needed.update(node.input)
    for constant in list(graph.initializer):
        if constant.name not in needed:
            graph.initializer.remove(constant)


# --- half the size -----------------------------------------------------------------------------


def _halve_weights(src: Path, model: Any) -> None:
    """Replace each float32 constant by one of 16 bits and a Cast to what it was."""
    onnx = _onnx()
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FEW:
            continue
        if not np.abs(values).max() <= np.finfo(np.float16).max:
            raise ModelMismatch(f"{src.name}: {tensor.name}: a weight does not fit into 16 bits")
        name = f"{tensor.name}_half"
        graph.initializer.remove(tensor)
        graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float16), name))
        to = onnx.TensorProto.FLOAT
        casts.append(onnx.helper.make_node("Cast", [name], [tensor.name], to=to))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


# --- shared ------------------------------------------------------------------------------------


def _check_close(src: Path, model: Any, most: float) -> None:
    rows = _random_input(src)[:1]
    floats = _run(model.SerializeToString(), src.name, rows)
    for output, wanted in zip(floats, _run(src.read_bytes(), src.name, rows), strict=True):
        apart = float(np.linalg.norm(output - wanted))
        if not apart <= most * float(np.linalg.norm(wanted)):
            raise ModelMismatch(
                f"{src.name}: rewritten, its outputs differ by {apart:g} "
                f"of {float(np.linalg.norm(wanted)):g}"
            )


def _constants(graph: Any) -> dict[str, NDArray[Any]]:
    """Every tensor that is written in the file, by name."""
    to_array = _onnx().numpy_helper.to_array
    found = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = to_array(node.attribute[0].t)
    return found


def _random_input(src: Path) -> F32:
    """Rows (3, ...) for a comparison, as the model of `src` wants them."""
    (first,) = opened(src.read_bytes(), src.name).get_inputs()[:1]
    shape = [length if isinstance(length, int) else 1 for length in first.shape]
    if first.type != "tensor(float)" or shape[0] != 1:
        raise ModelMismatch(
            f"{src.name}: want one float32 input with batch 1, got {first.type} {first.shape}"
        )
    random = np.random.default_rng(0)
    return random.random((_COMPARED_ROWS, *shape[1:]), np.float32)


def _run(model: bytes, name: str, rows: F32) -> list[F32]:
    session = opened(model, name)
    with translated(ModelMismatch, f"{name}: cannot run {len(rows)} rows"):
        outputs: list[F32] = session.run(None, {session.get_inputs()[0].name: rows})
    return outputs
