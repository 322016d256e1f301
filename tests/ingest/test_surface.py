"""What surfaces do beyond their contract: pairs, colour tags, turned pictures, sharing."""

import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.arrays import F32
from core.errors import InvalidInput
from ingest.scaling import resized
from ingest.surface import HostSurface, PairedSurface, whole_pixels
from ingest.yuv import Scaler, colours_of
from tests.ingest.videos import COLOURS, as_frame, flat, moving_box, textured, write_video


def box(*xyxy: float) -> F32:
    return np.array([xyxy], np.float32)


def colour_of(surface: HostSurface) -> list[int]:
    """The colour in the middle, RGB."""
    return [int(value) for value in surface.crops(box(8, 8, 24, 24), (4, 4))[0, :, 2, 2]]


def test_a_pair_gives_the_detector_the_small_picture_in_large_pixels() -> None:
    small = HostSurface.of_rgb(flat((90, 160), COLOURS["red"]))
    large = HostSurface.of_rgb(flat((360, 640), COLOURS["blue"]))
    slot = np.zeros((160, 160, 3), np.uint8)
    pair = PairedSurface(small, large)
    laid = pair.letterbox(slot)
    assert slot[80, 80].tolist() == list(COLOURS["red"])
    assert pair.size == (360, 640)
    assert laid.to_source(box(0, 35, 160, 125)) == pytest.approx(box(0, 0, 640, 360))


def test_a_pair_cuts_shots_from_the_large_picture() -> None:
    small = HostSurface.of_rgb(flat((90, 160), COLOURS["red"]))
    large = HostSurface.of_rgb(flat((360, 640), COLOURS["blue"]))
    crop = PairedSurface(small, large).crops(box(600, 300, 640, 360), (8, 8))[0]
    assert crop[:, 4, 4].tolist() == list(COLOURS["blue"])


def test_a_pair_of_other_shapes_maps_each_axis_by_itself() -> None:
    # Many cameras squeeze 16:9 into a small stream of 4:3.
    small = HostSurface.of_rgb(flat((240, 320)))
    large = HostSurface.of_rgb(flat((1080, 1920)))
    laid = PairedSurface(small, large).letterbox(np.zeros((320, 320, 3), np.uint8))
    assert laid.to_source(box(0, 40, 320, 280)) == pytest.approx(box(0, 0, 1920, 1080))


@pytest.mark.parametrize(("height", "matrix"), [(480, "bt601"), (720, "bt709"), (1080, "bt709")])
def test_a_picture_without_a_tag_is_taken_by_its_height(height: int, matrix: str) -> None:
    frame = as_frame(flat((height, 64), COLOURS["green"]), matrix=matrix)
    frame.colorspace = 2  # AVCOL_SPC_UNSPECIFIED
    frame.color_range = 0
    assert colour_of(HostSurface.of_frame(frame)) == pytest.approx(COLOURS["green"], abs=3)


def test_the_tag_wins_over_the_height() -> None:
    frame = as_frame(flat((1080, 64), COLOURS["green"]), matrix="bt601")
    assert colour_of(HostSurface.of_frame(frame)) == pytest.approx(COLOURS["green"], abs=3)


def test_a_format_of_full_range_needs_no_tag() -> None:
    frame = av.VideoFrame(16, 16, "yuvj420p")
    assert colours_of(frame).full


@pytest.mark.parametrize(
    ("asked", "cut"),
    [
        ((10.4, 10.6, 20.4, 20.6), (10, 11, 20, 21)),
        ((-5, -5, 10, 10), (0, 0, 10, 10)),
        ((90, 40, 500, 500), (90, 40, 100, 50)),
        ((30, 30, 30, 30), (30, 30, 31, 31)),
        ((40, 40, 10, 10), (40, 40, 41, 41)),
        ((500, 500, 600, 600), (99, 49, 100, 50)),
    ],
)
def test_boxes_become_whole_pixels_inside(
    asked: tuple[float, ...], cut: tuple[int, int, int, int]
) -> None:
    assert whole_pixels(box(*asked), (50, 100)) == [cut]


def test_shrinking_averages_and_skips_no_pixel() -> None:
    fine = np.zeros((64, 64), np.uint8)
    fine[::2, ::2] = 200  # a quarter of the pixels
    assert resized(fine, (8, 8)).tolist() == [[50] * 8] * 8


@pytest.mark.parametrize("hw", [(8, 8), (9, 7), (64, 64), (63, 33), (100, 100), (20, 100)])
def test_scaling_gives_the_asked_size(hw: tuple[int, int]) -> None:
    assert resized(np.zeros((64, 64, 3), np.uint8), hw).shape == (*hw, 3)


def test_a_small_box_keeps_its_colour_edges_in_place() -> None:
    # A red box whose edges lie on odd pixels, between two samples of colour.
    rgb = flat((64, 64))
    rgb[21:41, 21:41] = COLOURS["red"]
    crop = HostSurface.of_frame(as_frame(rgb)).crops(box(11, 11, 51, 51), (40, 40))[0]
    inside = crop[0].astype(int) - crop[2] > 90
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert (rows[0], rows[-1]) == (pytest.approx(10, abs=1), pytest.approx(29, abs=1))
    assert (columns[0], columns[-1]) == (pytest.approx(10, abs=1), pytest.approx(29, abs=1))


def test_a_picture_outlives_its_decoder(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", moving_box(), count=3)
    with av.open(str(path)) as container:
        surfaces = [HostSurface.of_frame(frame) for frame in container.decode(video=0)]
    assert all(surface.luma((90, 160)).mean() > 20 for surface in surfaces)


def test_threads_may_share_one_scaler() -> None:
    scaler = Scaler()
    rgb = textured((180, 320))
    wanted = np.zeros((160, 160, 3), np.uint8)
    HostSurface.of_frame(as_frame(rgb)).letterbox(wanted)
    wrong: list[int] = []

    def work() -> None:
        for _ in range(30):
            slot = np.zeros((160, 160, 3), np.uint8)
            HostSurface.of_frame(as_frame(rgb), scaler).letterbox(slot)
            wrong.append(int((slot != wanted).sum()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert wrong == [0] * 120


def test_pixels_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"pixels: want uint8 \(h, w, 3\)"):
        HostSurface.of_rgb(np.zeros((10, 10, 3), np.float32))


def test_a_jpeg_too_long_for_the_format_is_refused() -> None:
    surface = HostSurface.of_rgb(np.zeros((1, 70_000, 3), np.uint8))
    with pytest.raises(InvalidInput, match="at most 65500 pixels"):
        surface.jpeg()


def test_a_jpeg_is_read_back_as_the_same_colours() -> None:
    surface = HostSurface.of_frame(as_frame(flat((32, 32), COLOURS["blue"]), matrix="bt709"))
    bgr = cv2.imdecode(np.frombuffer(surface.jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    assert [int(value) for value in bgr[16, 16][::-1]] == pytest.approx(COLOURS["blue"], abs=4)
