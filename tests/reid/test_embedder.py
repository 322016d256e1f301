"""Pre- and post-processing of embedders, without weights."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from core.arrays import F32, U8
from core.errors import InvalidInput, ModelMismatch
from core.types import ModelSpec
from reid.embedder import OnnxEmbedder, blob_of, unit_rows
from reid.fake import COLOUR_SPEC


def spec(**changes: object) -> ModelSpec:
    base = dataclasses.replace(COLOUR_SPEC, name="test", input_hw=(2, 1), dim=2)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def crops(count: int) -> U8:
    """`count` RGB crops (N, 3, 2, 1): channel c of crop n holds n * 10 + c."""
    values = np.arange(count)[:, None] * 10 + np.arange(3)
    return np.broadcast_to(values[:, :, None, None], (count, 3, 2, 1)).astype(np.uint8)


class Recorded:
    """A session that gives (first pixel of the blob, 1) and remembers the blobs."""

    def __init__(self) -> None:
        self.blobs: list[F32] = []

    def run(self, blob: F32) -> Sequence[F32]:
        self.blobs.append(blob)
        first = blob.reshape(len(blob), -1)[:, 0]
        return [np.stack([first, np.ones(len(blob), np.float32)], axis=1)]


class Constant:
    def __init__(self, *outputs: F32) -> None:
        self.outputs = outputs

    def run(self, blob: F32) -> Sequence[F32]:
        return self.outputs


def test_blob_in_rgb_nchw_keeps_pixels_as_they_are() -> None:
    blob = blob_of(crops(1), spec())
    assert blob.dtype == np.float32
    assert blob[0, :, 0, 0].tolist() == [0, 1, 2]


def test_blob_in_bgr_nhwc_turns_channels_and_axes() -> None:
    blob = blob_of(crops(1), spec(layout="NHWC", colour="BGR"))
    assert blob.shape == (1, 2, 1, 3)
    assert blob[0, 0, 0].tolist() == [2, 1, 0]


def test_blob_scales_before_mean_and_std() -> None:
    declared = spec(scale=0.5, mean=(1.0, 0.0, 2.0), std=(1.0, 2.0, 4.0))
    blob = blob_of(crops(3)[2:], declared)  # pixels 20, 21, 22
    assert blob[0, :, 1, 0].tolist() == [9.0, 5.25, 2.25]


def test_mean_follows_the_models_colour_order() -> None:
    blob = blob_of(crops(1), spec(colour="BGR", mean=(2.0, 1.0, 0.0)))
    assert blob[0, :, 0, 0].tolist() == [0, 0, 0]


def test_blob_is_contiguous_for_the_runtime() -> None:
    assert blob_of(crops(2), spec(layout="NHWC")).flags.c_contiguous


def test_rows_are_scaled_to_length_one() -> None:
    rows = unit_rows(np.array([[3, 4]], np.float32), spec())
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_row_without_direction_raises(row: list[float]) -> None:
    outputs = np.array([[1, 0], row], np.float32)
    with pytest.raises(ModelMismatch, match="row 1 of 2"):
        unit_rows(outputs, spec())


def test_batches_keep_order() -> None:
    session = Recorded()
    vectors = OnnxEmbedder(spec(), session, batch=2).embed(crops(5))
    assert [len(blob) for blob in session.blobs] == [2, 2, 1]
    assert (vectors[:, 0] / vectors[:, 1]).round().tolist() == [0, 10, 20, 30, 40]


def test_trailing_axes_of_one_are_dropped() -> None:
    session = Constant(np.full((1, 2, 1, 1), 3, np.float32))
    vectors = OnnxEmbedder(spec(), session).embed(crops(1))
    assert vectors.shape == (1, 2)


@pytest.mark.parametrize(
    "outputs", [(), (np.ones((1, 3), np.float32),), (np.ones((2, 1), np.float32),)]
)
def test_output_of_another_shape_raises(outputs: tuple[F32, ...]) -> None:
    with pytest.raises(ModelMismatch, match="want"):
        OnnxEmbedder(spec(), Constant(*outputs)).embed(crops(1))


def test_crops_of_another_size_raise() -> None:
    with pytest.raises(InvalidInput, match=r"crops: want uint8 \(N, 3, 2, 1\)"):
        OnnxEmbedder(spec(), Recorded()).embed(np.zeros((1, 3, 2, 2), np.uint8))


def test_detector_is_refused() -> None:
    with pytest.raises(ModelMismatch, match="want an embedder"):
        OnnxEmbedder(spec(task="detect"), Recorded())
