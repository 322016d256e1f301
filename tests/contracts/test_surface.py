"""What every `Surface` promises, against the whole picture in RGB scaled by plain numpy."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from core.arrays import F32, U8
from core.errors import InvalidBox, InvalidInput
from core.protocols import Surface
from ingest.surface import HostSurface, PairedSurface
from tests.ingest.videos import as_frame, textured

MakeSurface = Callable[[U8], Surface]


def of_frame(pix_fmt: str, *, matrix: str = "bt601", full_range: bool = False) -> MakeSurface:
    return lambda rgb: HostSurface.of_frame(
        as_frame(rgb, pix_fmt, matrix=matrix, full_range=full_range)
    )


def paired(rgb: U8) -> Surface:
    small = np.ascontiguousarray(area_mean(rgb, (rgb.shape[0] // 2, rgb.shape[1] // 2)))
    return PairedSurface(HostSurface.of_frame(as_frame(small)), HostSurface.of_frame(as_frame(rgb)))


SURFACES: dict[str, MakeSurface] = {
    "rgb": HostSurface.of_rgb,
    "bgr": lambda rgb: HostSurface.of_bgr(np.ascontiguousarray(rgb[..., ::-1])),
    "bt601": of_frame("yuv420p"),
    "bt601 full": of_frame("yuv420p", full_range=True),
    "bt709": of_frame("yuv420p", matrix="bt709"),
    "bt709 full": of_frame("yuv420p", matrix="bt709", full_range=True),
    "nv12": of_frame("nv12", matrix="bt709"),
    "4:2:2": of_frame("yuv422p"),
    "4:4:4": of_frame("yuv444p"),
    "10 bit": of_frame("yuv420p10le", matrix="bt709"),
    "planar rgb": of_frame("gbrp"),
    "paired": paired,
}


@pytest.fixture(params=list(SURFACES))
def make_surface(request: pytest.FixtureRequest) -> MakeSurface:
    return SURFACES[request.param]


def area_mean(rgb: U8, hw: tuple[int, int]) -> U8:
    """Scaled by averaging (shrinking) or interpolating (growing) the whole picture."""
    grown = cv2.resize(rgb, (hw[1] * 4, hw[0] * 4), interpolation=cv2.INTER_LINEAR)
    blocks = grown.reshape(hw[0], 4, hw[1], 4, 3)
    means: U8 = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return means


def worst_and_mean(got: U8, wanted: U8) -> tuple[int, float]:
    apart = np.abs(got.astype(np.int64) - wanted)
    return int(apart.max()), float(apart.mean())


def assert_alike(got: U8, wanted: U8) -> None:
    """Equal up to the rounding of colour differences at half resolution."""
    assert got.shape == wanted.shape
    worst, mean = worst_and_mean(got, wanted)
    assert worst <= 16, f"worst pixel is {worst} off"
    assert mean <= 2.5, f"pixels are {mean:.2f} off on average"


def boxes(*rows: tuple[float, float, float, float]) -> F32:
    return np.array(rows, np.float32).reshape(-1, 4)


def soft(size_hw: tuple[int, int] = (180, 320)) -> U8:
    return cv2.GaussianBlur(textured(size_hw), (0, 0), 8).astype(np.uint8)


def test_size_is_height_then_width(make_surface: MakeSurface) -> None:
    assert make_surface(soft((180, 320))).size == (180, 320)


@pytest.mark.parametrize("slot_hw", [(160, 160), (180, 320), (416, 416), (90, 320), (193, 261)])
def test_letterbox_holds_the_scaled_picture_in_grey(
    make_surface: MakeSurface, slot_hw: tuple[int, int]
) -> None:
    rgb = soft()
    slot = np.zeros((*slot_hw, 3), np.uint8)
    laid = make_surface(rgb).letterbox(slot)
    left, top = int(laid.pad_x), int(laid.pad_y)
    wide, high = round(320 * laid.scale_x), round(180 * laid.scale_y)
    assert_alike(slot[top : top + high, left : left + wide], area_mean(rgb, (high, wide)))
    slot[top : top + high, left : left + wide] = 114
    assert (slot == 114).all()


def test_letterbox_keeps_the_aspect_and_is_centred(make_surface: MakeSurface) -> None:
    laid = make_surface(soft((180, 320))).letterbox(np.zeros((640, 640, 3), np.uint8))
    assert (laid.scale_x, laid.scale_y) == pytest.approx((2.0, 2.0))
    assert (laid.pad_x, laid.pad_y) == (0, 140)


def test_letterbox_transform_brings_boxes_back_to_source_pixels(make_surface: MakeSurface) -> None:
    laid = make_surface(soft((180, 320))).letterbox(np.zeros((160, 160, 3), np.uint8))
    back = laid.to_source(boxes((0, 35, 160, 125)))
    assert back == pytest.approx(boxes((0, 0, 320, 180)))


def test_letterbox_fills_a_view_into_a_batch(make_surface: MakeSurface) -> None:
    rgb = soft()
    batch = np.zeros((3, 96, 160, 3), np.uint8)
    make_surface(rgb).letterbox(batch[1])
    assert not batch[0].any()
    assert not batch[2].any()
    assert_alike(batch[1, 3:93], area_mean(rgb, (90, 160)))


def test_letterbox_with_a_wrong_slot_names_it(make_surface: MakeSurface) -> None:
    with pytest.raises(InvalidInput, match=r"slot: want uint8 \(h, w, 3\)"):
        make_surface(soft()).letterbox(np.zeros((64, 64), np.uint8))


@pytest.mark.parametrize("hw", [(20, 10), (64, 32), (100, 50), (256, 128)])
def test_crops_are_the_scaled_boxes(make_surface: MakeSurface, hw: tuple[int, int]) -> None:
    rgb = soft()
    asked = boxes((10, 20, 60, 120), (11, 21, 62, 122), (200, 3, 319, 177))
    got = make_surface(rgb).crops(asked, hw)
    assert got.shape == (3, 3, *hw)
    for (x1, y1, x2, y2), crop in zip(asked.astype(int).tolist(), got, strict=True):
        assert_alike(crop.transpose(1, 2, 0), area_mean(rgb[y1:y2, x1:x2], hw))


def test_crops_of_no_boxes_are_none(make_surface: MakeSurface) -> None:
    assert make_surface(soft()).crops(boxes(), (64, 32)).shape == (0, 3, 64, 32)


def test_crops_of_many_equal_crops_of_each(make_surface: MakeSurface) -> None:
    surface = make_surface(soft())
    asked = boxes((0, 0, 40, 90), (33, 17, 90, 140), (250, 60, 320, 180))
    together = surface.crops(asked, (64, 32))
    apart = np.concatenate([surface.crops(asked[k : k + 1], (64, 32)) for k in range(3)])
    assert (together == apart).all()


def test_crops_are_clipped_to_the_picture(make_surface: MakeSurface) -> None:
    surface = make_surface(soft())
    beyond = surface.crops(boxes((-30, -20, 40, 90), (300, 100, 900, 900)), (64, 32))
    within = surface.crops(boxes((0, 0, 40, 90), (300, 100, 320, 180)), (64, 32))
    assert (beyond == within).all()


def test_crops_of_a_box_outside_give_the_nearest_pixel(make_surface: MakeSurface) -> None:
    rgb = soft()
    crop = make_surface(rgb).crops(boxes((500, 500, 600, 600)), (8, 8))[0]
    assert_alike(crop.transpose(1, 2, 0), np.broadcast_to(rgb[-1, -1], (8, 8, 3)))


def test_crops_of_a_box_that_is_not_finite_are_refused(make_surface: MakeSurface) -> None:
    with pytest.raises(InvalidBox, match="finite"):
        make_surface(soft()).crops(boxes((0, 0, np.nan, 10)), (8, 8))


def test_jpeg_is_the_whole_picture_in_its_own_pixels(make_surface: MakeSurface) -> None:
    rgb = soft()
    assert_alike(decoded(make_surface(rgb).jpeg()), rgb)


@pytest.mark.parametrize("box", [(10, 20, 90, 150), (11, 21, 92, 152), (-5, -5, 64, 64)])
def test_jpeg_of_a_box_is_that_part(make_surface: MakeSurface, box: tuple[int, ...]) -> None:
    rgb = soft()
    x1, y1, x2, y2 = box
    content = make_surface(rgb).jpeg(np.array(box, np.float32))
    assert_alike(decoded(content), rgb[max(0, y1) : y2, max(0, x1) : x2])


@pytest.mark.parametrize("hw", [(90, 160), (45, 80), (60, 60), (180, 320)])
def test_luma_is_the_brightness_from_black_to_white(
    make_surface: MakeSurface, hw: tuple[int, int]
) -> None:
    rgb = soft()
    got = make_surface(rgb).luma(hw)
    assert got.shape == hw
    grey = area_mean(rgb, hw).astype(np.float64) @ (0.299, 0.587, 0.114)
    # BT.709 weighs the colours otherwise, so grey levels may differ more than rounding.
    assert np.corrcoef(got.ravel(), grey.ravel())[0, 1] > 0.96
    assert abs(got.mean() - grey.mean()) < 6


def test_luma_of_black_and_white_spans_the_range(make_surface: MakeSurface) -> None:
    rgb = np.zeros((180, 320, 3), np.uint8)
    rgb[:, 160:] = 255
    luma = make_surface(rgb).luma((18, 32))
    assert luma[:, :15].max() <= 1
    assert luma[:, 17:].min() >= 254


def test_asking_again_gives_the_same_pixels(make_surface: MakeSurface) -> None:
    surface = make_surface(soft())
    first = surface.crops(boxes((5, 5, 80, 160)), (64, 32))
    surface.letterbox(np.zeros((96, 96, 3), np.uint8))
    surface.luma((90, 160))[:] = 0
    surface.jpeg()
    assert (surface.crops(boxes((5, 5, 80, 160)), (64, 32)) == first).all()


@pytest.mark.parametrize("size_hw", [(1, 1), (3, 5), (181, 321), (2, 400)])
def test_odd_sizes_work(make_surface: MakeSurface, size_hw: tuple[int, int]) -> None:
    rgb = np.full((*size_hw, 3), (200, 60, 60), np.uint8)
    if min(size_hw) < 2 and make_surface is paired:
        pytest.skip("half a pixel is no small stream")
    surface = make_surface(rgb)
    slot = np.zeros((32, 32, 3), np.uint8)
    laid = surface.letterbox(slot)
    middle = slot[int(laid.pad_y), int(laid.pad_x)]
    crop = surface.crops(boxes((0, 0, size_hw[1], size_hw[0])), (16, 16))[0]
    for got in (middle, crop[:, 8, 8], decoded(surface.jpeg())[0, 0]):
        assert got.tolist() == pytest.approx([200, 60, 60], abs=4)
    assert surface.luma((9, 16)).shape == (9, 16)


def decoded(jpeg: bytes) -> U8:
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8)
