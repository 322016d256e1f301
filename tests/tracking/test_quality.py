"""What makes a box a good picture."""

import numpy as np
import pytest

from core.arrays import F32, F64, U8
from core.types import Letterbox
from tests.tracking.looks import SIZE_HW, Box, person_at
from tracking.quality import cut_by_border, hidden_share, plain_quality, sharpness


def boxes(*rows: Box) -> F32:
    return np.array(rows, np.float32).reshape(-1, 4)


def worth(*rows: Box, confidence: float = 1.0) -> F64:
    return plain_quality(boxes(*rows), np.full(len(rows), confidence, np.float32), SIZE_HW)


class PaintedSurface:
    """A picture whose crops are all the same given one."""

    size = SIZE_HW

    def __init__(self, crop: U8) -> None:
        self._crop = crop

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        return np.repeat(self._crop[None], len(xyxy), axis=0)

    def letterbox(self, slot: U8) -> Letterbox:
        raise NotImplementedError

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        raise NotImplementedError

    def luma(self, hw: tuple[int, int]) -> U8:
        raise NotImplementedError


def test_large_clear_box_is_worth_one() -> None:
    assert worth(person_at(600, 350, height=400)).tolist() == [1]


def test_larger_box_is_worth_more() -> None:
    assert worth(person_at(600, height=200)) > worth(person_at(600, height=100))


def test_size_beyond_what_embedders_see_adds_nothing() -> None:
    assert worth(person_at(600, 350, height=400)) == worth(person_at(600, 350, height=500))


def test_confidence_scales_the_worth() -> None:
    box = person_at(600)
    assert worth(box, confidence=0.5) == pytest.approx(0.5 * worth(box))


@pytest.mark.parametrize(
    "box", [(0, 100, 40, 200), (100, 1, 140, 101), (1239, 100, 1279, 200), (100, 619, 140, 719)]
)
def test_box_at_any_border_is_cut(box: Box) -> None:
    assert cut_by_border(boxes(box), SIZE_HW).tolist() == [True]


def test_box_inside_is_not_cut() -> None:
    assert cut_by_border(boxes((3, 3, 1270, 700)), SIZE_HW).tolist() == [False]


def test_box_cut_by_the_border_is_worth_less() -> None:
    assert worth(person_at(20)) == pytest.approx(0.4 * worth(person_at(600)))


def test_nearer_box_hides_by_what_it_covers() -> None:
    # 40 px wide boxes 20 px apart: half is covered; the second one's foot is lower.
    assert hidden_share(boxes(person_at(100, 300), person_at(120, 300.5))) == pytest.approx(
        [0.5 * 0.995, 0.25 * 0.995]
    )


def test_box_alone_is_not_hidden() -> None:
    assert hidden_share(boxes(person_at(100))).tolist() == [0]


def test_boxes_apart_hide_nothing() -> None:
    assert hidden_share(boxes(person_at(100), person_at(200))).tolist() == [0, 0]


def test_hidden_box_is_worth_less() -> None:
    hidden, _ = worth(person_at(600, 300), person_at(610, 320))
    assert hidden < 0.3 * worth(person_at(600, 300))[0]


def test_no_boxes_have_no_worth() -> None:
    assert worth().shape == (0,)


def test_sharp_crop_counts_more_than_a_flat_one() -> None:
    flat = np.full((3, 96, 48), 120, np.uint8)
    rough = flat.copy()
    rough[:, ::2] += 60
    one = boxes(person_at(100))
    assert sharpness(PaintedSurface(flat), one).tolist() == [0.5]
    assert 0.9 < sharpness(PaintedSurface(rough), one)[0] <= 1


def test_blur_lowers_the_sharpness() -> None:
    random = np.random.default_rng(0)
    crop = random.integers(0, 256, (3, 96, 48)).astype(np.uint8)
    padded = np.pad(crop.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    shifted = [padded[:, i : i + 96, j : j + 48] for i in range(3) for j in range(3)]
    blurred = np.mean(shifted, axis=0).astype(np.uint8)
    one = boxes(person_at(100))
    assert sharpness(PaintedSurface(blurred), one) < sharpness(PaintedSurface(crop), one)
