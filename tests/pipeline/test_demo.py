"""The demo's story on a film that the small fakes see rightly: all but the city and the models."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.types import Account, Case, CaseState, Role
from pipeline.demo import DemoReport, Film, MemoryWatch, Share, Steps, demo_settings, worked
from pipeline.service import open_service
from tests.pipeline.demo_film import street_film


class Listener:
    """A `Telling` that keeps what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.shares: list[float] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextmanager
    def showing(self, step: str) -> Iterator[Share]:
        self.said.append(step)
        yield self.shares.append


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return street_film(tmp_path_factory.mktemp("film"))


def use_fakes(patch: pytest.MonkeyPatch) -> None:
    """In place of models, named as an operator would name others."""
    for name in ("DETECTOR", "PERSON_EMBEDDER", "VEHICLE_EMBEDDER"):
        patch.setenv(f"CASETRACE_{name}", "colour")


def refuse(*address: Any) -> Any:
    raise AssertionError(f"the demo asked the network for {address}")


@dataclass(frozen=True)
class Shown:
    """What a demo from files came to."""

    report: DemoReport
    said: str
    case: Case
    accounts: dict[int, Account]


@pytest.fixture(scope="module")
def shown(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """One run for all that is asked of it; no network is there."""
    telling = Listener()
    with pytest.MonkeyPatch.context() as patch:
        use_fakes(patch)
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        folder = tmp_path_factory.mktemp("demo")
        with closing(open_service(demo_settings(folder))) as service:
            report = worked(service, film, live=False, steps=Steps(telling))
            accounts = {one.account_id: one for one in service.store.accounts.all()}
            case = service.store.cases.get(report.case_id)
    return Shown(report, " ".join(telling.said), case, accounts)


def test_files_lead_to_the_true_way(shown: Shown) -> None:
    assert shown.report.way.differences == ()
    assert [stay.camera for stay in shown.report.way.stays] == [0, 1, 2]


def test_files_are_looked_at_without_shedding(shown: Shown) -> None:
    assert shown.report.shed == 0
    assert shown.report.looks > 0


def test_each_step_is_timed(shown: Shown) -> None:
    steps = [one.step for one in shown.report.timings]
    assert steps == ["ingest", "search and reconstruct"]


def test_demo_says_no_password(shown: Shown) -> None:
    assert len(shown.report.passwords) == 4
    assert not any(password in shown.said for password in shown.report.passwords.values())


def test_case_is_approved_by_another_than_who_asked(shown: Shown) -> None:
    case = shown.case
    assert case.state is CaseState.ACTIVE
    assert case.approver is not None
    assert Role.APPROVER in shown.accounts[case.approver].roles
    assert Role.INVESTIGATOR in shown.accounts[case.requester].roles


@pytest.mark.slow
def test_live_streams_lead_to_the_true_way(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fakes(monkeypatch)
    telling = Listener()
    with closing(open_service(demo_settings(tmp_path))) as service:
        report = worked(service, film, live=True, steps=Steps(telling))
    assert report.way.differences == ()
    assert telling.shares == sorted(telling.shares)
    assert telling.shares[-1] > 0.9


def test_demo_settings_keep_to_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASETRACE_DATABASE_URL", "postgresql://somebody/elses")
    monkeypatch.setenv("CASETRACE_CAMERA_NETWORKS", '["10.0.0.0/8"]')
    settings = demo_settings(tmp_path / "demo")
    assert settings.url.startswith("sqlite")
    assert [str(network) for network in settings.camera_networks] == ["127.0.0.0/8"]


def test_demo_settings_take_the_models_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fakes(monkeypatch)
    assert demo_settings(tmp_path).detector == "colour"


def test_steps_time_the_wall_and_the_processor() -> None:
    steps = Steps(Listener())
    with steps.step("count"):
        sum(range(200_000))
    (timing,) = steps.timings
    assert timing.step == "count"
    assert timing.wall_s > 0
    assert timing.cpu_s >= 0


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="Linux tells its memory")
def test_memory_watch_sees_what_was_taken_and_given_back() -> None:
    with MemoryWatch() as before:
        pass
    with MemoryWatch() as watch:
        taken = bytearray(64 << 20)
        taken[:: 1 << 12] = b"x" * len(taken[:: 1 << 12])
        watch.look()
    assert watch.peak_mb > before.peak_mb + 50
