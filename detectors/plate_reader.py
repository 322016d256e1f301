"""Level plates to reads, with a model of any alphabet's order but ours refused."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import F32, U8, checked
from core.errors import InvalidInput, ModelMismatch
from core.plates.alphabet import COLUMNS
from core.runtime.session import ModelSession, Shape
from core.types import ModelSpec, PlateRead
from detectors.blob import blob_of

COLOUR_LABEL = "colour/"
"""A reader's labels are its layouts in order, then its colours, each behind this."""

_NORMAL = 1e-3
"""How far the chances of a position may add up to something else than one."""


class OnnxPlateReader:
    """A `PlateReader` around a session with three outputs: log-probabilities of characters
    (N, P, A), and logits of layout (N, L) and of colour (N, C).

    `batch` bounds how many plates are held as floats at once. Several threads may share it.
    """

    def __init__(self, session: ModelSession, *, batch: int = 32) -> None:
        if batch < 1:
            raise InvalidInput(f"batch: want 1 or more, got {batch}")
        self._session = session
        self._batch = batch
        labels = session.spec.labels
        self._layouts = tuple(one for one in labels if not one.startswith(COLOUR_LABEL))
        self._colours = tuple(
            one.removeprefix(COLOUR_LABEL) for one in labels if one.startswith(COLOUR_LABEL)
        )
        check_outputs(session.spec, session.output_shapes, (len(self._layouts), len(self._colours)))

    @property
    def spec(self) -> ModelSpec:
        return self._session.spec

    def read(self, rectified: U8) -> Sequence[PlateRead]:
        """One read per level plate (P, 3, h, w) at `spec.input_hw`, in order.

        Time and place are not the reader's to know: `device_ns` is 0 and the corners lie in one
        point until the caller puts his own. `ModelMismatch` for outputs that are no chances.
        """
        checked("rectified", rectified, np.uint8, "P", 3, *self.spec.input_hw)
        reads: list[PlateRead] = []
        for start in range(0, len(rectified), self._batch):
            reads += self._of_batch(rectified[start : start + self._batch])
        return reads

    def _of_batch(self, plates: U8) -> list[PlateRead]:
        blob = blob_of(np.ascontiguousarray(plates.transpose(0, 2, 3, 1)), self.spec)
        characters, layouts, colours = self._session.run(blob)
        self._check_chances(characters, len(plates))
        nowhere = np.zeros((4, 2), np.float32)
        return [
            PlateRead(rows, self._layouts[layout], self._colours[colour], 0, nowhere)
            for rows, layout, colour in zip(
                characters,
                layouts.argmax(axis=1).tolist(),
                colours.argmax(axis=1).tolist(),
                strict=True,
            )
        ]

    def _check_chances(self, characters: F32, count: int) -> None:
        if len(characters) != count:
            raise ModelMismatch(
                f"{self.spec.name}: want outputs of {count} plates, got {len(characters)}"
            )
        if not (np.abs(np.exp(characters).sum(axis=2) - 1) < _NORMAL).all():
            raise ModelMismatch(f"{self.spec.name}: want rows whose chances add up to one")


def check_outputs(spec: ModelSpec, shapes: Mapping[str, Shape], labels: tuple[int, int]) -> None:
    """`ModelMismatch` unless the outputs have our columns and the declared layouts and colours."""
    if spec.task != "plate_read":
        raise ModelMismatch(f"{spec.name}: want task plate_read, got {spec.task}")
    got = [shape[1:] for shape in shapes.values()]
    layouts, colours = labels
    fits = (
        len(got) == 3
        and len(got[0]) == 2
        and got[0][1] == COLUMNS
        and got[1:] == [(layouts,), (colours,)]
        and layouts > 0 < colours
    )
    if not fits:
        raise ModelMismatch(
            f"{spec.name}: want outputs (any, P, {COLUMNS}), (any, {layouts}) and (any, {colours})"
            f" for its labels, got {list(shapes.values())}"
        )
