"""Packs hold what the generator drew, whole, whoever draws them."""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.errors import NotFound
from tests.training.plates.builders import letters
from training.plates import packs
from training.plates.finder import finder_samples
from training.plates.packs import (
    draw_finder,
    draw_reader,
    pack_files,
    read_finder,
    read_reader,
    write_finder,
    write_reader,
)
from training.plates.reader import reader_samples


def test_reader_pack_gives_back_what_was_drawn(tmp_path: Path) -> None:
    drawn = draw_reader(letters(), 2, count=3)
    write_reader(tmp_path / "a.npz", drawn)
    assert read_reader([tmp_path / "a.npz"]) == drawn


def test_pack_holds_its_own_rows_of_one_long_series(tmp_path: Path) -> None:
    series = reader_samples(letters(), 1, [2000, 2001])
    first = draw_reader(letters(), 2, count=2)
    assert [one.text for one in first] == list(series.texts)
    apart = packs.decoded(first[0].jpeg).transpose(2, 0, 1).astype(int) - series.pictures[0]
    assert np.abs(apart).mean() < 4


def test_finder_pack_gives_back_corners(tmp_path: Path) -> None:
    drawn = draw_finder(letters(), 1, count=4)
    write_finder(tmp_path / "a.npz", drawn)
    read = read_finder([tmp_path / "a.npz"])
    series = finder_samples(letters(), 1, range(1000, 1004))
    for one, corners, count in zip(read, series.corners, series.counts, strict=True):
        assert one.corners.shape == (count, 4, 2)
        assert np.allclose(one.corners, corners[:count], atol=1e-3)


def test_every_twentieth_pack_is_held_out(tmp_path: Path) -> None:
    for number in (0, 1, 19, 20, 21):
        (tmp_path / f"{number:06}.npz").touch()
    assert [int(file.stem) for file in pack_files(tmp_path, held_out=True)] == [0, 20]
    assert [int(file.stem) for file in pack_files(tmp_path, held_out=False)] == [1, 19, 21]


def test_no_packs_say_how_to_draw_them() -> None:
    with pytest.raises(NotFound, match=r"training\.plates\.packs"):
        read_reader([])


@pytest.mark.parametrize("kind", ["finder", "reader"])
def test_packs_that_are_there_are_not_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(packs, "draw_reader", partial(draw_reader, count=2))
    monkeypatch.setattr(packs, "draw_finder", partial(draw_finder, count=2))
    letters().save(tmp_path / "letters.npz")
    there = tmp_path / "packs" / "000000.npz"
    there.parent.mkdir()
    there.touch()
    asked = ["packs", kind, "--out", str(there.parent), "--packs", "2"]
    monkeypatch.setattr(sys, "argv", [*asked, "--letters", str(tmp_path / "letters.npz")])
    packs.main()
    assert there.stat().st_size == 0
    assert (there.parent / "000001.npz").stat().st_size > 0


def test_a_course_has_more_of_its_plates() -> None:
    drawn = [one.layout for one in draw_reader(letters(), 0, 30, "chinese")]
    usual = [one.layout for one in draw_reader(letters(), 0, 30)]
    assert drawn.count("cn_blue") > usual.count("cn_blue")
