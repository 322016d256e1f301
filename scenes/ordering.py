"""What hides what: the order to paint in, and what stands before a mover."""

import numpy as np

from core.arrays import F32, F64, Bool
from scenes.canvas import Sprite
from scenes.shapes import Figure
from scenes.views import View

_TOUCHING_M = 1e-3
_EDGE_M = 0.1  # the outermost pixels look past the corners
_SLACK_M = 0.25  # a wall's plane and a mover that touches it are painted by different modules


def footprint(figure: Figure) -> F64:
    """The upright box's corners (4, 2) on the ground, counter-clockwise, around a figure in its own
    frame."""
    flat = figure.mesh.corners_m[:, ::2, :2].reshape(-1, 2)  # neighbours have the others
    (left, back), (right, front) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
    return np.array([(left, back), (right, back), (right, front), (left, front)])


def far_to_near(footprints: F64, sprites: list[Sprite], eye_m: tuple[float, float]) -> list[int]:
    """The order to paint in, rows of the footprints (N, 4, 2).

    A line along one's side that has the other and the eye beyond it says that the other is nearer
    (Schumacker's separating planes, 1969); where none does, what is nearer on the whole.
    """
    before = _before(footprints, np.asarray(eye_m)) & _overlapping(sprites)
    left = sorted(range(len(sprites)), key=lambda row: -sprites[row].depth_m)
    order: list[int] = []
    while left:
        free = (row for row in left if not before[left, row].any())
        chosen = next(free, left[0])
        left.remove(chosen)
        order.append(chosen)
    return order


def _before(footprints: F64, eye_m: F64) -> Bool:
    """Whether row must be painted before column, (N, N)."""
    along = np.roll(footprints, -1, axis=1) - footprints
    out = np.stack([along[..., 1], -along[..., 0]], axis=-1)  # (N, 4, 2)
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-9)
    level = (out * footprints).sum(axis=2)  # (N, 4)
    heights = np.einsum("nek,mck->nemc", out, footprints) - level[:, :, None, None]
    beyond = (heights > -_TOUCHING_M).all(axis=3)  # the other's whole footprint, (N, 4, M)
    eye_beyond = (out @ eye_m > level)[:, :, None]
    farther = (beyond & eye_beyond).any(axis=1)  # row is farther than column
    nearer = (beyond & ~eye_beyond).any(axis=1)
    return np.asarray((farther | nearer.T) & ~(nearer | farther.T), np.bool_)


def _overlapping(sprites: list[Sprite]) -> Bool:
    boxes = np.array([sprite.xyxy for sprite in sprites])
    low, high = boxes[:, :2], boxes[:, 2:]
    apart = (low[:, None] > high[None]).any(axis=2)
    return np.asarray(~(apart | apart.T), np.bool_)


def hidden(sprite: Sprite, ground: F64, standing_m: F32, view: View) -> Bool:
    """Which pixels of a sprite (h, w) are hidden by what stands, given as depth at each pixel of
    the picture; `ground` (4, 2) is the footprint that the sprite stands on."""
    depth = standing_m[sprite.window]
    behind = depth < sprite.near_m - _SLACK_M
    unsure = (depth < sprite.far_m) & ~behind & (sprite.rgba[..., 3] > 0)
    rows, columns = np.nonzero(unsure)
    if len(rows):
        px = np.column_stack([columns + sprite.left_px, rows + sprite.top_px]) + 0.5
        rays = view.rays(px.astype(np.float32))[:, :2] * depth[rows, columns][:, None]
        behind[rows, columns] = _enters(rays, ground - np.asarray(view.position_m[:2])) > 1.0
    return np.asarray(behind, np.bool_)


def _enters(rays_m: F64, corners_m: F64) -> F64:
    """How far along each ray (N, 2) from the origin, as a share of its length, it comes to a
    rectangle (4, 2); to the height of its middle where it misses it, (N,)."""
    middle = corners_m.mean(axis=0)
    enter, leave = np.full(len(rays_m), -np.inf), np.full(len(rays_m), np.inf)
    for axis in (corners_m[1] - corners_m[0], corners_m[3] - corners_m[0]):
        length = float(np.linalg.norm(axis))
        half, unit = length / 2 + _EDGE_M, axis / max(length, 1e-9)
        slope = rays_m @ unit
        slope = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
        one, other = ((float(middle @ unit) + sign * half) / slope for sign in (-1, 1))
        enter, leave = (
            np.maximum(enter, np.minimum(one, other)),
            np.minimum(leave, np.maximum(one, other)),
        )
    level = (rays_m @ middle) / np.maximum((rays_m * rays_m).sum(axis=1), 1e-9)
    return np.asarray(np.where(enter <= leave, enter, level))
