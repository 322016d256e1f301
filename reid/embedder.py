"""Crops to unit vectors by a model's declaration: its layout, colour order and normalisation.

Pre- and post-processing are plain functions of arrays, tested without weights; the session that
runs the model comes from outside.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from core.arrays import F32, U8, checked, described
from core.errors import InvalidInput, ModelMismatch
from core.types import ModelSpec

_NO_LENGTH = 1e-6  # a vector this short has no direction worth normalising


class Session(Protocol):
    """A loaded model: a batch of any length in, its outputs in declared order."""

    def run(self, blob: F32) -> Sequence[F32]: ...


class OnnxEmbedder:
    """An `Embedder` around a session. `batch` bounds how many crops are held as floats at once."""

    def __init__(self, spec: ModelSpec, session: Session, *, batch: int = 32) -> None:
        if spec.task != "embed" or spec.dim < 1:
            raise ModelMismatch(
                f"{spec.name}: want an embedder with a dim, got task {spec.task}, dim {spec.dim}"
            )
        if batch < 1:
            raise InvalidInput(f"batch: want 1 or more, got {batch}")
        self._spec = spec
        self._session = session
        self._batch = batch

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    def embed(self, crops: U8) -> F32:
        """Unit rows (N, D), in order; none for none. `ModelMismatch` if the model's output is
        not (N, D), not finite, or has no length."""
        checked("crops", crops, np.uint8, "N", 3, *self._spec.input_hw)
        vectors = np.empty((len(crops), self._spec.dim), np.float32)
        for start in range(0, len(crops), self._batch):
            part = slice(start, start + self._batch)
            vectors[part] = unit_rows(self._outputs(crops[part]), self._spec)
        return vectors

    def _outputs(self, crops: U8) -> F32:
        blob = blob_of(crops, self._spec)
        outputs = self._session.run(blob)
        if not outputs:
            raise ModelMismatch(f"{self._spec.name}: want one output, got none")
        rows = np.asarray(outputs[0])
        wanted = (len(blob), self._spec.dim)
        if rows.size != len(blob) * self._spec.dim or len(rows) != len(blob):
            raise ModelMismatch(f"{self._spec.name}: want output {wanted}, got {described(rows)}")
        # Some exports keep trailing spatial axes of one: (N, D, 1, 1).
        return rows.reshape(wanted).astype(np.float32, copy=False)


def blob_of(crops: U8, spec: ModelSpec) -> F32:
    """RGB crops (N, 3, h, w) as the model wants them: colour order, normalisation, layout."""
    ordered = crops[:, ::-1] if spec.colour == "BGR" else crops
    # One multiply and one add per pixel: (p * scale - mean) / std = p * gain + offset.
    std = np.array(spec.std, np.float32)
    gain = (np.float32(spec.scale) / std).reshape(3, 1, 1)
    offset = (-np.array(spec.mean, np.float32) / std).reshape(3, 1, 1)
    blob = ordered.astype(np.float32)
    blob *= gain
    blob += offset
    if spec.layout == "NHWC":
        blob = blob.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(blob)


def unit_rows(outputs: F32, spec: ModelSpec) -> F32:
    """`outputs` (N, D) scaled to length 1; `ModelMismatch` for a row that has no direction.

    A zero or NaN row means the blob was not what the model was trained on, or the file is broken;
    it would compare as "unlike everybody", which is a wrong answer rather than none.
    """
    lengths = np.linalg.norm(outputs, axis=1, keepdims=True)
    bad = ~(np.isfinite(lengths) & (lengths > _NO_LENGTH))[:, 0]
    if bad.any():
        row = int(bad.argmax())
        raise ModelMismatch(
            f"{spec.name}: want finite vectors with a length, got length "
            f"{float(lengths[row, 0]):g} in row {row} of {len(outputs)}"
        )
    return np.asarray(outputs / lengths, np.float32)
