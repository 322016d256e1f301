"""Over all of (person, state, version, camera, time): authority, or `Forbidden` and one DENY."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.answers import PlateQuery, VectorQuery, VectorSearch
from cases.authority import Narrowing
from core.clocks import HOUR_NS, NS
from core.errors import Forbidden
from core.types import Account, CameraSpan, CaseState, Family, TimeSpan
from tests.builders import MODEL_KEY, T0_NS, at, span, unit_rows
from tests.cases.world import ANN, BEN, CAMERAS, PEOPLE, SEEN_AT_S, World, opened_world

HOURS_48 = 48 * 3600
EXPIRES_S = 60 * 3600.0


@dataclass(frozen=True)
class Attempt:
    """One read that somebody tries, at some time, in a case of some state."""

    actor: Account
    state: CaseState
    emergency: bool
    camera_id: int
    start_s: int
    length_s: int
    now_s: float
    stale: bool
    read: str

    @property
    def span(self) -> TimeSpan:
        return span(self.start_s, self.start_s + self.length_s)

    @property
    def stands(self) -> bool:
        """Whether the case gives authority at that time, worked out apart from the code."""
        if self.state is CaseState.ACTIVE:
            return self.now_s < EXPIRES_S
        urgent = self.state is CaseState.REQUESTED and self.emergency
        return urgent and self.now_s < min(HOURS_48, EXPIRES_S)

    @property
    def allowed(self) -> bool:
        granted = self.camera_id in (1, 2) and self.start_s + self.length_s <= 3600
        return self.actor in (ANN, BEN) and self.stands and granted and not self.stale


Read = Callable[[World, int, Attempt, int], object]


def narrowed(attempt: Attempt) -> Narrowing:
    return Narrowing((attempt.camera_id,), attempt.span)


# Each read of a camera and a span, in a case and the version that the asker saw. What is in scope
# may still not exist, or be too long: that is no refusal of authority.
READS: dict[str, Read] = {
    "tracklets": lambda w, case, a, v: w.door.tracklets(
        a.actor, case, within=narrowed(a), version=v
    ),
    "shots": lambda w, case, a, v: w.door.shots(
        a.actor, case, within=narrowed(a), tracklet_ids=[101, 102, 103], version=v
    ),
    "footage": lambda w, case, a, v: w.door.footage(a.actor, case, within=narrowed(a), version=v),
    "coverage": lambda w, case, a, v: w.door.coverage(a.actor, case, within=narrowed(a), version=v),
    "clip": lambda w, case, a, v: w.door.clip(a.actor, case, a.camera_id, a.span, version=v),
    "proxy": lambda w, case, a, v: w.door.proxy(a.actor, case, a.camera_id, a.span, version=v),
    "search": lambda w, case, a, v: w.door.search(
        a.actor,
        case,
        VectorSearch(1, (VectorQuery(Family.PERSON, MODEL_KEY, unit_rows(1), (1,)),), 5),
        within=narrowed(a),
        version=v,
    ),
    "plates": lambda w, case, a, v: w.door.search(
        a.actor,
        case,
        VectorSearch(1, (), 5, PlateQuery.of("京A12345")),
        within=narrowed(a),
        version=v,
    ),
}

attempts = st.builds(
    Attempt,
    actor=st.sampled_from(PEOPLE),
    state=st.sampled_from(CaseState),
    emergency=st.booleans(),
    camera_id=st.sampled_from((*CAMERAS, 4)),
    start_s=st.integers(0, 3700),
    length_s=st.integers(1, 900),
    now_s=st.sampled_from([7400.0, HOURS_48 - 1, HOURS_48, HOURS_48 + 1, EXPIRES_S, 1e6])
    | st.floats(7400, 80 * 3600),
    stale=st.booleans(),
    read=st.sampled_from(sorted(READS)),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[World]:
    """One world for all examples; each opens a case of its own."""
    with opened_world(tmp_path_factory.mktemp("property"), template) as world:
        yield world


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(attempt=attempts)
def test_out_of_scope_is_forbidden_with_no_rows_and_one_deny(
    shared: World, attempt: Attempt
) -> None:
    shared.clock.now_ns = at(7300)
    case = shared.open_case(
        cameras=(1, 2),
        state=attempt.state,
        emergency=attempt.emergency,
        expires_ns=at(EXPIRES_S),
        version=2,
    )
    shared.clock.now_ns = T0_NS + round(attempt.now_s * NS)
    before = shared.newest_seq()
    version = 1 if attempt.stale else 2
    read = READS[attempt.read]
    if attempt.allowed:
        read(shared, case.case_id, attempt, version)
        assert outcomes(shared, before) == [("allow", None)]
    else:
        with pytest.raises(Forbidden) as refused:
            read(shared, case.case_id, attempt, version)
        assert outcomes(shared, before) == [("deny", refused.value.code)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(attempt=attempts.filter(lambda a: a.camera_id in CAMERAS))
def test_rows_are_those_of_the_camera_and_the_span(shared: World, attempt: Attempt) -> None:
    shared.clock.now_ns = at(7300)
    case = shared.open_case(cameras=(attempt.camera_id,))
    inside = attempt.span.intersection(span())
    if inside is not None:
        within = Narrowing((attempt.camera_id,), inside)
        rows = shared.door.tracklets(ANN, case.case_id, within=within)
        assert {part.tracklet_id for part in rows} == expected(attempt)


def outcomes(world: World, since: int) -> list[tuple[str, object]]:
    return [(e.event.outcome.value, e.event.detail.get("reason")) for e in world.entries(since)]


def expected(attempt: Attempt) -> set[int]:
    """The camera's one person, if it stands there within the span: five boxes a second apart."""
    first_s = SEEN_AT_S[attempt.camera_id]
    last_s = first_s + 4
    ends_s = attempt.start_s + attempt.length_s
    seen = attempt.start_s <= last_s and first_s < ends_s
    return {100 + attempt.camera_id} if seen else set()


@settings(max_examples=25, deadline=None)
@given(beyond_s=st.integers(1, 10**6))
def test_a_case_that_reaches_into_the_future_reads_nothing(shared: World, beyond_s: int) -> None:
    """Such a case cannot be asked for; this one was written behind the desk's back."""
    shared.clock.now_ns = at(7300)
    future = CameraSpan(1, TimeSpan(T0_NS, shared.clock.now_ns + beyond_s * NS))
    case = shared.open_case(grants=[future], expires_ns=T0_NS + 10**4 * HOUR_NS)
    before = shared.newest_seq()
    with pytest.raises(Forbidden, match="future"):
        shared.door.tracklets(ANN, case.case_id)
    assert len(shared.denials(before)) == 1
