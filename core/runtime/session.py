"""A model file on a device: one float32 blob in, float32 arrays out, nothing else.

On a CPU a batch is cut into parts that run side by side, one core each: a small network gains
little from several cores on one picture and everything from several pictures at once. A file
with its batch baked in is fed in parts of just that size; the last is filled up with zeros.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from core.arrays import F32, described
from core.errors import InvalidInput, ModelError, ModelMismatch, ModelMissing
from core.runtime.ort import Device, opened, translated
from core.types import ModelSpec

Shape = tuple[int | None, ...]
"""An array's declared lengths; None where any will do."""


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

    `threads` is how many cores a CPU session may use; None takes all that this process has.
    """

    def __init__(
        self,
        path: Path,
        spec: ModelSpec,
        *,
        device: Device = "cpu",
        threads: int | None = None,
    ) -> None:
        self._path = path
        self._spec = spec
        self._device: Device = device
        self._threads = _checked_threads(threads)
        narrow = 1 if device == "cpu" else self._threads
        self._one_core = _opened(path, device, narrow)
        self._all_cores: Any = None  # made when a part first has the machine to itself
        self._opening = Lock()
        self._pool = ThreadPoolExecutor(self._threads, f"onnx-{spec.name}")
        self._input_name, self._input_shape = _image_input(self._one_core, spec)
        self._output_shapes = {o.name: _shape(o.shape) for o in self._one_core.get_outputs()}

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
        self._check(blob)
        parts = self._parts(blob)
        # A last part that would leave the other cores idle has them all to itself.
        alone = len(parts) % self._threads == 1 or self._threads == 1
        shared = parts[:-1] if alone else parts
        results = list(self._pool.map(self._run_on_one_core, shared)) if shared else []
        if alone:
            results.append(self._run(self._wide(), parts[-1]))
        return [_joined(rows, len(blob)) for rows in zip(*results, strict=True)]

    def close(self) -> None:
        """Free the model; running batches end first."""
        self._pool.shutdown()
        self._one_core = self._all_cores = None

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

    def _parts(self, blob: F32) -> list[F32]:
        """`blob` in parts that one run takes."""
        size = self.max_batch
        if size is None:
            count = min(len(blob), self._threads) if self._device == "cpu" else 1
            return np.array_split(blob, count)
        missing = -len(blob) % size
        if missing:
            blob = np.concatenate([blob, np.zeros((missing, *blob.shape[1:]), np.float32)])
        return np.split(blob, len(blob) // size)

    def _wide(self) -> Any:
        if self._threads == 1 or self._device != "cpu":
            return self._one_core
        with self._opening:
            if self._all_cores is None:
                self._all_cores = _opened(self._path, self._device, self._threads)
            return self._all_cores

    def _run_on_one_core(self, part: F32) -> list[F32]:
        return self._run(self._one_core, part)

    def _run(self, session: Any, part: F32) -> list[F32]:
        with translated(ModelError, f"{self._spec.name}: the model failed"):
            outputs: list[F32] = session.run(None, {self._input_name: part})
        return outputs


def _opened(path: Path, device: Device, threads: int) -> Any:
    if not path.is_file():
        raise ModelMissing(f"{path}: no such file")
    return opened(str(path), path.name, device=device, threads=threads)


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


def _joined(rows: tuple[F32, ...], count: int) -> F32:
    """One output of all parts, without what filled up the last."""
    return rows[0][:count] if len(rows) == 1 else np.concatenate(rows)[:count]


def _checked_threads(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0))
    if threads < 1:
        raise InvalidInput(f"threads: want 1 or more, got {threads}")
    return threads
