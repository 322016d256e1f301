"""What every `Embedder` promises."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from core.arrays import F32, U8
from core.errors import InvalidInput
from core.protocols import Embedder
from reid.embedder import OnnxEmbedder
from reid.fake import COLOUR_SPEC, ColourEmbedder

DIM = 8


class Projection:
    """A small real model: mean colours of eight stripes through a fixed matrix."""

    def run(self, blob: F32) -> Sequence[F32]:
        stripes = blob.reshape(len(blob), 3, DIM, -1).mean(axis=3)
        weights = np.random.default_rng(0).normal(size=(3 * DIM, DIM)).astype(np.float32)
        return [stripes.reshape(len(blob), -1) @ weights + 1]


def onnx() -> Embedder:
    spec = dataclasses.replace(COLOUR_SPEC, dim=DIM)
    return OnnxEmbedder(spec, Projection(), batch=4)


MAKERS = [
    pytest.param(ColourEmbedder, id="colour"),
    pytest.param(onnx, id="onnx"),
]
makers = pytest.mark.parametrize("make", MAKERS)


def crops_for(embedder: Embedder, count: int) -> U8:
    random = np.random.default_rng(1)
    return random.integers(0, 256, (count, 3, *embedder.spec.input_hw), dtype=np.uint8)


@makers
def test_no_crops_give_no_rows(make: Callable[[], Embedder]) -> None:
    embedder = make()
    vectors = embedder.embed(crops_for(embedder, 0))
    assert vectors.shape == (0, embedder.spec.dim)
    assert vectors.dtype == np.float32


@makers
def test_rows_have_length_one(make: Callable[[], Embedder]) -> None:
    embedder = make()
    vectors = embedder.embed(crops_for(embedder, 7))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@makers
def test_a_batch_equals_batches_of_one_in_order(make: Callable[[], Embedder]) -> None:
    embedder = make()
    crops = crops_for(embedder, 7)
    alone = np.concatenate([embedder.embed(crop[None]) for crop in crops])
    assert np.allclose(embedder.embed(crops), alone, atol=1e-5)


@makers
def test_crops_are_left_as_they_were(make: Callable[[], Embedder]) -> None:
    embedder = make()
    crops = crops_for(embedder, 2)
    before = crops.copy()
    embedder.embed(crops)
    assert (crops == before).all()


@makers
def test_crops_of_another_type_raise(make: Callable[[], Embedder]) -> None:
    embedder = make()
    with pytest.raises(InvalidInput, match="crops"):
        embedder.embed(crops_for(embedder, 1).astype(np.float32))


@makers
def test_spec_declares_an_embedder(make: Callable[[], Embedder]) -> None:
    spec = make().spec
    assert (spec.task, spec.family) == ("embed", "person")
