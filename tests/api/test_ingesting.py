"""What surrounds an ingest run: its jobs, its end by a signal, its numbers, its displays."""

import os
import signal
import socket
import threading
import urllib.request
from pathlib import Path

import pytest

from api import ingesting
from core.errors import InvalidInput, SourceUnavailable, StorageFull
from ingest.folders import TimedFile
from pipeline.counters import Counters
from pipeline.ingest import IngestReport, Job
from tests.builders import at
from tests.ingest.videos import flat, write_video

START = "2026-05-04T07:00:00Z"


def clip(path: Path, *, seconds: int = 1) -> Path:
    return write_video(path, [flat((64, 64))] * (10 * seconds), fps=10)


def test_one_file_starts_when_it_is_said_to(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4")
    jobs = ingesting.file_jobs(path, [7], start=START, pattern="", zone="+00:00")
    assert jobs == [Job(7, (TimedFile(path, at(0)),))]


def test_files_of_a_folder_follow_each_other(tmp_path: Path) -> None:
    first, second = clip(tmp_path / "cam2.mp4", seconds=2), clip(tmp_path / "cam10.mp4")
    (job,) = ingesting.file_jobs(tmp_path, [7], start=START, pattern="", zone="+00:00")
    assert job.files == (TimedFile(first, at(0)), TimedFile(second, at(2)))


def test_names_of_files_say_when_they_start(tmp_path: Path) -> None:
    path = clip(tmp_path / "20260504-150000.mp4")
    (job,) = ingesting.file_jobs(tmp_path, [7], start="", pattern="%Y%m%d-%H%M%S", zone="+08:00")
    assert job.files == (TimedFile(path, at(0)),)


@pytest.mark.parametrize(
    ("cameras", "start", "pattern", "zone"),
    [
        ([], START, "", "+00:00"),
        ([1, 2], START, "", "+00:00"),
        ([1], "", "", "+00:00"),
        ([1], START, "%Y", "+00:00"),
        ([1], "now", "", "+00:00"),
        ([1], "", "%Y", "Mars"),
    ],
    ids=str,
)
def test_files_with_unclear_times_or_cameras_are_refused(
    tmp_path: Path, cameras: list[int], start: str, pattern: str, zone: str
) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(InvalidInput):
        ingesting.file_jobs(path, cameras, start=start, pattern=pattern, zone=zone)


def test_signal_stops_the_run_and_handlers_come_back() -> None:
    before, stop = signal.getsignal(signal.SIGTERM), threading.Event()
    with ingesting.stopped_by_signals(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(300)
    assert signal.getsignal(signal.SIGTERM) is before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_numbers_are_served_while_it_runs_and_not_after() -> None:
    counters, port = Counters(), free_port()
    counters.add(7, decoded=3)
    url = f"http://127.0.0.1:{port}/metrics"
    served = ingesting.metrics_served(port, counters)
    with served, urllib.request.urlopen(url, timeout=300) as answer:
        assert b'casetrace_camera_frames_decoded_total{camera="7"} 3.0' in answer.read()
    with socket.socket() as later:
        assert later.connect_ex(("127.0.0.1", port)) != 0


def test_failure_inside_the_run_is_raised_outside_it() -> None:
    def full() -> IngestReport:
        raise StorageFull("2 MB left")

    run = ingesting.Run(full)
    run.start()
    with pytest.raises(StorageFull, match="2 MB"):
        run.result()


def ended_run(counters: Counters) -> ingesting.Run:
    run = ingesting.Run(lambda: IngestReport(tuple(counters.all())))
    run.start()
    run.join()
    return run


def test_bar_of_files_reaches_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    counters = Counters()
    counters.note(7, device_ns=at(1.0))
    jobs = [Job(7, (TimedFile(clip(tmp_path / "a.mp4"), at(0)),))]
    ingesting.watch_files(ended_run(counters), jobs, counters)
    assert "camera 7" in (said := capsys.readouterr().out)
    assert "100%" in said


def test_table_of_streams_names_state_and_shed_frames(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    counters = Counters()
    counters.note(7, state="running", device_ns=at(1.0))
    counters.add(7, decoded=25, shed=3)
    ingesting.watch_streams(ended_run(counters), counters)
    said = capsys.readouterr().out
    assert all(word in said for word in ("running", "2026-05-04T07:00:01.000Z", "25", "3"))


def test_a_picture_is_a_still_of_its_instant(tmp_path: Path) -> None:
    path = tmp_path / "event.JPG"
    path.write_bytes(b"encoded")
    (job,) = ingesting.file_jobs(path, [7], start=START, pattern="", zone="+00:00")
    assert [(still.name, still.device_ns) for still in job.stills] == [("event.JPG", at(0))]


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"none\.jpg"):
        ingesting.file_jobs(tmp_path / "none.jpg", [7], start=START, pattern="", zone="+00:00")


@pytest.mark.parametrize(("code", "falls"), [(-9, True), (1, True), (10, True), (0, False)])
def test_a_crash_or_a_held_lease_is_a_fall(code: int, falls: bool) -> None:
    assert ingesting.is_fall(code) is falls


def test_a_wrong_setting_is_no_fall() -> None:
    assert not ingesting.is_fall(3)
