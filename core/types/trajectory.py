"""A subject's way across cameras: sightings, the hops between them, and how else it could be."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.types.casework import Decision, SearchAnswer
from core.types.footage import Coverage
from core.types.spans import TimeSpan


@dataclass(frozen=True, slots=True)
class Rival:
    """Another way that the trajectory could be: these tracklets instead. `margin` is how many
    nats the best trajectory is ahead of the best one with them."""

    tracklet_ids: tuple[int, ...]
    margin: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A claim that the subject is this tracklet. `llr` by evidence: appearance, plate, transit.

    One that nobody confirmed is `proposed`. `margin` is how many nats the best trajectory is ahead
    of the best one without it; None for a fixed point. Only a reconstruction fills in the last
    four.
    """

    tracklet_id: int
    camera_id: int
    family: str
    span: TimeSpan  # UTC
    clock_sigma_s: float
    llr: Mapping[str, float]
    decisions: tuple[Decision, ...]
    shot_ids: tuple[int, ...] = ()
    proposed: bool = False
    probability: float | None = None
    margin: float | None = None
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """From one sighting to the next. `feasible` is False when no allowed speed explains it.

    `change` says how the subject changed carrier on the way (`person to rider`), empty if it did
    not. `llr` is what the hop's place and time say, against the chance of anybody's passing there
    then; `missed` are cameras of the scope on the way that did not see the subject.
    """

    start: int  # row in Trajectory.sightings
    end: int
    gap_s: float
    distance_m: float | None
    fastest_s: float | None  # the least time that the graph and the class's speed allow
    slowest_s: float | None
    feasible: bool
    why: str
    between: tuple[int, ...] = ()  # tracklets that could stand between, best first
    change: str = ""
    llr: float | None = None
    missed: tuple[int, ...] = ()  # camera ids


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Confirmed sightings in time order, with how each hop could be; nothing hidden."""

    sightings: tuple[Sighting, ...]
    hops: tuple[Hop, ...]
    gaps: tuple[str, ...]
    contradictions: tuple[str, ...]
    coverage: Coverage
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class NextCamera:
    """Where the subject may have come by after the last sighting, for the eye.

    `probability` is the chance that it is the next camera passed and that the passing was not
    looked at yet, `expected` when (UTC, the central 90 %). `standing` says why it was not seen:
    `in_scope` (searched without a find), `down` (no pictures then), `outside` (not granted; the
    approver is to be asked).
    """

    camera_id: int
    probability: float
    expected: TimeSpan
    standing: str
    distance_m: float | None
    unseen_s: float  # how much of `expected` was not searched


@dataclass(frozen=True, slots=True)
class WayThrough:
    """One of the K best trajectories: its tracklets in time order, and what it is worth in nats.

    Only the difference to another way through the same case means something.
    """

    tracklet_ids: tuple[int, ...]
    llr: float


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a reconstruction left out before it laid ways: `kept` of `candidates` took part.

    Put into the best way, no one tracklet that was left out makes it better by more than `lost`
    nats, however alike it may be.
    """

    candidates: int
    kept: int
    lost: float


@dataclass(frozen=True, slots=True)
class Doubted:
    """A confirmed tracklet that the rest speaks against: `probability` is its chance to be the
    subject if nobody had confirmed it. A suggestion to look again; it stays confirmed."""

    tracklet_id: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The likeliest trajectory by all evidence and by what people decided; a proposal, no finding.

    `answer` is kept with the case like that of any search, its candidates ranked by the chance
    that they are the subject. `trajectory` is the best of `ways`; those of its sightings that
    nobody confirmed are marked as proposed. `doubted` have the least chance first.
    """

    answer: SearchAnswer
    trajectory: Trajectory
    ways: tuple[WayThrough, ...]
    next_cameras: tuple[NextCamera, ...]
    pruned: Pruned
    doubted: tuple[Doubted, ...] = ()
