"""Whether anything moves in front of a camera, from a few thousand brightness cells."""

import math

import cv2
import numpy as np

from core.arrays import F32, U8, Bool
from core.clocks import ns_of, s_of
from core.errors import InvalidInput
from core.types import Frame

CELLS_HW = (90, 160)  # a person of 3 % of the picture's height is about 3 x 1 cells
HEARTBEAT_S = 3.0
HOLD_S = 1.5

# Brightness levels of 0 to 255. Coding and rounding alone move a cell by about one level.
_NOISE_AT_FIRST = 3.0
_NOISE_RANGE = (1.2, 5.0)  # never so noisy that a person of ordinary contrast drowns in it
_MEAN_ENERGY = 6.0  # of 3 x 3 cells, in squared noise; sound noise alone gives 1 +- 0.5
_MOST_PER_CELL = 27.0  # two cells at the least: not an insect, a star or a dead pixel
_AROUND = (31, 31)
_SWAY_CELLS = 0.25  # a pixel of a 640-wide picture
_MEMORY_S = 0.7
_NOISE_S = 12.0
_NOISE_EVERY_S = 0.5
_STIR_S = 30.0  # how fast the noise of a cell that moves all the time grows: leaves in the wind
_WARM_UP_S = 3.0
_LONGEST_STEP_S = 2.0


class MotionGate:
    """Lets frames through while something moves, for `hold_s` after, and every `heartbeat_s`.

    The heartbeat is for those who stand still: the caller lets its tracker coast in between. One
    gate per camera; `reset` it when the time line breaks.
    """

    def __init__(
        self,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        hold_s: float = HOLD_S,
        cells_hw: tuple[int, int] = CELLS_HW,
    ) -> None:
        if not heartbeat_s > 0 or not hold_s >= 0:
            raise InvalidInput(
                f"motion: want heartbeat above 0 s and hold from 0 s, got {heartbeat_s}, {hold_s}"
            )
        self._heartbeat_ns = ns_of(heartbeat_s)
        self._hold_ns = ns_of(hold_s)
        self._cells_hw = cells_hw
        self._scene: Scene | None = None
        self._last_ns = 0
        self._looked_ns = 0
        self._active_until_ns = 0

    def wants(self, frame: Frame) -> bool:
        """Whether to look at this frame; ask once per frame, in time order."""
        at_ns = frame.device_ns
        luma = frame.surface.luma(self._cells_hw)
        if self._scene is None or at_ns < self._last_ns:
            self._scene = Scene(luma)
            self._active_until_ns = at_ns + ns_of(_WARM_UP_S)
        elif self._scene.moves(luma, s_of(at_ns - self._last_ns)):
            self._active_until_ns = max(self._active_until_ns, at_ns + self._hold_ns)
        self._last_ns = at_ns
        if at_ns > self._active_until_ns and at_ns - self._looked_ns < self._heartbeat_ns:
            return False
        self._looked_ns = at_ns
        return True

    def reset(self) -> None:
        """The time line broke: learn the scene anew."""
        self._scene = None


class Scene:
    """What each cell looked like over the last second or so, and how much it varies at rest.

    Cells are compared after the light around them, so that clouds, auto-exposure and local tone
    mapping, which are smooth over the picture, cancel. At edges more is allowed, for a mast that
    sways and a codec that rings. A cell's noise is a running quantile of its deviation (by sign
    steps, as in Manzanera and Richefeu 2007), which passers-by hardly inflate. The memory is short
    on purpose: what came to rest is quiet soon, and what moves too slowly to be seen against it
    hardly leaves its place between two heartbeats.
    """

    def __init__(self, luma: U8) -> None:
        self._usual: F32 = luma.astype(np.float32)
        self._around: F32 = np.asarray(cv2.blur(self._usual, _AROUND), np.float32)
        self._noise: F32 = np.full(luma.shape, _NOISE_AT_FIRST, np.float32)
        self._allowed: F32 = np.square(self._noise)
        self._unlearnt_s = _NOISE_EVERY_S

    def moves(self, luma: U8, step_s: float) -> bool:
        """Whether something is where it was not before; learns from the picture."""
        now: F32 = luma.astype(np.float32)
        around: F32 = np.asarray(cv2.blur(now, _AROUND), np.float32)
        step_s = min(step_s, _LONGEST_STEP_S)
        self._unlearnt_s += step_s
        if self._unlearnt_s >= _NOISE_EVERY_S:
            # Neighbours are alike, and an estimate by single steps wavers: the larger holds.
            shared = np.maximum(self._noise, cv2.blur(self._noise, (5, 5)))
            self._allowed = np.square(shared) + _edges(self._usual)
        light = (around + 1) / (self._around + 1)
        off = now - self._usual * light
        energy = np.minimum(off * off / self._allowed, _MOST_PER_CELL)
        quiet: Bool = np.asarray(cv2.blur(energy, (3, 3)) < _MEAN_ENERGY, np.bool_)
        if self._unlearnt_s >= _NOISE_EVERY_S:
            self._learn_noise(np.abs(off), quiet)
        share = 1 - math.exp(-step_s / _MEMORY_S)
        cv2.accumulateWeighted(now, self._usual, share)
        cv2.accumulateWeighted(around, self._around, share)
        return not quiet.all()

    def _learn_noise(self, deviation: F32, quiet: Bool) -> None:
        step_s, self._unlearnt_s = self._unlearnt_s, 0.0
        pace = np.where(quiet, np.float32(step_s / _NOISE_S), np.float32(step_s / _STIR_S))
        # One deviation in three lies beyond one sigma: up steps are twice the down steps.
        self._noise *= np.where(deviation > self._noise, 1 + 2 * pace, 1 / (1 + pace))
        np.clip(self._noise, *_NOISE_RANGE, out=self._noise)


def _edges(usual: F32) -> F32:
    """Squared brightness by which each cell changes when the picture shifts by `_SWAY_CELLS`."""
    square = np.ones((3, 3), np.uint8)
    swing = cv2.morphologyEx(usual.astype(np.uint8), cv2.MORPH_GRADIENT, square)
    return np.asarray((swing.astype(np.float32) * (_SWAY_CELLS / 2)) ** 2, np.float32)
