"""The scorer, on boxes small enough to check by hand."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scoring import Labelled, frame_times, joined, read_labels, score
from core.errors import InvalidInput
from core.types import Tracklet

SECOND = 1_000_000_000


def tracklet(tracklet_id: int = 1, *, part: int = 0, at_s: tuple[int, ...] = (0, 4)) -> Tracklet:
    """A box of 10x20 whose left side is at 10 px a second."""
    at = np.array(at_s, np.int64)
    left = (at * 10).astype(np.float32)
    xyxy = np.stack([left, 0 * left, left + 10, 0 * left + 20], axis=1)
    return Tracklet(tracklet_id, part, 7, 1, 0, at * SECOND, xyxy, np.ones(len(at), np.float32))


def labelled(*lefts: float, identity: str = "P1") -> Labelled:
    boxes = np.array([[left, 0, left + 10, 20] for left in lefts], np.float32)
    return Labelled("a", "a.mp4", "0", identity, np.arange(len(lefts), dtype=np.int64), boxes)


def times(label: Labelled) -> np.ndarray:
    return frame_times(label.frames, Fraction(1), 0)


def test_score_interpolates_between_our_boxes() -> None:
    label = labelled(0, 10, 20)
    result = score([label], [times(label)], {"a": [tracklet()]})
    assert (result.labelled, result.covered, result.identities) == (1, 1, {1: "P1"})


def test_score_half_of_the_boxes_covers() -> None:
    label = labelled(0, 10, 500, 500)
    assert score([label], [times(label)], {"a": [tracklet()]}).covered == 1


def test_score_less_than_half_does_not_cover() -> None:
    label = labelled(0, 500, 500)
    assert score([label], [times(label)], {"a": [tracklet()]}).covered == 0


def test_score_beyond_our_ends_does_not_match() -> None:
    label = labelled(0, 10, 20, 30, 40)
    result = score([label], [times(label)], {"a": [tracklet(at_s=(0, 1))]})
    assert result.covered == 0


def test_score_takes_the_identity_with_most_boxes() -> None:
    few, many = labelled(0, identity="P1"), labelled(0, 10, 20, identity="P2")
    result = score([few, many], [times(few), times(many)], {"a": [tracklet()]})
    assert result.identities == {1: "P2"}


def test_score_of_another_camera_does_not_count() -> None:
    label = labelled(0, 10)
    assert score([label], [times(label)], {"b": [tracklet()]}).covered == 0


def test_joined_strings_parts_of_one_tracklet() -> None:
    whole = joined([tracklet(part=1, at_s=(5, 6)), tracklet(part=0), tracklet(2)])
    assert [(one.tracklet_id, len(one.device_ns)) for one in whole] == [(1, 4), (2, 2)]


def test_frame_times_do_not_drift() -> None:
    hour = frame_times(np.array([30 * 3600], np.int64), Fraction(30000, 1001), 0)
    assert hour[0] == 30 * 3600 * 1001 * SECOND // 30000


def test_read_labels_leaves_false_positives_out(tmp_path: Path) -> None:
    path = tmp_path / "gt_tracklets.tsv"
    header = "camera\tvideo\ttracklet\tidentity\tframe_in_clip\tx1\ty1\tx2\ty2\n"
    path.write_text(header + "c\tv\t0\tP1\t6\t1\t2\t3\t4\nc\tv\t1\tFP_1\t6\t1\t2\t3\t4\n")
    assert [label.identity for label in read_labels(path)] == ["P1"]


def test_read_labels_without_its_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "gt_tracklets.tsv"
    path.write_text("camera\tvideo\n")
    with pytest.raises(InvalidInput, match="want columns"):
        read_labels(path)
