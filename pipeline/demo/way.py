"""The thief's way as it was, and as the case laid it out: stop by stop, beside each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.clocks import s_of
from core.types import Hop, Trajectory
from scenes.theft import Appearance, Mode

WRONG = -1
GLIMPSE = -2
"""A sighting where the thief was in view, but too small to be a stop: neither wanted nor wrong."""

Glimpsed = Callable[[int, float, float], bool]
"""Whether the thief was in a camera's view between two instants, however small."""

_SLACK_S = 1.0
"""By how much a sighting may miss a stop: boxes begin and end a little early or late."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The truth: the thief in one camera's view, seconds of the film, and by what in turn."""

    camera: int
    in_s: float
    out_s: float
    modes: tuple[Mode, ...]


def stops_of(appearances: Sequence[Appearance]) -> tuple[Stop, ...]:
    """Appearances in order of time; those that follow each other in one camera are one stop."""
    found: list[Stop] = []
    for one in sorted(appearances, key=lambda one: one.in_s):
        if not found or found[-1].camera != one.camera:
            found.append(Stop(one.camera, one.in_s, one.out_s, (one.mode,)))
            continue
        last = found.pop()
        modes = last.modes if last.modes[-1] == one.mode else (*last.modes, one.mode)
        found.append(Stop(one.camera, last.in_s, max(last.out_s, one.out_s), modes))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Stay:
    """What was found: sightings in one camera's view that follow each other.

    `stop` is the row of the true one, `WRONG` or `GLIMPSE`. `hop` led here from the stay before,
    None if nothing did.
    """

    camera: int
    in_s: float
    out_s: float
    tracklets: int
    stop: int
    hop: Hop | None

    @property
    def wrong(self) -> bool:
        """Whether the thief was not there at all."""
        return self.stop == WRONG


@dataclass(frozen=True, slots=True)
class Way:
    """Truth and finding. `names` are the cameras'."""

    names: tuple[str, ...]
    stops: tuple[Stop, ...]
    stays: tuple[Stay, ...]

    @property
    def right(self) -> bool:
        """Every stop once, in the truth's order, nothing else, and every hop possible."""
        return not self.differences

    @property
    def differences(self) -> tuple[str, ...]:
        """What is not as it was, for people."""
        return (*self._wrong(), *self._missing(), *self._disordered(), *self._impossible())

    def found(self, stop: int) -> Stay | None:
        """The first stay at a stop."""
        return next((stay for stay in self.stays if stay.stop == stop), None)

    def _wrong(self) -> Iterator[str]:
        for stay in self.stays:
            if stay.wrong:
                yield f"wrong: {self.names[stay.camera]} at {stay.in_s:.1f} s"

    def _missing(self) -> Iterator[str]:
        for row, stop in enumerate(self.stops):
            if self.found(row) is None:
                yield f"missing: {self.names[stop.camera]} at {stop.in_s:.1f} to {stop.out_s:.1f} s"

    def _disordered(self) -> Iterator[str]:
        rows = [stay.stop for stay in self.stays if stay.stop >= 0]
        for before, after in pairwise(rows):
            if after < before:
                names = [self.names[self.stops[row].camera] for row in (before, after)]
                yield f"out of order: {names[0]} before {names[1]}"

    def _impossible(self) -> Iterator[str]:
        for stay in self.stays:
            if stay.hop is not None and not stay.hop.feasible:
                yield f"called impossible: the hop to {self.names[stay.camera]} ({stay.hop.why})"


@dataclass(frozen=True, slots=True)
class _Sighted:
    """One sighting of the trajectory, seconds of the film."""

    row: int
    camera: int
    in_s: float
    out_s: float
    stop: int


def way_of(
    names: Sequence[str],
    stops: Sequence[Stop],
    trajectory: Trajectory,
    *,
    camera_ids: Sequence[int],
    start_ns: int,
    glimpsed: Glimpsed,
) -> Way:
    """The trajectory laid beside the truth of a film that began at `start_ns` (UTC)."""
    sighted = []
    for row, one in enumerate(trajectory.sightings):
        camera = list(camera_ids).index(one.camera_id)
        in_s, out_s = s_of(one.span.start_ns - start_ns), s_of(one.span.end_ns - start_ns)
        stop = _stop_of(stops, camera, in_s, out_s)
        if stop == WRONG and glimpsed(camera, in_s, out_s):
            stop = GLIMPSE
        sighted.append(_Sighted(row, camera, in_s, out_s, stop))
    return Way(tuple(names), tuple(stops), tuple(_stays(sighted, trajectory.hops)))


def _stop_of(stops: Sequence[Stop], camera: int, in_s: float, out_s: float) -> int:
    """The stop in that camera that the time overlaps the longest, or `WRONG`."""
    shared = [
        min(stop.out_s, out_s) - max(stop.in_s, in_s) if stop.camera == camera else float("-inf")
        for stop in stops
    ]
    best = max(range(len(stops)), key=shared.__getitem__, default=WRONG)
    return best if best >= 0 and shared[best] > -_SLACK_S else WRONG


def _stays(sighted: Sequence[_Sighted], hops: Sequence[Hop]) -> list[Stay]:
    """Sightings joined where they follow each other at one stop."""
    stays: list[Stay] = []
    last: _Sighted | None = None
    for one in sighted:
        joins = last is not None and (last.stop, last.camera) == (one.stop, one.camera)
        if joins and one.stop != WRONG:
            before = stays.pop()
            longer = max(before.out_s, one.out_s)
            count = before.tracklets + 1
            stays.append(Stay(one.camera, before.in_s, longer, count, one.stop, before.hop))
        else:
            hop = next((hop for hop in hops if hop.end == one.row), None)
            stays.append(Stay(one.camera, one.in_s, one.out_s, 1, one.stop, hop))
        last = one
    return stays
