"""`casetrace demo`: what it ends with, what it refuses, and that it leaves nothing behind."""

import json
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn

from api.cli import main
from api.commands.demo import ended_by_signals, listening, workplace
from core.errors import Conflict
from pipeline import demo
from pipeline.demo import DemoReport, Film, Stay, Timing, Way
from tests.pipeline.demo_film import street_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return street_film(tmp_path_factory.mktemp("film"))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the demo makes its own; what it leaves there can be seen."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("DETECTOR", "PERSON_EMBEDDER", "VEHICLE_EMBEDDER"):
        monkeypatch.setenv(f"CASETRACE_{name}", "colour")
    return folder


def shows(monkeypatch: pytest.MonkeyPatch, film: Callable[[], Film]) -> None:
    """Have the demo show that film, whatever seed is asked for."""
    monkeypatch.setattr(demo, "prepared_film", lambda *_: film())


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["demo", *words])
    code = ended.value.code
    return code if isinstance(code, int) else 0


def test_once_ends_with_0_if_the_trajectory_is_right(
    film: Film, own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shows(monkeypatch, lambda: film)
    assert run("--once") == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("north", "middle", "south"))
    assert "password" not in said
    assert list(own.iterdir()) == []


def comes_to(monkeypatch: pytest.MonkeyPatch, film: Film, *, stays: int) -> None:
    """Have the demo find so many of the thief's three stops."""
    stops = film.stops
    found = [Stay(one.camera, one.in_s, one.out_s, 1, row, None) for row, one in enumerate(stops)]
    way = Way(("north", "middle", "south"), stops, tuple(found[:stays]))
    passwords = {"investigator": "never-to-be-seen"}
    report = DemoReport(way, 0, 9, 200, 0, 1, passwords, (Timing("ingest", 2.0, 3.0),))
    shows(monkeypatch, lambda: film)
    monkeypatch.setattr(demo, "worked", lambda *_, **__: report)


@pytest.mark.usefixtures("own")
def test_once_ends_with_1_and_says_what_differed(
    film: Film, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    comes_to(monkeypatch, film, stays=2)
    assert run("--once") == 1
    said = capsys.readouterr().out
    assert "missing: south" in said
    assert "The trajectory differs." in said
    assert "never-to-be-seen" not in said


@pytest.mark.usefixtures("own")
def test_once_in_json_is_for_machines(
    film: Film, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    comes_to(monkeypatch, film, stays=3)
    with pytest.raises(SystemExit):
        main(["--json", "demo", "--once"])
    told = json.loads(capsys.readouterr().out)
    assert told["right"] is True
    assert [stop["camera"] for stop in told["truth"]] == ["north", "middle", "south"]
    assert told["peak_mb"] > 0
    assert "never-to-be-seen" not in str(told)


def test_demo_stays_up_and_shows_passwords_once(
    film: Film, own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert sockets[0].getsockname()[1] > 0
        assert len(list(own.iterdir())) == 1
        raise KeyboardInterrupt

    comes_to(monkeypatch, film, stays=3)
    monkeypatch.setattr(uvicorn.Server, "run", stopped)
    assert run("--port", "0") == 0
    said = capsys.readouterr().out
    assert said.count("never-to-be-seen") == 1
    assert "http://127.0.0.1:" in said
    assert "Stop with Ctrl-C" in said
    assert list(own.iterdir()) == []


def test_interrupted_demo_leaves_nothing(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> Film:
        raise KeyboardInterrupt

    shows(monkeypatch, interrupted)
    assert run("--once") == 130
    assert list(own.iterdir()) == []


def test_killed_demo_leaves_nothing(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed() -> Film:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal was not heard")

    shows(monkeypatch, killed)
    assert run("--once") == 128 + signal.SIGTERM
    assert list(own.iterdir()) == []


def test_demo_on_a_port_in_use_is_refused_before_it_films(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shows(monkeypatch, lambda: pytest.fail("it began"))
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert run("--port", str(port)) == 7
    assert f"port {port} on 127.0.0.1 is in use; free it, or choose another with --port" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--seed", "-1"), "seed: want 0 to"),
        (("--cameras", "2"), "cameras: want 3 to 12, got 2"),
        (("--seconds", "900"), "seconds: want 75 to 300, got 900"),
    ],
)
def test_demo_out_of_range_is_refused(
    own: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, str], message: str
) -> None:
    assert run("--once", *words) == 3
    assert message in capsys.readouterr().err
    assert list(own.iterdir()) == []


def test_demo_in_a_folder_that_holds_files_is_refused(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep me")
    assert run("--once", "--folder", str(mine)) == 7
    assert "new or empty" in capsys.readouterr().err
    assert (mine / "letter.txt").read_text() == "keep me"


def test_folder_that_was_asked_for_is_kept(tmp_path: Path) -> None:
    with workplace(tmp_path / "kept") as place:
        place.mkdir()
    assert place.is_dir()


def test_folder_of_a_demo_that_was_broken_off_goes(tmp_path: Path) -> None:
    def broken_off() -> None:
        with workplace(tmp_path / "half") as place:
            place.mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not (tmp_path / "half").exists()


def test_listening_takes_the_port_at_once() -> None:
    with listening(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Conflict, match=f"port {port}"), listening(port):
            pass


def test_signals_are_what_they_were_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_signals():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
