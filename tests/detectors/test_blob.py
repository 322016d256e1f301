"""Pictures as models want them, against the formula spelled out."""

import numpy as np
import pytest

from core.arrays import U8
from core.errors import InvalidInput
from detectors.blob import blob_of
from tests.detectors.builders import detector_spec


def pictures(count: int = 2) -> U8:
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
@pytest.mark.parametrize(
    ("scale", "mean", "std"),
    [
        (1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        (1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        (1.0, (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)),
    ],
)
def test_blob_follows_the_declaration(
    layout: str,
    colour: str,
    scale: float,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> None:
    spec = detector_spec(layout=layout, colour=colour, scale=scale, mean=mean, std=std)
    rgb = pictures()
    ordered = rgb[..., ::-1] if colour == "BGR" else rgb
    wanted = (ordered.astype(np.float64) * scale - mean) / std
    if layout == "NCHW":
        wanted = wanted.transpose(0, 3, 1, 2)
    blob = blob_of(rgb, spec)
    assert blob.dtype == np.float32
    assert blob.flags.c_contiguous
    assert np.allclose(blob, wanted, atol=1e-5)


def test_no_pictures_give_an_empty_blob() -> None:
    assert blob_of(pictures(0), detector_spec()).shape == (0, 3, 64, 64)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"pictures: want uint8 \(B, 64, 64, 3\)"):
        blob_of(np.zeros((1, 32, 64, 3), np.uint8), detector_spec())
