"""How long subjects take from one camera's view to another's: densities, not limits.

The limits are `cases.transit`'s, on the same speeds and ways.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cases.transit import VIEW_REACH_M
from core.arrays import F64, Bool
from core.types import Family, SpeedPrior

_QUANTILE = 2.576
"""A prior's slowest to fastest speed is taken for the central 99 % of a log-normal."""

USUAL_SPREAD: Mapping[str, float] = {
    Family.PERSON: 0.25,  # walkers 0.19 (Weidmann, as in `cases.transit`), and which way they took
    Family.RIDER: 0.35,  # bicycles to motorcycles; own assumption
    Family.VEHICLE: 0.4,  # lights and queues; own assumption
}
"""Log-deviation of most subjects' times on one way."""
USUAL = 0.7
"""How many of those who do not stay are usual; the others may be as slow or as fast as worth
belief."""

RUNS, RUN_MPS, RUN_SPREAD = 0.15, 3.5, 0.4
"""How often somebody on foot runs, and how fast (a jog to a sprint): who flees does. Own
assumption."""

STOPS = 0.25
STOPPED_S = 900.0
"""How often somebody stays on the way, and for how long in the mean: a shop, a wait, a hideout. Own
assumptions; in two hours a stay has nearly any length, so its tail is exponential."""

CHANGED_SIGMA = 1.0
"""Of the log of the time where the carrier changed on the way, nobody knows where."""


@dataclass(frozen=True, slots=True)
class TravelTimes:
    """Log-densities of gaps between sightings, in 1/s."""

    speeds: Mapping[str, SpeedPrior]

    def log_density(self, family: str, gap_s: F64, distance_m: F64, sigma_s: F64) -> F64:
        """ln of the density of each gap, for subjects of a family over these ways. All (N,).

        `gap_s` runs from the end of one sighting to the start of the next and may be negative by
        clock error. `sigma_s` is both clocks' together.
        """
        prior = self.speeds[family]
        wide = math.log(prior.fast_mps / prior.slow_mps) / (2 * _QUANTILE)
        blur_s = self._blur_s(prior, sigma_s)
        usual_s = distance_m / prior.usual_mps
        moves = [
            ((1 - STOPS) * USUAL, usual_s, USUAL_SPREAD[family]),
            ((1 - STOPS) * (1 - USUAL), usual_s, wide),
        ]
        stays = STOPS
        if family == Family.PERSON:  # who runs does not stay
            moves = [(share * (1 - RUNS), time_s, spread) for share, time_s, spread in moves]
            moves.append((RUNS, distance_m / RUN_MPS, RUN_SPREAD))
            stays *= 1 - RUNS
        return _log_mixture(gap_s, moves, (stays, usual_s), blur_s)

    def log_density_changed(
        self, families: tuple[str, str], gap_s: F64, distance_m: F64, sigma_s: F64
    ) -> F64:
        """The same where the subject changed from the one family to the other on the way."""
        before, after = (self.speeds[family] for family in families)
        usual_mps = math.sqrt(before.usual_mps * after.usual_mps)
        slower = min(before, after, key=lambda prior: prior.usual_mps)
        blur_s = self._blur_s(slower, sigma_s)
        usual_s = distance_m / usual_mps
        return _log_mixture(gap_s, [(1 - STOPS, usual_s, CHANGED_SIGMA)], (STOPS, usual_s), blur_s)

    def feasible(self, families: tuple[str, str], gap_s: F64, least_m: F64, slack_s: F64) -> Bool:
        """Whether the faster of both could do it, as `Transit.judge` says. All (N,)."""
        fast_mps = max(self.speeds[family].fast_mps for family in families)
        return (least_m <= 0) | (least_m / fast_mps <= gap_s + slack_s)

    def _blur_s(self, prior: SpeedPrior, sigma_s: F64) -> F64:
        """Clocks, and where in the two views the tracks end and begin."""
        return np.sqrt(np.square(sigma_s) + (VIEW_REACH_M / prior.usual_mps) ** 2)


def log_density_here(gap_s: F64, *, usual_s: float) -> F64:
    """ln of the density of a gap within one view (N,): a track broken, or a subject come back.

    `usual_s` is the mean of the former. A small overlap counts as no gap.
    """
    waited_s = np.maximum(gap_s, 0.0)
    broken = (1 - STOPS) / usual_s * np.exp(-waited_s / usual_s)
    back = STOPS / STOPPED_S * np.exp(-waited_s / STOPPED_S)
    return np.log(broken + back)


def _log_mixture(
    gap_s: F64,
    moves: Sequence[tuple[float, F64, float]],
    stays: tuple[float, F64],
    blur_s: F64,
) -> F64:
    """ln of: gone straight, in one of several manners, or with a stay on the way.

    `moves` are shares with the median time and the log-deviation of each manner; `stays` is the
    share with a stay, which begins no sooner than half the usual time given with it. Shares sum to
    one. (Written for arrays of a million: `np.logaddexp` takes ten times as long as one sum.)
    """
    parts = np.empty((len(moves) + 1, len(gap_s)))
    for part, (share, time_s, spread) in zip(parts, moves, strict=False):
        part[:] = _log_shifted(gap_s, time_s, spread, blur_s) + math.log(share)
    over_s = gap_s - 0.5 * stays[1]
    parts[-1] = math.log(stays[0] / STOPPED_S) - np.maximum(over_s, 0.0) / STOPPED_S
    parts[-1] -= 0.5 * np.square(np.minimum(over_s, 0.0) / blur_s)
    most = parts.max(axis=0)  # finite, for a stay is
    return np.asarray(most + np.log(np.exp(parts - most).sum(axis=0)), np.float64)


def _log_shifted(gap_s: F64, usual_s: F64, spread: float, blur_s: F64) -> F64:
    """ln of a log-normal time (median `usual_s`, log-deviation `spread`) plus a normal error.

    Their sum is taken for a log-normal that begins three errors earlier, with the same mean and
    variance (Fenton, IRE Transactions on Communications Systems 8, 1960, of sums in general).
    """
    start_s = -3.0 * blur_s
    grown = math.expm1(spread * spread)
    mean_s = usual_s * math.exp(spread * spread / 2)
    variance = np.square(mean_s) * grown + np.square(blur_s)
    from_start_s = mean_s - start_s
    sigma2 = np.log1p(variance / np.square(from_start_s))
    mu = np.log(from_start_s) - sigma2 / 2
    past_s = gap_s - start_s
    log_past = np.log(np.maximum(past_s, 1e-9))
    density = -log_past - 0.5 * np.log(2 * np.pi * sigma2) - np.square(log_past - mu) / (2 * sigma2)
    return np.where(past_s > 0, density, -np.inf)
