"""Over all of (person, state, version, camera, time): authority, or `Forbidden` and one DENY."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.authority import Narrowing
from core.clocks import HOUR_NS, NS
from core.errors import Forbidden
from core.types import Account, CameraSpan, CaseState, TimeSpan
from tests.builders import T0_NS, at, span
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


attempts = st.builds(
    Attempt,
    actor=st.sampled_from(PEOPLE),
    state=st.sampled_from(CaseState),
    emergency=st.booleans(),
    camera_id=st.sampled_from((*CAMERAS, 4)),
    start_s=st.integers(0, 3700),
    length_s=st.integers(1, 3700),
    now_s=st.sampled_from([7400.0, HOURS_48 - 1, HOURS_48, HOURS_48 + 1, EXPIRES_S, 1e6])
    | st.floats(7400, 80 * 3600),
    stale=st.booleans(),
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
    within = Narrowing((attempt.camera_id,), attempt.span)
    version = 1 if attempt.stale else 2

    def read() -> set[int]:
        rows = shared.door.tracklets(attempt.actor, case.case_id, within=within, version=version)
        return {part.tracklet_id for part in rows}

    if attempt.allowed:
        assert read() == expected(attempt)
        assert outcomes(shared, before) == [("allow", None)]
    else:
        with pytest.raises(Forbidden) as refused:
            read()
        assert outcomes(shared, before) == [("deny", refused.value.code)]


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
