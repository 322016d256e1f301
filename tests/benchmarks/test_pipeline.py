"""What the pipeline benchmark makes of its runs, without running anything long."""

from pathlib import Path

import pytest

from benchmarks import pipeline, quiet
from benchmarks.pipeline import Course, Run
from ingest.media import summary_of
from tests.ingest.videos import flat, write_video


def run(*, wall_s: float = 2.0, covered: float = 0.0) -> Run:
    return Run(10, 5.0, wall_s, cpu_s=1.0, peak_mb=100.0, covered=covered)


def test_duel_takes_the_median_of_paired_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    walls = iter([1.0, 2.0, 1.0, 4.0, 1.0, 3.0])  # ours and the peer's in turn
    monkeypatch.setattr(pipeline, "measured", lambda course, who: run(wall_s=next(walls)))
    ours, peers, ratio = pipeline.duel(Course("any", ()), {}, {}, runs=3)
    assert ratio == 3.0
    assert len(ours) == len(peers) == 3


def test_fps_is_source_pictures_over_wall_time() -> None:
    assert run(wall_s=4.0).fps == 2.5


def test_stride_is_that_of_the_default_cadence(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "a.mp4", [flat((64, 64))] * 36, fps=18)
    assert pipeline._stride(Course("any", (clip,)), {"values": {}}) == 3


def test_tracklets_survive_the_way_between_processes() -> None:
    plain = [[0, 5], [[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 2.0, 2.0]]]
    back = pipeline._tracklet(3, plain)
    assert pipeline._plain(back) == plain
    assert back.tracklet_id == 3


def test_quiet_clip_moves_a_tenth_of_the_time() -> None:
    active_s = sum(end - start for start, end in quiet.ACTIVE_S)
    assert active_s / quiet.SECONDS == 0.1


def test_quiet_clip_is_as_long_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "SECONDS", 1)
    quiet.write_quiet_clip(tmp_path / "quiet.mp4")
    assert summary_of(tmp_path / "quiet.mp4").pictures == quiet.FPS
