"""How long subjects take from one camera's view to another's: densities, not limits.

The limits are `cases.transit`'s, on the same speeds and ways.
"""

import functools
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
        spreads = ((USUAL, USUAL_SPREAD[family]), (1 - USUAL, wide))
        nats = _with_stays(gap_s, usual_s, spreads, blur_s)
        if family != Family.PERSON:
            return nats
        run = _log_shifted(gap_s, distance_m / RUN_MPS, RUN_SPREAD, blur_s)
        return np.asarray(np.logaddexp(nats + math.log1p(-RUNS), run + math.log(RUNS)), np.float64)

    def log_density_changed(
        self, families: tuple[str, str], gap_s: F64, distance_m: F64, sigma_s: F64
    ) -> F64:
        """The same where the subject changed from the one family to the other on the way."""
        before, after = (self.speeds[family] for family in families)
        usual_mps = math.sqrt(before.usual_mps * after.usual_mps)
        slower = min(before, after, key=lambda prior: prior.usual_mps)
        blur_s = self._blur_s(slower, sigma_s)
        return _with_stays(gap_s, distance_m / usual_mps, ((1.0, CHANGED_SIGMA),), blur_s)

    def feasible(self, families: tuple[str, str], gap_s: F64, least_m: F64, slack_s: F64) -> Bool:
        """Whether the faster of both could do it, as `Transit.judge` says. All (N,)."""
        fast_mps = max(self.speeds[family].fast_mps for family in families)
        return (least_m <= 0) | (least_m / fast_mps <= gap_s + slack_s)

    def _blur_s(self, prior: SpeedPrior, sigma_s: F64) -> F64:
        """Clocks, and where in the two views the tracks end and begin."""
        return np.hypot(sigma_s, VIEW_REACH_M / prior.usual_mps)


def log_density_here(gap_s: F64, *, usual_s: float) -> F64:
    """ln of the density of a gap within one view (N,): a track broken, or a subject come back.

    `usual_s` is the mean of the former. A small overlap counts as no gap.
    """
    waited_s = np.maximum(gap_s, 0.0)
    broken = (1 - STOPS) / usual_s * np.exp(-waited_s / usual_s)
    back = STOPS / STOPPED_S * np.exp(-waited_s / STOPPED_S)
    return np.log(broken + back)


def _with_stays(
    gap_s: F64, usual_s: F64, spreads: Sequence[tuple[float, float]], blur_s: F64
) -> F64:
    """ln of: gone straight, or with a stay that begins no sooner than half the usual time.

    `spreads` are shares of those who go straight, with their log-deviation.
    """
    parts = [
        _log_shifted(gap_s, usual_s, spread, blur_s) + math.log((1 - STOPS) * share)
        for share, spread in spreads
    ]
    moving = functools.reduce(np.logaddexp, parts)
    over_s = gap_s - 0.5 * usual_s
    staying = math.log(STOPS / STOPPED_S) - np.maximum(over_s, 0.0) / STOPPED_S
    staying -= 0.5 * np.square(np.minimum(over_s, 0.0) / blur_s)
    return np.asarray(np.logaddexp(moving, staying), np.float64)


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
