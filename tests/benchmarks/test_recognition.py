"""What the recognition benchmark makes of file names and labels."""

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.recognition import clip_files, labelled_folders, market_labels, real_plates
from benchmarks.scoring import Labelled
from benchmarks.site import START_NS
from core.clocks import HOUR_NS


def label(camera: str, video: str) -> Labelled:
    return Labelled(camera, video, "0", "P1", np.zeros(1, np.int64), np.zeros((1, 4), np.float32))


def test_market_labels_come_from_the_name() -> None:
    labels = market_labels(["0002_c1s1_000451_03.jpg", "0007_c6s3_077467_01.jpg"])
    assert labels.identity.tolist() == [2, 7]
    assert labels.camera.tolist() == [1, 6]


def test_clips_of_one_camera_begin_an_hour_apart(tmp_path: Path) -> None:
    clips = clip_files(tmp_path, [label("a", "2.mp4"), label("a", "1.mp4"), label("b", "3.mp4")])
    assert [(f.path.name, f.start_ns - START_NS) for f in clips["a"]] == [
        ("1.mp4", 0),
        ("2.mp4", HOUR_NS),
    ]
    assert clips["b"][0].start_ns == START_NS


def test_labelled_folders_are_found_at_any_depth(tmp_path: Path) -> None:
    deep = tmp_path / "video" / "shop" / "dev"
    deep.mkdir(parents=True)
    (deep / "gt_tracklets.tsv").touch()
    assert labelled_folders(tmp_path) == [deep]


def test_folder_without_photographs_of_plates_has_no_figures_of_them(tmp_path: Path) -> None:
    assert real_plates(Namespace(data=tmp_path)) == {}


def test_plates_are_left_out_where_their_models_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plates").mkdir()
    asked = Namespace(data=tmp_path, detector="", models=tmp_path, half="guide")
    assert real_plates(asked) == {}
    assert "plates left out: model 'plate-finder'" in capsys.readouterr().out
