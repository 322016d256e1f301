"""A scripted investigator: looks at what a searcher shows, and says whether it is the subject.

Truth is asked only about the tracklet that is looked at, and the answer is wrong or `unsure` at
stated rates, the same for whichever searcher shows it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import InvalidInput
from core.types import Verdict
from scenes.splits import Split, rng_for

_STREAM = 5102  # this module's random numbers


@dataclass(frozen=True, slots=True)
class Doubts:
    """How often a verdict is wrong, and how often the first look at a tracklet leaves it open."""

    wrong: float = 0.02
    unsure: float = 0.05

    def __post_init__(self) -> None:
        if not (0 <= self.wrong <= 1 and 0 <= self.unsure <= 1):
            raise InvalidInput(f"doubts: want shares of 0 to 1, got {self}")


@dataclass(slots=True)
class Investigator:
    """`is_subject` is the truth. One's verdicts hang on the seed, the tracklet and how often it was
    looked at, not on who shows it or when. Where the clock names tracklets `number_of` has a number
    of each, which another run gives it too."""

    is_subject: Callable[[int], bool]
    seed: int
    doubts: Doubts = Doubts()
    number_of: Mapping[int, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def looks(self) -> int:
        """Looks so far, second ones too."""
        return sum(self.seen.values())

    def look(self, tracklet_id: int) -> Verdict:
        """What the investigator says; nobody is unsure twice."""
        before = self.seen.get(tracklet_id, 0)
        self.seen[tracklet_id] = before + 1
        number = self.number_of.get(tracklet_id, tracklet_id)
        rng = rng_for(self.seed, Split.TEST, _STREAM, number, before)
        if not before and rng.random() < self.doubts.unsure:
            return Verdict.UNSURE
        right = self.is_subject(tracklet_id)
        says = right if rng.random() >= self.doubts.wrong else not right
        return Verdict.CONFIRM if says else Verdict.REJECT


class Searcher(Protocol):
    """Puts tracklets in the order in which they are looked at, and learns from what is said."""

    @property
    def name(self) -> str: ...

    @property
    def doubted(self) -> frozenset[int]:
        """Of those decided on, some to look at once more."""

    def ranked(self) -> Iterator[int]:
        """Tracklets to look at, the next one first, those already looked at among them or not."""

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        """A verdict, already put down with the case."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: at which tracklet, what was said, and whether it was the subject."""

    tracklet_id: int
    verdict: Verdict
    right: bool


def work(
    searcher: Searcher,
    investigator: Investigator,
    *,
    stops: "Stops",
    most_looks: int,
    settled: frozenset[int] = frozenset(),
) -> list[Looked]:
    """Looks in order, until each stop was shown and decided on and nothing of it is doubted, or
    after so many looks, or when the searcher has nothing more to show. The tracklets `settled` are
    known and not looked at."""
    done: list[Looked] = []
    while len(done) < most_looks:
        ranked = (i for i in searcher.ranked() if i not in settled)
        if stops.complete:
            ranked = (i for i in ranked if i in searcher.doubted)
        tracklet_id = next_look(ranked, done, lambda i: i in searcher.doubted)
        if tracklet_id is None:
            break
        verdict = investigator.look(tracklet_id)
        done.append(Looked(tracklet_id, verdict, investigator.is_subject(tracklet_id)))
        stops.told(tracklet_id, verdict)
        searcher.told(tracklet_id, verdict)
    return done


_AGAIN_AFTER = 5
"""Looks after which somebody who was unsure looks again, if it still ranks first."""


def next_look(
    ranked: Iterator[int], done: list[Looked], doubted: Callable[[int], bool] = lambda _: False
) -> int | None:
    """The first that is not decided on; one that was unsure only after some other looks. Decided
    on twice is for good, and once where it is not `doubted`, which is asked after `ranked`."""
    times = Counter(one.tracklet_id for one in done if one.verdict is not Verdict.UNSURE)
    fresh = {one.tracklet_id for one in done[-_AGAIN_AFTER:]}
    unsure = None
    for tracklet_id in ranked:
        if times[tracklet_id] > doubted(tracklet_id):
            continue
        if tracklet_id not in fresh:
            return tracklet_id
        unsure = unsure or tracklet_id
    return unsure


@dataclass(slots=True)
class Stops:
    """Which stops of the subject's way are settled. `stop_of` gives a tracklet's stop."""

    stop_of: dict[int, int]
    settled: set[int] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether each was shown and decided on, rightly or not."""
        return self.settled >= set(self.stop_of.values())

    def told(self, tracklet_id: int, verdict: Verdict) -> None:
        stop = self.stop_of.get(tracklet_id)
        if stop is not None and verdict is not Verdict.UNSURE:
            self.settled.add(stop)
