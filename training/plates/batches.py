"""Packs become batches: samples drawn again and again, each time a little otherwise."""

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset

from core.arrays import F32, F64, I64, U8
from core.plates.alphabet import ABSENT, index_of
from training.declared import (
    COLOURS,
    FINDER_HW,
    LAYOUT_NAMES,
    MEAN,
    POSITIONS,
    READER_HW,
    STD,
)
from training.distort import grained, softened, tinted
from training.plates.networks import STRIDE_PX
from training.plates.packs import FinderSample, ReaderSample, decoded

Batch = Mapping[str, torch.Tensor]

_HEAT = 4.5
"""How quickly a cell's belief falls with its distance from the middle, in half plates squared."""
_LEAST_PX = 12.0
"""A finder need not find what is narrower."""


class ReaderBatches(IterableDataset[Batch]):
    """`count` batches of `rows` plates; the same for the same seed."""

    def __init__(self, samples: Sequence[ReaderSample], *, seed: int, count: int, rows: int):
        self._samples, self._seed, self._count, self._rows = samples, seed, count, rows

    def __iter__(self) -> Iterator[Batch]:
        for number in own_share(self._count):
            rng = np.random.default_rng((self._seed, number))
            drawn = [
                self._samples[row] for row in rng.integers(len(self._samples), size=self._rows)
            ]
            pictures = [seen_anew(decoded(one.jpeg), rng) for one in drawn]
            yield reader_batch(drawn, pictures)


class FinderBatches(IterableDataset[Batch]):
    """`count` batches of `rows` pieces of pictures; the same for the same seed."""

    def __init__(self, samples: Sequence[FinderSample], *, seed: int, count: int, rows: int):
        self._samples, self._seed, self._count, self._rows = samples, seed, count, rows

    def __iter__(self) -> Iterator[Batch]:
        for number in own_share(self._count):
            rng = np.random.default_rng((self._seed, number))
            drawn = [
                self._samples[row] for row in rng.integers(len(self._samples), size=self._rows)
            ]
            yield finder_batch([moved(one, rng) for one in drawn])


def own_share(count: int) -> range:
    """The numbers of batches that fall to this worker."""
    worker = torch.utils.data.get_worker_info()
    return range(count) if worker is None else range(worker.id, count, worker.num_workers)


def reader_batch(samples: Sequence[ReaderSample], pictures: Sequence[U8]) -> Batch:
    """Pictures (h, w, 3) of samples with what is to be read on them."""
    return {
        "pictures": stacked(pictures),
        "columns": torch.from_numpy(np.stack([columns_of(one.text) for one in samples])),
        "layout": torch.tensor([LAYOUT_NAMES.index(one.layout) for one in samples]),
        "colour": torch.tensor([COLOURS.index(one.colour) for one in samples]),
    }


def finder_batch(pieces: Sequence[tuple[U8, F32]]) -> Batch:
    """Pictures (h, w, 3) with the corners (P, 4, 2) of their plates, as cells."""
    cells = [cells_of(corners) for _, corners in pieces]
    return {
        "pictures": stacked([picture for picture, _ in pieces]),
        "heat": torch.from_numpy(np.stack([heat for heat, _ in cells])),
        "corners": torch.from_numpy(np.stack([corners for _, corners in cells])),
    }


def stacked(pictures: Sequence[U8]) -> torch.Tensor:
    """Pictures (h, w, 3) as (N, 3, h, w)."""
    whole = np.stack(pictures).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(whole))


def as_input(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels as the models declare they want them."""
    scaled = (pixels.float() / 255 - MEAN) / STD
    return scaled.contiguous(memory_format=torch.channels_last)


def columns_of(text: str) -> I64:
    """The column of each position (P,), `ABSENT` after the last."""
    columns = np.full(POSITIONS, ABSENT, np.int64)
    columns[: len(text)] = index_of(text)
    return columns


def seen_anew(picture: U8, rng: np.random.Generator) -> U8:
    """A level plate (h, w, 3) as a finder a little off and another camera would have given it."""
    height, width = READER_HW
    grown = np.exp(rng.normal(0, 0.025, 2))
    sheared = rng.normal(0, 0.02, 2) * (width / height, height / width)
    matrix = np.array([[grown[0], sheared[0], 0], [sheared[1], grown[1], 0]], np.float64)
    middle = np.array([width / 2, height / 2])
    matrix[:, 2] = middle - matrix[:, :2] @ middle + rng.normal(0, 0.012, 2) * (width, height)
    return spoiled(warped(picture, matrix, READER_HW), rng, most_px=1.0)


def spoiled(picture: U8, rng: np.random.Generator, *, most_px: float) -> U8:
    """Another light and at times another lens."""
    picture = tinted(picture, rng, 0.6)
    if rng.random() < 0.15:
        picture = softened(picture, rng, most_px)
    if rng.random() < 0.2:
        picture = grained(picture, rng, 10.0)
    return picture


def moved(sample: FinderSample, rng: np.random.Generator) -> tuple[U8, F32]:
    """A piece of a picture cut nearer, farther or beside, with the corners of what is left."""
    height, width = FINDER_HW
    scale = float(np.exp(rng.normal(0.05, 0.22)))
    narrowed = float(np.exp(rng.normal(0, 0.06)))
    turned = float(rng.normal(0, 0.05))
    turn = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
    linear = turn * scale * np.array([narrowed, 1 / narrowed])
    middle = np.array([width / 2, height / 2])
    shift = rng.normal(0, 0.1, 2) * (width, height)
    matrix = np.hstack([linear, (middle - linear @ middle + shift)[:, None]])
    picture = spoiled(warped(decoded(sample.jpeg), matrix, FINDER_HW), rng, most_px=1.0)
    corners = np.asarray(sample.corners @ linear.T + matrix[:, 2], np.float32)
    return picture, corners[[is_seen(one) for one in corners]] if len(corners) else corners


def warped(picture: U8, matrix: F64, hw: tuple[int, int]) -> U8:
    """The picture after an affine map of its points, borders repeated."""
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # pixel middles
    return np.asarray(
        cv2.warpAffine(
            picture, centred, hw[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def is_seen(corners: F32) -> bool:
    """Whether most of a plate (4, 2) lies in the piece, and large enough to be found."""
    height, width = FINDER_HW
    inside = ((corners >= -2) & (corners <= (width + 2, height + 2))).all(axis=1).sum()
    wide = np.linalg.norm(corners[1] - corners[0])
    return bool(inside >= 3 and wide >= 0.8 * _LEAST_PX)


def cells_of(corners: F32) -> tuple[F32, F32]:
    """Belief (h, w), 1 at each plate's middle, and the corners (8, h, w) of the nearest plate."""
    height, width = FINDER_HW[0] // STRIDE_PX, FINDER_HW[1] // STRIDE_PX
    heat, belonging = (
        np.zeros((height, width), np.float32),
        np.zeros((8, height, width), np.float32),
    )
    down, across = (np.mgrid[0:height, 0:width] + 0.5) * STRIDE_PX
    for one in corners:
        middle = one.mean(axis=0)
        right, low = (
            (one[1] + one[2] - one[0] - one[3]) / 4,
            (one[2] + one[3] - one[0] - one[1]) / 4,
        )
        basis = np.linalg.inv(np.stack([right, low], axis=1).astype(np.float64) + 1e-6 * np.eye(2))
        apart = np.stack([across - middle[0], down - middle[1]])
        shares = np.tensordot(basis, apart, 1)
        hill = np.exp(-_HEAT * np.square(shares).sum(axis=0)).astype(np.float32)
        cell = np.clip(middle / STRIDE_PX, 0, (width - 1, height - 1)).astype(int)
        hill[cell[1], cell[0]] = 1
        nearer = hill > heat
        heat[nearer] = hill[nearer]
        belonging[:, nearer] = one.reshape(8, 1)
    return heat, belonging
