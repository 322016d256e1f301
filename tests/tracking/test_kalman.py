"""The filter against its closed forms."""

import numpy as np
import pytest

from core.arrays import F32, F64
from tracking.kalman import KalmanTracks, Motion, centres_of, no_tracks

MOTION = Motion()
ROW = np.array([0], np.int64)


def box(x: float, y: float = 0.0, *, height: float = 100.0) -> F32:
    wide, high = height / 5, height / 2
    return np.array([[x - wide, y - high, x + wide, y + high]], np.float32)


def started(xyxy: F32, pace: float = 1.0) -> KalmanTracks:
    return KalmanTracks.started(xyxy, np.full(len(xyxy), pace), MOTION)


def state(tracks: KalmanTracks) -> list[F64]:
    return [tracks.place, tracks.velocity, tracks.pp, tracks.pv, tracks.vv]


def walked(speed_px: float, per_second: float, *, seconds: float = 3.0) -> KalmanTracks:
    """A track of a subject who moves to the right, seen without noise."""
    tracks = started(box(0))
    for i in range(1, int(seconds * per_second) + 1):
        tracks.predict(1 / per_second, MOTION)
        tracks.correct(ROW, box(speed_px * i / per_second), MOTION)
    return tracks


def test_started_track_stands_at_its_box() -> None:
    tracks = started(box(50, 60))
    assert tracks.place.tolist() == [[50, 60, 40, 100]]
    assert not tracks.velocity.any()
    assert tracks.boxes() == pytest.approx(box(50, 60))


def test_two_short_steps_equal_one_long() -> None:
    once, twice = walked(80, 6), walked(80, 6)
    once.predict(0.5, MOTION)
    twice.predict(0.2, MOTION)
    twice.predict(0.3, MOTION)
    for a, b in zip(state(once), state(twice), strict=True):
        assert a == pytest.approx(b, rel=1e-9)


def test_no_time_changes_nothing() -> None:
    before, after = walked(80, 6), walked(80, 6)
    after.predict(0.0, MOTION)
    for a, b in zip(state(before), state(after), strict=True):
        assert a == pytest.approx(b)


def test_short_step_adds_white_noise_of_constant_velocity() -> None:
    # For dt much shorter than the memory: q dt, q dt^2 / 2 and q dt^3 / 3 with q = (push h)^2.
    tracks = started(box(0))
    tracks.pp[:], tracks.vv[:] = 0, 0
    tracks.predict(1e-3, MOTION)
    force = (MOTION.push * 100) ** 2
    assert tracks.vv[0, 0] == pytest.approx(force * 1e-3, rel=2e-3)
    assert tracks.pv[0, 0] == pytest.approx(force * 1e-6 / 2, rel=2e-3)
    assert tracks.pp[0, 0] == pytest.approx(force * 1e-9 / 3, rel=2e-3)


def test_correction_weighs_prediction_and_box_by_their_doubt() -> None:
    # Equal variances of prediction and box meet half way, and halve the variance.
    tracks = started(box(0))
    tracks.correct(ROW, box(10), MOTION)
    assert tracks.place[0, 0] == pytest.approx(5)
    assert tracks.pp[0, 0] == pytest.approx((MOTION.place_noise * 100) ** 2 / 2)


def test_filter_equals_the_matrix_form() -> None:
    tracks = walked(80, 6, seconds=1)
    cov = np.array([[tracks.pp[0, 0], tracks.pv[0, 0]], [tracks.pv[0, 0], tracks.vv[0, 0]]])
    mean = np.array([tracks.place[0, 0], tracks.velocity[0, 0]])
    noise = (MOTION.place_noise * 100) ** 2
    gain = cov[:, 0] / (cov[0, 0] + noise)
    tracks.correct(ROW, box(200), MOTION)
    assert [tracks.place[0, 0], tracks.velocity[0, 0]] == pytest.approx(
        mean + gain * (200 - mean[0])
    )
    wanted = cov - np.outer(gain, cov[0])
    assert [tracks.pp[0, 0], tracks.pv[0, 0], tracks.vv[0, 0]] == pytest.approx(
        [wanted[0, 0], wanted[0, 1], wanted[1, 1]]
    )


@pytest.mark.parametrize("per_second", [3, 6, 25])
def test_velocity_is_learned_in_seconds_at_any_cadence(per_second: float) -> None:
    assert walked(80, per_second).velocity[0, 0] == pytest.approx(80, rel=0.2)


def test_unseen_subject_slows_down_instead_of_leaving() -> None:
    tracks = walked(80, 6)
    here, speed = tracks.place[0, 0], tracks.velocity[0, 0]
    tracks.predict(100.0, MOTION)
    assert tracks.place[0, 0] == pytest.approx(here + speed * MOTION.memory_s)
    assert tracks.velocity[0, 0] == pytest.approx(0, abs=1e-9)


def test_doubt_grows_with_time_unseen() -> None:
    tracks = walked(80, 6)
    doubts = []
    for _ in range(4):
        doubts.append(float(tracks.pp[0, 0]))
        tracks.predict(0.3, MOTION)
    assert doubts == sorted(doubts)


def test_noise_follows_the_size_of_the_box() -> None:
    far, near = started(box(0, height=50)), started(box(0, height=200))
    assert near.pp[0, 0] == pytest.approx(16 * far.pp[0, 0])
    assert near.vv[0, 0] == pytest.approx(16 * far.vv[0, 0])


def test_faster_kind_has_more_doubt_about_its_speed() -> None:
    assert started(box(0), pace=8).vv[0, 0] == pytest.approx(64 * started(box(0)).vv[0, 0])


def test_rest_keeps_the_place_and_forgets_the_velocity() -> None:
    tracks = walked(80, 6)
    here = tracks.place.copy()
    tracks.rest(MOTION)
    tracks.predict(1.0, MOTION)
    assert tracks.place == pytest.approx(here)


def test_shrinking_box_never_turns_inside_out() -> None:
    tracks = started(box(0))
    tracks.velocity[:, 2:] = -1000
    tracks.predict(1.0, MOTION)
    assert (tracks.place[:, 2:] >= 1).all()


def test_tracks_do_not_influence_each_other() -> None:
    both = started(np.concatenate([box(0), box(500)]))
    both.correct(np.array([1]), box(510), MOTION)
    alone = started(box(0))
    for a, b in zip(state(both.taken(np.array([0]))), state(alone), strict=True):
        assert a == pytest.approx(b)


def test_joined_and_taken_keep_order() -> None:
    joined = started(box(1)).joined(started(box(2)))
    assert joined.taken(np.array([1, 0])).place[:, 0].tolist() == [2, 1]


def test_no_tracks_can_be_moved() -> None:
    tracks = no_tracks()
    tracks.predict(1.0, MOTION)
    assert tracks.boxes().shape == (0, 4)


def test_box_without_sides_gets_a_pixel() -> None:
    assert centres_of(np.array([[5, 5, 5, 5]], np.float32)).tolist() == [[5, 5, 1, 1]]
