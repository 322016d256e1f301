"""The whole demo as a newcomer runs it: its own process, the real city, the bundled models."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.served import FILMS
from core.runtime.models import ModelFolder
from pipeline.settings import Settings

PROJECT = Path(__file__).parents[2]


def bundled(folder: Path) -> bool:
    """Whether the models that the settings name came with the package."""
    settings = Settings(data_dir=folder)
    names = {settings.detector, settings.person_embedder, settings.vehicle_embedder}
    present = {one.entry.spec.name for one in ModelFolder(folder).list() if one.present}
    return names <= present


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command at work; its own folders, and its films, lie in `folder`."""
    own = {"TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache")}
    (folder / "tmp").mkdir()
    # What a shell runs in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "api", *words],
        cwd=PROJECT,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((), marks=[pytest.mark.demo, pytest.mark.timeout(3600)], id="whole"),
        # Its film is what the walk through the page wants too: it is made once.
        pytest.param(
            ("--cameras", "3", "--seconds", "75", "--cache", str(FILMS)),
            marks=pytest.mark.slow,
            id="small",
        ),
    ],
)
def test_demo_leads_to_the_true_way(tmp_path: Path, size: tuple[str, ...]) -> None:
    if not bundled(tmp_path):
        pytest.skip("the models that the settings name are not bundled here")
    with started(tmp_path, "--json", "demo", "--once", *size) as process:
        said, complained = process.communicate()
    assert complained == ""
    told = json.loads(said)
    assert told["differences"] == []
    assert process.returncode == 0
    assert told["shed"] == 0
    assert told["peak_mb"] < 3000


@pytest.mark.slow
@pytest.mark.parametrize("everybody", [True, False], ids=["Ctrl-C", "kill"])
def test_demo_ended_while_it_films_leaves_nothing(tmp_path: Path, everybody: bool) -> None:
    """A terminal's Ctrl-C reaches the whole group, a `kill` the one process alone."""
    with started(tmp_path, "demo", "--once") as process:
        wait_for_film(process, tmp_path / "cache")
        if everybody:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.terminate()
        _, complained = process.communicate()
    assert process.returncode == (130 if everybody else 128 + signal.SIGTERM)
    assert complained == ""
    assert files_in(tmp_path / "tmp") == []
    assert files_in(tmp_path / "cache") == ["casetrace/demo/.lock"]


def wait_for_film(process: subprocess.Popen[str], cache: Path) -> None:
    """Until the first pictures are on the disk."""
    while not any(path.stat().st_size for path in cache.rglob("*.part")):
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended with {process.returncode}: {process.communicate()}")
