"""Batches of crops for the embedders: some identities, several views of each, nothing twice alike.

Every identity comes with views of as many cameras as it has. Its companions in a batch are not
drawn at random: from the second part of the training on they are those that the network confuses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from core.arrays import I64, U8
from training import distort
from training.packs import Crop

_SHIFT = 0.07  # of the box, each side by itself: how badly a detector's box sits
_LEAST_PX = 24


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Crops by identity: `views` rows of `crops` of each, apart by camera."""

    crops: Sequence[Crop]
    names: tuple[str, ...]
    views: tuple[I64, ...]

    def __len__(self) -> int:
        return len(self.names)


def album_of(crops: Sequence[Crop], family: str, *, least: int = 4) -> Album:
    """The identities of one family (`person`, `vehicle`) that have `least` crops or more."""
    rows: dict[str, list[int]] = {}
    for row, crop in enumerate(crops):
        name = crop.person if family == "person" else crop.vehicle
        if name:
            rows.setdefault(name, []).append(row)
    kept = {name: found for name, found in rows.items() if len(found) >= least}
    return Album(crops, tuple(kept), tuple(np.array(found, np.int64) for found in kept.values()))


def chosen_views(album: Album, who: int, count: int, rng: np.random.Generator) -> list[int]:
    """Rows of `count` crops of one identity, of different cameras first."""
    rows = rng.permutation(album.views[who])
    seen: dict[int, int] = {}
    turn = []
    for row in rows.tolist():
        camera = album.crops[row].camera
        seen[camera] = seen.get(camera, 0) + 1
        turn.append(seen[camera])
    order = rows[np.argsort(turn, kind="stable")]
    return [int(order[place % len(order)]) for place in range(count)]


def view_of(crop: Crop, hw: tuple[int, int], rng: np.random.Generator, strength: float = 1.0) -> U8:
    """One crop (h, w, 3) as some other detector and camera would have cut it; `strength` 0 to 1
    says how different that one is."""
    rgb = crop.rgb
    if rng.random() < 0.4 * strength:
        rgb = distort.shrunk(rgb, rng, _LEAST_PX)
    rgb = cut(rgb, _shifted(crop.box, rng), hw)
    if rng.random() < 0.5:
        rgb = np.ascontiguousarray(rgb[:, ::-1])
    if rng.random() < 0.3 * strength:
        rgb = distort.veiled(rgb, rng)
    rgb = distort.tinted(rgb, rng, 0.8 * strength)
    if rng.random() < 0.3 * strength:
        rgb = distort.softened(rgb, rng, 1.5)
    if rng.random() < 0.3 * strength:
        rgb = distort.grained(rgb, rng, 12)
    return distort.compressed(rgb, rng) if rng.random() < 0.3 * strength else rgb


def plain_view(crop: Crop, hw: tuple[int, int]) -> U8:
    """The crop as it is, cut where the box is."""
    return cut(crop.rgb, crop.box, hw)


def plain_views(crops: Sequence[Crop], hw: tuple[int, int]) -> torch.Tensor:
    """Crops as they are, (N, 3, h, w) uint8."""
    views = np.stack([plain_view(crop, hw) for crop in crops])
    return torch.from_numpy(np.ascontiguousarray(views.transpose(0, 3, 1, 2)))


def cut(rgb: U8, box: tuple[float, float, float, float], hw: tuple[int, int]) -> U8:
    """A box in shares of the picture, resized: averaged when shrunk, interpolated when grown."""
    height, width = rgb.shape[:2]
    left, top = max(0, round(box[0] * width)), max(0, round(box[1] * height))
    right, bottom = max(left + 1, round(box[2] * width)), max(top + 1, round(box[3] * height))
    piece = rgb[min(top, height - 1) : bottom, min(left, width - 1) : right]
    shrinks = piece.shape[0] > hw[0] or piece.shape[1] > hw[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, hw[::-1], interpolation=how), np.uint8)


def _shifted(
    box: tuple[float, float, float, float], rng: np.random.Generator
) -> tuple[float, float, float, float]:
    sides = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    left, top, right, bottom = np.clip(box + rng.normal(0, _SHIFT, 4) * sides, 0, 1).tolist()
    if right - left < 0.2 or bottom - top < 0.2:
        return box
    return left, top, right, bottom


# --- batches -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draw:
    """What a batch is: `anchors` identities with their `beside` nearest ones, `views` of each."""

    anchors: int = 8
    beside: int = 2
    views: int = 4


class Batches(IterableDataset[Mapping[str, torch.Tensor]]):
    """`count` batches: `crops` uint8 (B, 3, h, w) and `who` (B,); every worker draws its own.

    `nearest` (I, n) ranks the identities by how alike the network finds them; None is at random.
    """

    def __init__(
        self,
        album: Album,
        hw: tuple[int, int],
        *,
        seed: int,
        count: int,
        draw: Draw,
        nearest: I64 | None = None,
        strength: float = 1.0,
    ) -> None:
        self._album, self._hw, self._seed, self._count = album, hw, seed, count
        self._draw, self._nearest, self._strength = draw, nearest, strength

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Mapping[str, torch.Tensor]]:
        worker = get_worker_info()
        row, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        cv2.setNumThreads(1)
        rng = np.random.default_rng((self._seed, row))
        for _ in range(row, self._count, workers):
            yield self._batch(rng)

    def _batch(self, rng: np.random.Generator) -> Mapping[str, torch.Tensor]:
        views, who = [], []
        for identity in self._identities(rng):
            for row in chosen_views(self._album, identity, self._draw.views, rng):
                views.append(view_of(self._album.crops[row], self._hw, rng, self._strength))
                who.append(identity)
        pixels = np.ascontiguousarray(np.stack(views).transpose(0, 3, 1, 2))
        return {"crops": torch.from_numpy(pixels), "who": torch.tensor(who)}

    def _identities(self, rng: np.random.Generator) -> list[int]:
        """Distinct identities of one batch."""
        wanted = min(self._draw.anchors * (1 + self._draw.beside), len(self._album))
        drawn: list[int] = rng.permutation(len(self._album)).tolist()
        if self._nearest is None:
            return drawn[:wanted]
        chosen: dict[int, None] = {}
        for anchor in drawn:
            near = self._nearest[anchor, 1:]
            beside = rng.permutation(near)[: self._draw.beside].tolist()
            for identity in (anchor, *beside):
                if len(chosen) < wanted:
                    chosen[identity] = None
        return list(chosen)
