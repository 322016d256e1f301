"""Where every track is and how sure we are of it, for uneven steps of time; all tracks at once.

Each of a box's four numbers (centre x and y, width, height) has a place and a velocity and moves
by itself, so a track is four filters of two states rather than one of eight: the same answer as
the usual block-diagonal 8x8 filter, without its matrices.

Velocity follows an Ornstein-Uhlenbeck process (it is pushed about and dies away), so that a subject
who is not seen slows down instead of leaving the picture, and two short steps equal one long one
exactly, whatever the cadence (Johnson et al., "Continuous-time correlated random walk model",
Ecology 2008). All noise is relative to box height, the one measure of distance a box has
(Wojke et al., "Simple online and realtime tracking", 2017).
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from core.arrays import F32, F64, I64, Bool


@dataclass(frozen=True, slots=True)
class Motion:
    """How boxes move and are measured; lengths are in box heights, speeds those of a walker.

    A walker is 1.7 m tall and does 1.4 m/s: 0.8 heights a second, reached or lost within about a
    second. A box's sides change far more slowly than its place.
    """

    place_noise: float = 0.05  # of a measured centre, heights
    side_noise: float = 0.07  # of a measured width or height, heights
    start_speed: float = 0.8  # spread of the velocity of a subject seen once, heights a second
    push: float = 0.8  # growth of the velocity's spread, heights / s^1.5
    side_push: float = 0.2  # the same for width and height
    start_side_speed: float = 0.2
    memory_s: float = 1.5  # after so long unseen, velocity has fallen to 1/e


@dataclass(slots=True)
class KalmanTracks:
    """State of K tracks, float64 (K, 4) each; the last axis is centre x, centre y, width, height.

    `pp`, `pv` and `vv` are the variance of place, its covariance with velocity, and velocity's.
    `pace` (K, 1) is how many times a walker's speed, in its own heights, a track's kind does.
    """

    place: F64
    velocity: F64
    pp: F64
    pv: F64
    vv: F64
    pace: F64

    @classmethod
    def started(cls, xyxy: F32, pace: F64, motion: Motion) -> Self:
        """Tracks of boxes (K, 4) seen once, of `pace` (K,): at rest, as far as known."""
        place = centres_of(xyxy)
        height = place[:, 3:]
        zeros = np.zeros_like(place)
        pp = (_place_noise(motion) * height) ** 2
        vv = (_start_speed(motion) * height * pace[:, None]) ** 2
        return cls(place, zeros, pp, zeros.copy(), vv, pace[:, None])

    def __len__(self) -> int:
        return len(self.place)

    def taken(self, rows: I64 | Bool) -> Self:
        """Only these rows."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def joined(self, other: Self) -> Self:
        """Both, in order."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def predict(self, dt_s: float, motion: Motion) -> None:
        """Move all tracks on by `dt_s` seconds."""
        tau = motion.memory_s
        kept = np.exp(-dt_s / tau)
        reach = tau * (1 - kept)
        force = (_push(motion) * self.place[:, 3:] * self.pace) ** 2
        q_vv = tau / 2 * (1 - kept**2)
        q_pv = tau**2 / 2 * (1 - kept) ** 2
        q_pp = tau**2 * (dt_s - 2 * reach + q_vv)
        self.place = self.place + reach * self.velocity
        self.velocity = kept * self.velocity
        self.pp = self.pp + 2 * reach * self.pv + reach**2 * self.vv + force * q_pp
        self.pv = kept * (self.pv + reach * self.vv) + force * q_pv
        self.vv = kept**2 * self.vv + force * q_vv
        # A side that shrank through zero would turn the box inside out.
        self.place[:, 2:] = np.maximum(self.place[:, 2:], 1.0)

    def correct(self, rows: I64, xyxy: F32, motion: Motion) -> None:
        """Pull tracks `rows` (M,) towards their measured boxes (M, 4)."""
        measured = centres_of(xyxy)
        noise = (_place_noise(motion) * measured[:, 3:]) ** 2
        pp, pv, vv = self.pp[rows], self.pv[rows], self.vv[rows]
        total = pp + noise
        gain_p, gain_v = pp / total, pv / total
        surprise = measured - self.place[rows]
        self.place[rows] += gain_p * surprise
        self.velocity[rows] += gain_v * surprise
        self.pp[rows] = gain_p * noise
        self.pv[rows] = (1 - gain_p) * pv
        self.vv[rows] = vv - gain_v * pv

    def rest(self, motion: Motion) -> None:
        """Nothing moved: every place stays as it is, and velocity is unknown around zero."""
        self.velocity = np.zeros_like(self.velocity)
        self.pv = np.zeros_like(self.pv)
        self.vv = (_start_speed(motion) * self.place[:, 3:] * self.pace) ** 2

    def boxes(self) -> F32:
        """Where the tracks are now, xyxy (K, 4)."""
        half = self.place[:, 2:] / 2
        low, high = self.place[:, :2] - half, self.place[:, :2] + half
        return np.concatenate([low, high], axis=1).astype(np.float32)


def no_tracks() -> KalmanTracks:
    """K = 0."""
    return KalmanTracks.started(np.empty((0, 4), np.float32), np.empty(0), Motion())


def centres_of(xyxy: F32) -> F64:
    """Boxes (N, 4) as centre x, centre y, width, height, float64; sides at least one pixel."""
    box = xyxy.astype(np.float64)
    sides = np.maximum(box[:, 2:] - box[:, :2], 1.0)
    return np.concatenate([(box[:, :2] + box[:, 2:]) / 2, sides], axis=1)


def _place_noise(motion: Motion) -> F64:
    return np.array([motion.place_noise] * 2 + [motion.side_noise] * 2)


def _start_speed(motion: Motion) -> F64:
    return np.array([motion.start_speed] * 2 + [motion.start_side_speed] * 2)


def _push(motion: Motion) -> F64:
    return np.array([motion.push] * 2 + [motion.side_push] * 2)
