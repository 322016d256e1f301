"""Serial cases: several scenes of one case, and who looks alike at more than one of them.

A ranking for the eye within one case. Nothing is linked by it, nothing outlives the case, and what
chance alone would give among so many pairs stands beside every group.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cases import kept
from cases.answers import Ask, Compared, Passage, SceneRows
from cases.audit import AuditLog
from cases.authority import Narrowing
from cases.events import EventKind, event_by
from cases.reading import ReadingDoor
from cases.series_links import Group, Links, Member, SceneVectors, groups_of, links_of
from core.arrays import F32, I64
from core.clocks import Now
from core.errors import InvalidInput, ModelMissing, TooLarge
from core.ids import IdSource
from core.protocols import Calibration, Prober, Store
from core.types import (
    Account,
    Candidate,
    Coverage,
    Family,
    ObjectClass,
    SearchAnswer,
    TimeSpan,
    VectorRows,
)

MAX_SCENES = 8
MAX_TRACKLETS = 3000
"""Of one family in one scene: more is a crowd in which everybody has a double."""

MAX_PAIRS = 10_000_000
MAX_GROUPS = 200
_SHOTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SceneWindow:
    """Where and when one of the acts was: some cameras (none: all granted), and a span of UTC."""

    cameras: tuple[int, ...]
    span: TimeSpan


@dataclass(frozen=True, slots=True)
class SceneSeen:
    """What was compared of one scene. `tracklets` have a vector; `passed` are all."""

    window: SceneWindow
    passed: int
    tracklets: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class SeriesMember:
    """A tracklet at one of the scenes, best shot first."""

    scene: int
    tracklet_id: int
    camera_id: int
    class_label: str
    span: TimeSpan  # UTC
    shot_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeriesLink:
    """How alike two members of a group are, by their rows in it."""

    start: int
    end: int
    llr: float


@dataclass(frozen=True, slots=True)
class SeriesGroup:
    """Tracklets of similar appearance, one of a scene at most, with every pair's ratio.

    `llr` joins the best links, each member once. `combinations` were compared to find it;
    `by_chance` of them at most would be as alike by accident; `stands_out` where that is less than
    one in twenty. `also` could stand in a member's place.
    """

    members: tuple[SeriesMember, ...]
    links: tuple[SeriesLink, ...]
    llr: float
    combinations: int
    by_chance: float
    also: tuple[SeriesMember, ...]

    @property
    def stands_out(self) -> bool:
        return self.by_chance < RARE


RARE = 0.05
"""A group stands out where so few accidents are to be expected. The usual one in twenty."""


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """Groups, best first, with how many pairs were compared. `search_id` covers the pictures."""

    search_id: int
    audit_seq: int
    scenes: tuple[SceneSeen, ...]
    pairs: int
    groups: tuple[SeriesGroup, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Compares the scenes of a case with each other."""

    door: ReadingDoor
    store: Store
    prober: Prober
    calibrations: Mapping[str, Calibration]
    audit: AuditLog
    now: Now
    ids: IdSource
    settle: Callable[[Passage], None]

    def compare(
        self,
        actor: Account,
        case_id: int,
        scenes: Sequence[SceneWindow],
        *,
        families: Sequence[Family] = (),
        least: int | None = None,
        k: int = 20,
    ) -> SeriesAnswer:
        """The k groups of tracklets that look most alike across `least` scenes or more (all).

        Raises `InvalidInput` for fewer than two scenes or for windows of one camera that overlap,
        `TooLarge` beyond `MAX_SCENES`, `MAX_TRACKLETS` or `MAX_PAIRS`, `ModelMissing` where no
        model in use is calibrated: without a ratio nothing can be weighed against chance.
        """
        least = _checked(scenes, least, k)
        started_ns, search_id = self.now(), self.ids.next()
        models = self._models(families)
        detail = {"search_id": search_id, "started_ns": started_ns}
        ask = Ask(actor, case_id, EventKind.SERIES, detail=detail)
        work = _Comparison(self.calibrations, least, k)
        compared = self.door.scenes(
            ask,
            [Narrowing(tuple(scene.cameras), scene.span) for scene in scenes],
            models,
            most=MAX_TRACKLETS,
            choose=work.choose,
        )
        answer = _answer(search_id, compared, scenes, work)
        self._keep(actor, compared, answer)
        self._log(actor, compared, answer, started_ns)
        return answer

    def _models(self, families: Sequence[Family]) -> list[tuple[Family, str]]:
        """Segments and model keys that can be compared by a ratio."""
        known: dict[tuple[Family, str], None] = {}
        for family in families or tuple(Family):
            try:
                pairs = self.prober.models(family)
            except InvalidInput:
                continue  # kept without vectors: no embedder is set for it
            known |= {pair: None for pair in pairs if not families or pair[0] in families}
        calibrated = [pair for pair in known if pair[1] in self.calibrations]
        if not calibrated:
            raise ModelMissing("series: want a calibrated embedder of these families, got none")
        return calibrated

    def _keep(self, actor: Account, compared: Compared, answer: SeriesAnswer) -> None:
        """With the case, as any search, so that its entry covers its pictures for a while."""
        case, at_ns = compared.passage.case, self.now()
        found = SearchAnswer(
            answer.search_id,
            tuple(map(_candidate, _members_of(answer))),
            answer.scenes[0].coverage,
            answer.audit_seq,
        )
        row = kept.written(kept.KeptSearch(actor.account_id, at_ns, case.version, (), found))
        self.store.cases.put_search(case.case_id, answer.search_id, at_ns, row)
        self.settle(compared.passage)

    def _log(
        self, actor: Account, compared: Compared, answer: SeriesAnswer, started_ns: int
    ) -> None:
        detail = {
            "search_id": answer.search_id,
            "search_seq": answer.audit_seq,
            "started_ns": started_ns,
            "ended_ns": self.now(),
            "tracklet_ids": [one.tracklet_id for one in _members_of(answer)],
            "pairs": answer.pairs,
        }
        case = compared.passage.case
        self.audit.write(event_by(actor, EventKind.SERIES_ANSWERED, detail, case=case))


def _checked(scenes: Sequence[SceneWindow], least: int | None, k: int) -> int:
    """How many scenes a group has to be of, once the question is one that can be answered."""
    if len(scenes) < 2:
        raise InvalidInput(f"scenes: want 2 to {MAX_SCENES}, got {len(scenes)}")
    if len(scenes) > MAX_SCENES:
        raise TooLarge(f"scenes: want at most {MAX_SCENES}, got {len(scenes)}")
    if least is not None and not 2 <= least <= len(scenes):
        raise InvalidInput(f"least: want 2 to {len(scenes)} scenes, got {least}")
    if not 1 <= k <= MAX_GROUPS:
        raise InvalidInput(f"k: want 1 to {MAX_GROUPS}, got {k}")
    for row, one in enumerate(scenes):
        for later, other in enumerate(scenes[row + 1 :], row + 1):
            if one.span.overlaps(other.span) and _shares_a_camera(one, other):
                raise InvalidInput(
                    f"scenes: {row} and {later} overlap at a camera; each act has its own window"
                )
    return len(scenes) if least is None else least


def _shares_a_camera(one: SceneWindow, other: SceneWindow) -> bool:
    everywhere = not one.cameras or not other.cameras
    return everywhere or bool(set(one.cameras) & set(other.cameras))


@dataclass(slots=True)
class _Comparison:
    """What was found between reading the vectors and reading the rows to show."""

    calibrations: Mapping[str, Calibration]
    least: int
    k: int
    links: Links = field(default_factory=lambda: Links((), {}))
    groups: list[Group] = field(default_factory=list)

    def choose(self, scenes: Sequence[SceneRows]) -> list[int]:
        """The tracklets of the best groups."""
        vectors = [_vectors(scene) for scene in scenes]
        pairs = sum(
            len(one) * len(other) for row, one in enumerate(vectors) for other in vectors[row + 1 :]
        )
        if pairs > MAX_PAIRS:
            raise TooLarge(
                f"series: want at most {MAX_PAIRS} pairs, got {pairs}; "
                "narrow the cameras or the windows"
            )
        self.links = links_of(vectors, self.calibrations)
        self.groups = groups_of(self.links, least=self.least, k=self.k)
        return sorted({self.tracklet(m) for g in self.groups for m in (*g.members, *g.also)})

    def tracklet(self, member: Member) -> int:
        return int(self.links.scenes[member.scene].tracklet_ids[member.row])


def _vectors(scene: SceneRows) -> SceneVectors:
    """The scene's tracklets that have a vector, with their rows by model."""
    kept_ids = [rows.tracklet_ids for parts in scene.vectors.values() for rows in parts]
    with_vector = np.unique(np.concatenate(kept_ids)) if kept_ids else np.empty(0, np.int64)
    places = np.flatnonzero(np.isin(scene.passings.tracklet_ids, with_vector))
    ids = scene.passings.tracklet_ids[places]
    order = np.argsort(ids, kind="stable")
    ids, places = ids[order], places[order]
    rows = {model: _rows_of(parts, ids) for model, parts in scene.vectors.items()}
    return SceneVectors(ids, scene.utc_start_ns[places], scene.utc_end_ns[places], rows)


def _rows_of(parts: Sequence[VectorRows], ids: I64) -> tuple[F32, I64, I64]:
    """Unit rows (M, D) by tracklet, the row in `ids` of each (M,), and shot ids (M,)."""
    owners = np.concatenate([part.tracklet_ids for part in parts])
    shots = np.concatenate([part.embeddings.shot_ids for part in parts])
    filled = [part.embeddings.vectors for part in parts if len(part.tracklet_ids)]
    vectors = np.concatenate(filled) if filled else np.empty((0, 0), np.float32)
    known = np.flatnonzero(np.isin(owners, ids))
    rows = np.searchsorted(ids, owners[known])
    order = np.argsort(rows, kind="stable")
    return vectors[known][order], rows[order].astype(np.int64), shots[known][order]


def _answer(
    search_id: int, compared: Compared, scenes: Sequence[SceneWindow], work: _Comparison
) -> SeriesAnswer:
    links = work.links
    seen = tuple(
        SceneSeen(window, len(rows.passings), len(vectors), rows.coverage)
        for window, rows, vectors in zip(scenes, compared.scenes, links.scenes, strict=True)
    )
    shown = compared.rows.parts
    groups = tuple(
        _group(group, compared, work)
        for group in work.groups
        if all(work.tracklet(member) in shown for member in group.members)
    )
    return SeriesAnswer(search_id, compared.passage.audit_seq, seen, links.pairs, groups)


def _group(group: Group, compared: Compared, work: _Comparison) -> SeriesGroup:
    pairs = [
        (start, end)
        for start in range(len(group.members))
        for end in range(start + 1, len(group.members))
    ]
    return SeriesGroup(
        members=tuple(_member(m, compared, work) for m in group.members),
        links=tuple(
            SeriesLink(a, b, work.links.of(group.members[a], group.members[b])) for a, b in pairs
        ),
        llr=group.llr,
        combinations=group.combinations,
        by_chance=group.by_chance,
        also=tuple(
            _member(m, compared, work)
            for m in group.also
            if work.tracklet(m) in compared.rows.parts
        ),
    )


def _member(member: Member, compared: Compared, work: _Comparison) -> SeriesMember:
    tracklet_id = work.tracklet(member)
    parts = compared.rows.parts[tracklet_id]
    shots = sorted(compared.rows.shots.get(tracklet_id, []), key=lambda shot: -shot.quality)
    return SeriesMember(
        member.scene,
        tracklet_id,
        parts[0].camera_id,
        ObjectClass(parts[0].class_id).label,
        compared.passage.utc_span(parts),
        tuple(shot.shot_id for shot in shots[:_SHOTS_SHOWN]),
    )


def _members_of(answer: SeriesAnswer) -> list[SeriesMember]:
    """Every tracklet shown, once."""
    every = {m.tracklet_id: m for g in answer.groups for m in (*g.members, *g.also)}
    return list(every.values())


def _candidate(member: SeriesMember) -> Candidate:
    """As a search's answer keeps it: without a ratio, for no probe was compared with it."""
    return Candidate(
        tracklet_id=member.tracklet_id,
        camera_id=member.camera_id,
        class_label=member.class_label,
        span=member.span,
        cosine=None,
        llr=None,
        shot_id=member.shot_ids[0] if member.shot_ids else 0,
        shot_ids=member.shot_ids,
        probe_id=None,
    )
