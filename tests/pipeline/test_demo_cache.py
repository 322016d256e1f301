"""Films are made once, whole or not at all, and never taken for another's."""

import errno
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StorageError, StorageFull
from pipeline.demo import Share, cache, default_cache
from pipeline.demo.cache import filmed
from scenes.city import City
from scenes.roads import plan_roads
from scenes.splits import Split


def city(seed: int = 1, seconds: float = 90.0) -> City:
    """One with nothing in it."""
    roads = plan_roads(1, Split.TEST, nodes=16)
    return City(seed, Split.TEST, 0, seconds, roads, (), (), "day", "clear")


def nothing(_share: float) -> None:
    return


class Filmer:
    """Writes one file, and counts how often."""

    def __init__(self, fails: Callable[[], BaseException] | None = None) -> None:
        self.times = 0
        self._fails = fails

    def __call__(self, planned: City, folder: Path, share: Share) -> None:
        self.times += 1
        (folder / "camera-0.mp4").write_text(f"film of {planned.seed}, {planned.seconds:g} s")
        share(0.5)
        if self._fails:
            raise self._fails()


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_film_is_made_once(tmp_path: Path) -> None:
    filmer = Filmer()
    first = filmed(city(), tmp_path, filmer, nothing)
    assert filmed(city(), tmp_path, filmer, nothing) == first
    assert filmer.times == 1
    assert (first / "camera-0.mp4").read_text() == "film of 1, 90 s"


@pytest.mark.parametrize("other", [city(seed=2), city(seconds=91.0), replace(city(), light="dusk")])
def test_film_of_another_city_is_not_taken(tmp_path: Path, other: City) -> None:
    filmer = Filmer()
    assert filmed(city(), tmp_path, filmer, nothing) != filmed(other, tmp_path, filmer, nothing)
    assert filmer.times == 2


def test_film_of_another_version_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filmer = Filmer()
    filmed(city(), tmp_path, filmer, nothing)
    monkeypatch.setattr(cache, "scenes_digest", lambda: "another")
    filmed(city(), tmp_path, filmer, nothing)
    assert filmer.times == 2


@pytest.mark.parametrize("damage", [lambda path: path.write_text("torn"), Path.unlink])
def test_damaged_film_is_made_anew(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    filmer = Filmer()
    damage(filmed(city(), tmp_path, filmer, nothing) / "camera-0.mp4")
    whole = filmed(city(), tmp_path, filmer, nothing)
    assert (whole / "camera-0.mp4").read_text() == "film of 1, 90 s"
    assert filmer.times == 2


def test_film_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        filmed(city(), tmp_path, Filmer(KeyboardInterrupt), nothing)
    assert left_in(tmp_path) == []


def test_what_a_killed_demo_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".filming-killed").mkdir()
    (tmp_path / ".filming-killed" / "camera-0.mp4").write_text("half")
    folder = filmed(city(), tmp_path, Filmer(), nothing)
    assert left_in(tmp_path) == [folder.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_that_fills_while_filming_says_what_helps(tmp_path: Path, number: int) -> None:
    filmer = Filmer(lambda: OSError(number, "No space left on device"))
    with pytest.raises(StorageFull, match=r"disk is full.*--cache"):
        filmed(city(), tmp_path, filmer, nothing)
    assert left_in(tmp_path) == []


def test_full_disk_of_the_filming_itself_says_what_helps(tmp_path: Path) -> None:
    filmer = Filmer(lambda: StorageFull("camera-0.mp4: no space"))
    with pytest.raises(StorageFull, match="no space; choose another folder with --cache"):
        filmed(city(), tmp_path, filmer, nothing)


def test_disk_with_too_little_room_is_refused_before_filming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 100, 1 << 10))
    filmer = Filmer()
    with pytest.raises(StorageFull, match=r"want \d+ MB free for the film, got 0.*--cache"):
        filmed(city(), tmp_path, filmer, nothing)
    assert filmer.times == 0


def test_cache_that_cannot_be_written_says_what_helps(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot be written.*--cache"):
        filmed(city(), tmp_path / "file" / "cache", Filmer(), nothing)


def test_default_cache_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "casetrace" / "demo"
