"""Quiet scenes pass a heartbeat; whoever moves passes at once."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.arrays import U8
from core.clocks import NS, ns_of
from core.errors import InvalidInput
from core.types import ClockSource, Frame
from ingest.motion import HEARTBEAT_S, MotionGate
from ingest.surface import HostSurface
from tests.ingest.videos import flat, textured, write_video

FPS = 6
WARM_UP = 5 * FPS
SCENE_HW = (180, 320)
TESTDATA = Path(
    os.environ.get("CASETRACE_TESTDATA", Path(__file__).parents[2] / "../shared/testdata")
)
Paint = Callable[[int], U8]


def frame(number: int, picture: U8, *, fps: float = FPS) -> Frame:
    surface = HostSurface.of_rgb(picture)
    at_ns = ns_of(number / fps)
    return Frame(1, surface, number, Fraction(1), at_ns, 0, ClockSource.RECEIPT, 0.0, 1)


def passed(paint: Paint, count: int, *, gate: MotionGate | None = None) -> list[bool]:
    """Whether each of the painted pictures is let through."""
    gate = gate or MotionGate()
    return [gate.wants(frame(number, paint(number))) for number in range(count)]


# A still scene as soft as a street is.
STREET: U8 = cv2.GaussianBlur(textured(SCENE_HW, seed=4), (0, 0), 3).astype(np.uint8)


def noisy(paint: Paint, sigma: float) -> Paint:
    def with_noise(number: int) -> U8:
        noise = np.random.default_rng(number).normal(0, sigma, (*SCENE_HW, 1))
        return np.clip(paint(number) + noise, 0, 255).astype(np.uint8)

    return with_noise


def still(number: int) -> U8:
    return STREET


def walker(*, height_px: int, contrast: int, from_number: int = WARM_UP + 20) -> Paint:
    """Nobody at first, then somebody who walks her own height in 1.2 s (1.7 m at 1.4 m/s)."""
    scene = STREET.astype(np.int16)
    wide, top = max(2, height_px // 3), 100

    def paint(number: int) -> U8:
        picture = scene.copy()
        if number >= from_number:
            left = 20 + round((number - from_number) / FPS * height_px / 1.2)
            part = picture[top : top + height_px, left : left + wide]
            part += contrast if part.mean() < 128 else -contrast
        return np.clip(picture, 0, 255).astype(np.uint8)

    return paint


def test_the_first_seconds_pass_until_the_scene_is_known() -> None:
    assert all(passed(still, 3 * FPS))


@pytest.mark.parametrize("sigma", [0.0, 2.0, 6.0])
def test_a_quiet_scene_passes_only_the_heartbeat(sigma: float) -> None:
    let = passed(noisy(still, sigma), 20 * FPS)
    later = let[WARM_UP:]
    assert sum(later) == pytest.approx(len(later) / FPS / HEARTBEAT_S, abs=1)


def test_the_heartbeat_never_stops_for_longer() -> None:
    gaps = np.diff(np.flatnonzero(passed(still, 40 * FPS)))
    assert gaps.max() <= HEARTBEAT_S * FPS


@pytest.mark.parametrize(
    "light",
    [
        pytest.param(lambda n: 0.6 + 0.01 * n / FPS, id="dawn"),
        pytest.param(lambda n: 1.0 if n < 60 else 0.75, id="a cloud at once"),
        pytest.param(lambda n: 0.9 + 0.05 * (n % 2), id="a lamp that flickers"),
    ],
)
def test_light_that_changes_everywhere_is_no_motion(light: Callable[[int], float]) -> None:
    scene = STREET
    let = passed(noisy(lambda n: (scene * light(n)).astype(np.uint8), 2.0), 20 * FPS)
    later = let[WARM_UP:]
    assert sum(later) <= len(later) / FPS / HEARTBEAT_S + 1


@pytest.mark.parametrize("fps", [2, 6, 25])
def test_a_shadow_that_drifts_over_the_scene_is_no_motion(fps: int) -> None:
    scene = STREET
    place = np.arange(SCENE_HW[1])[None, :, None]
    gate = MotionGate()
    let = []
    for number in range(20 * fps):
        edge = SCENE_HW[1] - 20 * number / fps
        shade = 1 - 0.3 * np.clip((place - edge) / 160, 0, 1)
        let.append(gate.wants(frame(number, (scene * shade).astype(np.uint8), fps=fps)))
    assert sum(let[5 * fps :]) <= 15 / HEARTBEAT_S + 1


@pytest.mark.parametrize(("height_px", "contrast"), [(6, 40), (9, 30), (18, 20), (60, 20)])
def test_somebody_who_walks_passes_within_a_second(height_px: int, contrast: int) -> None:
    begins = WARM_UP + 20
    let = passed(noisy(walker(height_px=height_px, contrast=contrast), 3.0), begins + 6 * FPS)
    assert all(let[begins + FPS :])


def test_a_dead_pixel_that_blinks_is_no_motion() -> None:
    scene = STREET

    def blinking(number: int) -> U8:
        picture = scene.copy()
        picture[100:102, 200:202] = 255 * (number % 2)
        return picture

    later = passed(blinking, 20 * FPS)[WARM_UP:]
    assert sum(later) <= 15 / HEARTBEAT_S + 1


def test_frames_pass_for_a_hold_time_after_the_motion() -> None:
    def jump(number: int) -> U8:
        picture = STREET
        if number >= WARM_UP + 10:
            picture[50:110, 150:170] = 255
        return picture

    let = passed(jump, WARM_UP + 10 + 12 * FPS, gate=MotionGate(hold_s=2.0, heartbeat_s=1000))
    after = let[WARM_UP + 10 :]
    assert all(after[: 2 * FPS])
    assert not any(after[8 * FPS :]), "what came and stays is quiet in the end"


def test_reset_learns_the_scene_anew() -> None:
    gate = MotionGate(heartbeat_s=1000)
    assert not passed(still, 10 * FPS, gate=gate)[-1]
    gate.reset()
    assert gate.wants(frame(10 * FPS, still(0)))
    assert gate.wants(frame(10 * FPS + 1, still(0)))


def test_time_that_goes_back_learns_the_scene_anew() -> None:
    gate = MotionGate(heartbeat_s=1000)
    passed(still, 10 * FPS, gate=gate)
    assert gate.wants(frame(0, still(0)))


@pytest.mark.parametrize(("heartbeat_s", "hold_s"), [(0, 1), (-1, 1), (1, -1)])
def test_impossible_times_are_refused(heartbeat_s: float, hold_s: float) -> None:
    with pytest.raises(InvalidInput, match="motion: want heartbeat"):
        MotionGate(heartbeat_s=heartbeat_s, hold_s=hold_s)


def test_one_colour_is_quiet() -> None:
    assert sum(passed(lambda _: flat(SCENE_HW), 20 * FPS)[WARM_UP:]) <= 6


def test_a_coded_quiet_clip_passes_a_fifth_at_most(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "v.mp4",
        noisy(still, 3.0),
        count=25 * FPS,
        fps=FPS,
        gop=12,
        options={"preset": "veryfast", "crf": "23"},
    )
    gate = MotionGate()
    with av.open(str(path)) as container:
        let = [gate.wants(of_decoder(picture)) for picture in container.decode(video=0)]
    assert sum(let[WARM_UP:]) / len(let[WARM_UP:]) < 0.2


def of_decoder(picture: av.VideoFrame, number: int = 0) -> Frame:
    at_ns = int((picture.pts or 0) * Fraction(picture.time_base or 1) * NS)
    surface = HostSurface.of_frame(picture)
    return Frame(1, surface, number, Fraction(1), at_ns, 0, ClockSource.CONTAINER, 0.0, 1)


@pytest.mark.testdata
@pytest.mark.skipif(not (TESTDATA / "video").is_dir(), reason="no testdata beside the checkout")
@pytest.mark.parametrize(
    "clip",
    [
        "mmptrack_retail/dev/cam1_f000-209.mp4",
        "mmptrack_retail/dev/cam2_f000-209.mp4",
        "mmptrack_retail/dev/cam3_f000-209.mp4",
        "epfl_lab/Single1.mp4",
        "epfl_lab/Double1.mp4",
    ],
)
def test_clips_in_which_people_always_move_pass_whole(clip: str) -> None:
    gate = MotionGate()
    with av.open(str(TESTDATA / "video" / clip)) as container:
        assert all(gate.wants(of_decoder(picture)) for picture in container.decode(video=0))


# Pictures in which somebody comes, goes or crosses, found by eye.
IN_MOTION = {
    "one-by-one-person-detection": [(62, 100), (182, 205), (230, 262), (432, 455), (508, 540)],
    "car-detection": [(58, 100), (185, 230), (318, 345)],
}


@pytest.mark.testdata
@pytest.mark.skipif(not (TESTDATA / "video").is_dir(), reason="no testdata beside the checkout")
@pytest.mark.parametrize("clip", IN_MOTION)
def test_clips_with_pauses_pass_whenever_somebody_moves(clip: str) -> None:
    gate = MotionGate()
    with av.open(str(TESTDATA / "video/intel" / f"{clip}.mp4")) as container:
        let = [gate.wants(of_decoder(picture)) for picture in container.decode(video=0)]
    assert 0.2 < np.mean(let) < 0.85
    for first, last in IN_MOTION[clip]:
        assert all(let[first:last])
