"""IDF1 and HOTA on scenes worked out by hand, and against the judge of the field."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.judging import TruthBoxes
from benchmarks.tracks import (
    TrackScore,
    TrackTable,
    by_papers,
    by_trackeval,
    has_trackeval,
    track_score,
    track_table,
)
from core.errors import InvalidInput
from core.types import Tracklet

SECOND = 1_000_000_000
Judge = Callable[[TrackTable], TrackScore]
both_judges = pytest.mark.parametrize(
    "judge",
    [
        by_papers,
        pytest.param(
            by_trackeval,
            marks=pytest.mark.skipif(not has_trackeval(), reason="trackeval is not installed"),
        ),
    ],
)


def table(truth: list[list[int]], ours: list[list[int]], overlaps: list[list[int]]) -> TrackTable:
    """One row of `overlaps` a picture: with which true box (or -1) each of ours coincides."""
    pictures = zip(truth, ours, overlaps, strict=True)
    return TrackTable(
        tuple(np.array(ids, np.int64) for ids in truth),
        tuple(np.array(ids, np.int64) for ids in ours),
        tuple(
            np.array([[float(row == on) for on in mine] for row in range(len(ids))]).reshape(
                len(ids), len(found)
            )
            for ids, found, mine in pictures
        ),
    )


def followed(*tracks: int) -> TrackTable:
    """One subject in a row of pictures, exactly found by these tracks in turn (-1: missed)."""
    ours = [[track] if track >= 0 else [] for track in tracks]
    return table([[0]] * len(tracks), ours, [[0] if mine else [] for mine in ours])


@both_judges
def test_followed_throughout_is_perfect(judge: Judge) -> None:
    assert judge(followed(0, 0, 0, 0)) == TrackScore(1, 1, 1, 1)


@both_judges
def test_track_broken_in_the_middle(judge: Judge) -> None:
    # IDF1: one of the two halves matches, 2 * 2 / (4 + 4). AssA: each box shares 2 of 4.
    score = judge(followed(0, 0, 1, 1))
    assert score.idf1 == pytest.approx(0.5)
    assert score.det_a == pytest.approx(1)
    assert score.ass_a == pytest.approx(0.5)
    assert score.hota == pytest.approx(np.sqrt(0.5))


@both_judges
def test_subject_missed_half_of_the_time(judge: Judge) -> None:
    # IDF1: 2 * 2 / (4 + 2). DetA 2/4; AssA: 2 / (4 + 2 - 2).
    score = judge(followed(0, 0, -1, -1))
    assert score.idf1 == pytest.approx(2 / 3)
    assert score.det_a == pytest.approx(0.5)
    assert score.ass_a == pytest.approx(0.5)


@both_judges
def test_track_of_nothing_costs_precision(judge: Judge) -> None:
    # IDF1: 2 * 2 / (2 + 4). DetA: 2 / (2 + 4 - 2).
    score = judge(table([[0], [0]], [[0, 1], [0, 1]], [[0, -1], [0, -1]]))
    assert score.idf1 == pytest.approx(2 / 3)
    assert score.det_a == pytest.approx(0.5)
    assert score.ass_a == pytest.approx(1)


@both_judges
def test_tracks_that_swap_subjects(judge: Judge) -> None:
    # Both tracks hold each subject for one of two pictures: half right either way.
    score = judge(table([[0, 1], [0, 1]], [[0, 1], [0, 1]], [[0, 1], [1, 0]]))
    assert score.idf1 == pytest.approx(0.5)
    assert score.det_a == pytest.approx(1)
    assert score.ass_a == pytest.approx(1 / 3)  # 1 / (2 + 2 - 1)


@both_judges
def test_nothing_found_is_zero(judge: Judge) -> None:
    score = judge(followed(-1, -1))
    assert (score.idf1, score.hota) == (0, 0)


@pytest.mark.skipif(not has_trackeval(), reason="trackeval is not installed")
@pytest.mark.parametrize("seed", range(5))
def test_ours_by_the_papers_agrees_with_trackeval(seed: int) -> None:
    scene = random_table(np.random.default_rng(seed))
    ours, theirs = by_papers(scene), by_trackeval(scene)
    for name in ("idf1", "hota", "det_a", "ass_a"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=1e-9)


def random_table(rng: np.random.Generator) -> TrackTable:
    """Forty pictures of up to 6 subjects and 9 tracks whose overlaps are anything."""
    truth = tuple(np.flatnonzero(rng.random(6) < 0.7) for _ in range(40))
    ours = tuple(np.flatnonzero(rng.random(9) < 0.6) for _ in range(40))
    overlaps = tuple(
        rng.random((len(a), len(b))) * (rng.random((len(a), len(b))) < 0.5)
        for a, b in zip(truth, ours, strict=True)
    )
    return TrackTable(truth, ours, overlaps)


def test_score_without_a_true_box_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one true box"):
        track_score(table([[]], [[0]], [[-1]]))


# --- tables ------------------------------------------------------------------------------------


def standing(
    *, left: float = 0, visible: float = 1, height: float = 40, count: int = 5
) -> TruthBoxes:
    """Subject 7 at one place in `count` pictures."""
    return TruthBoxes(
        np.arange(count),
        np.full(count, 7, np.int64),
        np.zeros(count, np.int32),
        np.tile(np.array([left, 0, left + 20, height], np.float32), (count, 1)),
        np.full(count, visible, np.float32),
    )


def tracklet(*at_s: int, left: float = 0, height: float = 40) -> Tracklet:
    box = np.array([left, 0, left + 20, height], np.float32)
    at_ns = np.array(at_s, np.int64) * SECOND
    ones = np.ones(len(at_s), np.float32)
    return Tracklet(3, 0, 1, 1, 0, at_ns, np.tile(box, (len(at_s), 1)), ones)


def at_seconds(count: int = 5) -> np.ndarray:
    return np.arange(count) * SECOND


def test_table_interpolates_between_looks_and_ends_with_the_track() -> None:
    scene = track_table(standing(), at_seconds(), [tracklet(1, 3)])
    assert [len(ids) for ids in scene.ours] == [0, 1, 1, 1, 0]
    assert [overlap.tolist() for overlap in scene.overlaps[1:4]] == [[[1.0]]] * 3


def test_table_counts_ids_from_zero() -> None:
    scene = track_table(standing(), at_seconds(), [tracklet(0, 1), tracklet(3, 4)])
    assert (scene.true_subjects, scene.our_tracks) == (1, 2)
    assert scene.truth[0].tolist() == [0]


def test_table_leaves_out_hidden_subjects_and_who_follows_them() -> None:
    scene = track_table(standing(visible=0.1), at_seconds(), [tracklet(0, 4)])
    assert (scene.true_boxes, scene.our_boxes) == (0, 0)


def test_table_leaves_out_small_boxes_on_nothing() -> None:
    scene = track_table(standing(), at_seconds(), [tracklet(0, 4, left=300, height=20)])
    assert (scene.true_boxes, scene.our_boxes) == (5, 0)


def test_table_keeps_a_track_of_nothing() -> None:
    scene = track_table(standing(), at_seconds(), [tracklet(0, 4, left=300)])
    assert (scene.true_boxes, scene.our_boxes) == (5, 5)


def test_table_keeps_a_counted_match_that_lies_on_a_hidden_subject() -> None:
    seen, hidden = standing(count=1), standing(count=1, visible=0.1, left=5)
    both = TruthBoxes(
        np.zeros(2, np.int64),
        np.array([1, 2]),
        np.zeros(2, np.int32),
        np.concatenate([seen.xyxy, hidden.xyxy]),
        np.concatenate([seen.visibility, hidden.visibility]),
    )
    scene = track_table(both, at_seconds(1), [tracklet(0)])
    assert scene.overlaps[0].tolist() == [[1.0]]
