"""A model file on a device: one float32 blob in, float32 arrays out, nothing else.

On a CPU a batch is cut into small parts that run side by side, one core each: a small network
gains little from several cores on one picture, and nothing from a batch on one core, where its
layers fall out of the cache. YOLOv8n at 640x640 on two cores, milliseconds a picture: two cores on
one 168, one core each on two 106; a batch of eight costs a core 15 % more than eight of one. A
GPU takes the batch whole. A file with its batch baked in is fed in parts of just that size.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.arrays import F32, described
from core.errors import InvalidInput, ModelError, ModelMismatch, ModelMissing
from core.runtime.export import float_content
from core.runtime.ort import Device, opened, translated
from core.types import ModelSpec

Shape = tuple[int | None, ...]
"""An array's declared lengths; None where any will do."""

_CPU_PIXELS = 1 << 17  # four crops of 256x128, one picture of anything larger: they fit the cache
_GPU_ROWS = 256


class ModelSession(Protocol):
    """What detectors, embedders and readers need of a loaded model."""

    @property
    def spec(self) -> ModelSpec: ...

    @property
    def output_shapes(self) -> Mapping[str, Shape]:
        """By name, in the order in which `run` gives them; the batch first."""

    def run(self, blob: F32) -> list[F32]:
        """The outputs for a batch of any length from 1 on, each with the batch first."""


class OnnxSession:
    """A `ModelSession` by ONNX Runtime. Several threads may share it.

    `threads` is how many cores it may use on a CPU; None takes all that this process has.
    `threads_per_run` of them work on one part together: for fewer pictures at once than cores.
    With `in_float`, a dynamically quantised model runs in float on a CPU: the same weights, faster.
    """

    def __init__(
        self,
        path: Path,
        spec: ModelSpec,
        *,
        device: Device = "cpu",
        threads: int | None = None,
        threads_per_run: int = 1,
        in_float: bool = False,
    ) -> None:
        self._spec = spec
        self._device: Device = device
        self._threads = _checked_threads(threads, threads_per_run)
        self._session = _opened(
            path, device, threads_per_run, in_float=in_float and device == "cpu"
        )
        self._input_name, self._input_shape = _image_input(self._session, spec)
        self._output_shapes = {o.name: _shape(o.shape) for o in self._session.get_outputs()}
        self._part = _rows_per_run(self._input_shape[0], device, spec)
        at_once = self._threads // threads_per_run if device == "cpu" else 1
        self._pool = ThreadPoolExecutor(at_once, f"onnx-{spec.name}")

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    @property
    def device(self) -> Device:
        return self._device

    @property
    def threads(self) -> int:
        return self._threads

    @property
    def input_shape(self) -> Shape:
        return self._input_shape

    @property
    def output_shapes(self) -> Mapping[str, Shape]:
        return self._output_shapes

    @property
    def max_batch(self) -> int | None:
        """The batch that is baked into the file; None where it takes any."""
        return self._input_shape[0]

    def run(self, blob: F32) -> list[F32]:
        """The outputs for `blob` (n, ...), in the model's order, each with n rows.

        `InvalidInput` for a blob of another shape or type, `ModelError` if the model fails.
        """
        if self._session is None:
            raise ModelError(f"{self._spec.name}: the session is closed")
        self._check(blob)
        parts = [blob[at : at + self._part] for at in range(0, len(blob), self._part)]
        results = [self._run(parts[0])] if len(parts) == 1 else self._pool.map(self._run, parts)
        return [np.concatenate(rows) for rows in zip(*results, strict=True)]

    def close(self) -> None:
        """Free the model; running batches end first."""
        self._pool.shutdown()
        self._session = None

    def _check(self, blob: F32) -> None:
        wanted = self._input_shape[1:]
        fits = (
            blob.dtype == np.float32
            and blob.ndim == len(wanted) + 1
            and len(blob) > 0
            and all(w in (None, got) for w, got in zip(wanted, blob.shape[1:], strict=True))
        )
        if not fits:
            raise InvalidInput(
                f"{self._spec.name}: want float32 {_text((None, *wanted))}, got {described(blob)}"
            )

    def _run(self, part: F32) -> list[F32]:
        missing = max(0, (self.max_batch or 0) - len(part))
        filler = np.zeros((missing, *part.shape[1:]), np.float32)
        filled = np.concatenate([part, filler]) if missing else part
        with translated(ModelError, f"{self._spec.name}: the model failed"):
            outputs: list[F32] = self._session.run(None, {self._input_name: filled})
        return [output[: len(part)] for output in outputs]


def _rows_per_run(max_batch: int | None, device: Device, spec: ModelSpec) -> int:
    """How many rows go into one run: what is baked in, a GPU's all, a core's few."""
    if max_batch is not None:
        return max_batch
    height, width = spec.input_hw
    return max(1, _CPU_PIXELS // (height * width)) if device == "cpu" else _GPU_ROWS


def _opened(path: Path, device: Device, threads: int, *, in_float: bool) -> Any:
    if not path.is_file():
        raise ModelMissing(f"{path}: no such file")
    content = float_content(path) if in_float else None
    return opened(content or str(path), path.name, device=device, threads=threads)


def _image_input(session: Any, spec: ModelSpec) -> tuple[str, Shape]:
    """Name and shape of the one input; `ModelMismatch` unless it is what the spec declares."""
    inputs = session.get_inputs()
    height, width = spec.input_hw
    wanted = (None, 3, height, width) if spec.layout == "NCHW" else (None, height, width, 3)
    got = [(i.type, _shape(i.shape)) for i in inputs]
    fits = (
        len(inputs) == 1
        and inputs[0].type == "tensor(float)"
        and len(inputs[0].shape) == 4
        and all(g in (None, w) for w, g in zip(wanted[1:], got[0][1][1:], strict=True))
    )
    if not fits:
        found = ", ".join(f"{kind} {_text(shape)}" for kind, shape in got) or "none"
        raise ModelMismatch(
            f"{spec.name}: want one input tensor(float) {_text(wanted)}, got {found}"
        )
    return inputs[0].name, got[0][1]


def _shape(declared: list[int | str | None]) -> Shape:
    return tuple(length if isinstance(length, int) else None for length in declared)


def _text(shape: Shape) -> str:
    return "(" + ", ".join("any" if length is None else str(length) for length in shape) + ")"


def _checked_threads(threads: int | None, threads_per_run: int) -> int:
    there = len(os.sched_getaffinity(0)) if threads is None else threads
    if not 1 <= threads_per_run <= there:
        raise InvalidInput(
            f"threads: want 1 <= threads_per_run <= threads, got {threads_per_run} of {there}"
        )
    return there
