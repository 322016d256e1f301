"""Groups of tracklets that look alike across scenes, and what chance alone would give.

Among a million pairs some look alike by accident. So no likelihood ratio stands alone here: each
group says how many combinations were compared, and how many at least as alike chance may give.
A ratio of x or more turns up between strangers once in x at most (Markov's inequality on a
likelihood ratio), so among n combinations n / x of them may be accidents.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from core.arrays import F32, I64, Bool
from core.protocols import Calibration

_BLOCK_ROWS = 512
_ANCHORS = 4000  # tracklets whose groups are worked out in full, the most alike of all
MAX_ALSO = 6
"""Other tracklets named with a group, each in the place of one of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneVectors:
    """One scene's tracklets (N,) with their times in UTC, and by model their unit rows.

    `rows` are (vectors (M, D), tracklet row of each (M,) ascending, shot ids (M,)).
    """

    tracklet_ids: I64
    start_ns: I64
    end_ns: I64
    rows: Mapping[str, tuple[F32, I64, I64]]

    def __len__(self) -> int:
        return len(self.tracklet_ids)


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A tracklet by its scene and its row there."""

    scene: int
    row: int


@dataclass(frozen=True, slots=True)
class Group:
    """Members by scene, one of a scene at most. `llr` joins the best links that hold them together,
    each scene once; `combinations` were compared for it, and `by_chance` of them at most would be
    as alike by accident."""

    members: tuple[Member, ...]
    llr: float
    combinations: int
    also: tuple[Member, ...] = ()

    @property
    def by_chance(self) -> float:
        return min(float(self.combinations), self.combinations * math.exp(-self.llr))

    @property
    def margin(self) -> float:
        """Nats by which it stands out from that many combinations; below 0 it does not."""
        return self.llr - math.log(self.combinations)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """The ratio of every pair of tracklets of different scenes: (a, b) with a < b to (Na, Nb)."""

    scenes: Sequence[SceneVectors]
    llrs: Mapping[tuple[int, int], F32] = field(repr=False)

    @property
    def pairs(self) -> int:
        return sum(matrix.size for matrix in self.llrs.values())

    def between(self, a: int, b: int) -> F32:
        """(Na, Nb), whichever way round it is kept."""
        return self.llrs[a, b] if a < b else self.llrs[b, a].T

    def of(self, one: Member, other: Member) -> float:
        return float(self.between(one.scene, other.scene)[one.row, other.row])


def links_of(scenes: Sequence[SceneVectors], calibrations: Mapping[str, Calibration]) -> Links:
    """Every pair's ratio: of the best two shots by the model that is surest, once; -inf for what
    has no vectors by the same model, is the same tracklet, or was in both places at once."""
    llrs: dict[tuple[int, int], F32] = {}
    for a, one in enumerate(scenes):
        for b in range(a + 1, len(scenes)):
            other = scenes[b]
            best = np.full((len(one), len(other)), -np.inf, np.float32)
            for model in sorted(set(one.rows) & set(other.rows)):
                _take_best(best, one.rows[model], other.rows[model], calibrations[model])
            best[_impossible(one, other)] = -np.inf
            llrs[a, b] = best
    return Links(scenes, llrs)


def _take_best(
    best: F32,
    one: tuple[F32, I64, I64],
    other: tuple[F32, I64, I64],
    calibration: Calibration,
) -> None:
    """Raise `best` (Na, Nb) to the ratio of each pair's best shots by one model."""
    (vectors, rows, _), (others, columns, _) = one, other
    if not len(vectors) or not len(others):
        return
    starts, known = _starts(columns)
    for low, high in _blocks(rows):
        cosines = vectors[low:high] @ others.T
        by_column = np.maximum.reduceat(cosines, starts, axis=1)
        firsts, own = _starts(rows[low:high])
        by_pair = np.maximum.reduceat(by_column, firsts, axis=0)
        place = np.ix_(own, known)
        best[place] = np.maximum(best[place], calibration.llr(np.clip(by_pair, -1, 1)))


def _starts(rows: I64) -> tuple[I64, I64]:
    """Where each tracklet's rows begin, and whose they are."""
    starts = np.flatnonzero(np.diff(rows, prepend=rows[:1] - 1))
    return starts, rows[starts]


def _blocks(rows: I64) -> Iterator[tuple[int, int]]:
    """Ranges of about `_BLOCK_ROWS` that part no tracklet."""
    low = 0
    while low < len(rows):
        high = min(low + _BLOCK_ROWS, len(rows))
        high = int(np.searchsorted(rows, rows[high - 1], side="right"))
        yield low, high
        low = high


def _impossible(one: SceneVectors, other: SceneVectors) -> Bool:
    """Pairs (Na, Nb) that are one tracklet, or two at the same time."""
    same = one.tracklet_ids[:, None] == other.tracklet_ids[None, :]
    together = (one.start_ns[:, None] < other.end_ns[None, :]) & (
        other.start_ns[None, :] < one.end_ns[:, None]
    )
    return np.asarray(same | together)


def groups_of(links: Links, *, least: int, k: int) -> list[Group]:
    """The k groups of `least` scenes or more that stand out most, best first.

    Each begins at a tracklet and takes the most alike of every other scene; a scene beyond the
    `least` is taken only where it makes the group stand out more. A group that shares a tracklet
    with a better one is no group of its own: what it has besides is named with that one.
    """
    every = sorted(_all_groups(links, least), key=lambda g: (-g.margin, -g.llr, g.members))
    chosen: list[Group] = []
    taken: dict[Member, int] = {}
    also: dict[int, dict[Member, None]] = {}
    for group in every:
        known = next((taken[m] for m in group.members if m in taken), None)
        if known is None:
            if len(chosen) == k:
                continue
            known = len(chosen)
            chosen.append(group)
        elif len(also.get(known, ())) < MAX_ALSO:
            also.setdefault(known, {}).update(
                (m, None) for m in group.members if m not in chosen[known].members
            )
        for member in group.members:
            taken.setdefault(member, known)
    return [
        Group(g.members, g.llr, g.combinations, tuple(also.get(i, ()))[:MAX_ALSO])
        for i, g in enumerate(chosen)
    ]


def _all_groups(links: Links, least: int) -> Iterator[Group]:
    """A group for each of the most promising tracklets, each set of members once."""
    seen: set[tuple[Member, ...]] = set()
    for anchor, partners in _anchors(links, least):
        members = _members(links, anchor, partners, least)
        if len(members) < least or members in seen:
            continue
        seen.add(members)
        if any(links.of(a, b) == -math.inf for a, b in combinations(members, 2)):
            continue
        among = math.prod(len(links.scenes[m.scene]) for m in members)
        yield Group(members, _joint(links, members), among)


def _anchors(links: Links, least: int) -> Iterator[tuple[Member, list[tuple[float, Member]]]]:
    """Tracklets with their most alike of each other scene, the most promising first."""
    found: list[tuple[float, Member, list[tuple[float, Member]]]] = []
    for a, scene in enumerate(links.scenes):
        if not len(scene):
            continue
        best = {
            b: (matrix.max(axis=1), matrix.argmax(axis=1))
            for b in range(len(links.scenes))
            if b != a and (matrix := links.between(a, b)).size
        }
        for row in range(len(scene)):
            partners = [
                (float(values[row]), Member(b, int(rows[row])))
                for b, (values, rows) in best.items()
                if np.isfinite(values[row])
            ]
            partners.sort(key=lambda partner: (-partner[0], partner[1].scene))
            if len(partners) >= least - 1:
                promise = sum(llr for llr, _ in partners[: least - 1])
                found.append((promise, Member(a, row), partners))
    found.sort(key=lambda one: (-one[0], one[1].scene, one[1].row))
    for _, anchor, partners in found[:_ANCHORS]:
        yield anchor, partners


def _members(
    links: Links, anchor: Member, partners: Sequence[tuple[float, Member]], least: int
) -> tuple[Member, ...]:
    """The anchor with its best partners, by scene."""
    wanted = [member for _, member in partners[: least - 1]]
    wanted += [
        member
        for llr, member in partners[least - 1 :]
        if llr > math.log(len(links.scenes[member.scene]))
    ]
    return tuple(sorted((anchor, *wanted), key=lambda member: member.scene))


def _joint(links: Links, members: Sequence[Member]) -> float:
    """The sum over the best links that hold the members together: a spanning tree (Prim), for
    the pairs of one group are correlated, and each member counts once."""
    inside, total = [members[0]], 0.0
    outside = list(members[1:])
    while outside:
        llr, member = max(
            ((max(links.of(m, one) for one in inside), m) for m in outside),
            key=lambda pair: (pair[0], -pair[1].scene),
        )
        total += llr
        inside.append(member)
        outside.remove(member)
    return total
