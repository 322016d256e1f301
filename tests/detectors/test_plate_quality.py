import numpy as np
import pytest

from core.arrays import F64
from core.errors import InvalidInput
from core.plates.alphabet import COLUMNS
from core.types import PlateRead
from detectors.plate_quality import HALF_WIDTH_PX, ReadQuality, shares_of, told_share
from tests.core.plates.builders import padded, reading


def read_with_corners(width_px: float, height_px: float, layout: str = "cn_blue") -> PlateRead:
    corners = [[5, 9], [5 + width_px, 9], [5 + width_px, 9 + height_px], [5, 9 + height_px]]
    return PlateRead(
        reading("A1", sure=1.0), layout, "blue", 0, np.array(corners, dtype=np.float32)
    )


def shares(weights: list[float], at_s: list[float]) -> F64:
    """Shares of reads that differ in sharpness alone."""
    qualities = [ReadQuality(100.0, sharpness=weight) for weight in weights]
    return shares_of(qualities, (np.array(at_s) * 1e9).astype(np.int64))


def test_a_wider_sharper_straighter_plate_weighs_more() -> None:
    plain = ReadQuality(60.0, sharpness=0.8, angle_deg=20.0).weight
    assert ReadQuality(90.0, sharpness=0.8, angle_deg=20.0).weight > plain
    assert ReadQuality(60.0, sharpness=0.9, angle_deg=20.0).weight > plain
    assert ReadQuality(60.0, sharpness=0.8, angle_deg=10.0).weight > plain
    assert ReadQuality(60.0, sharpness=0.8, angle_deg=20.0, told=0.9).weight < plain


def test_weight_stays_above_zero_and_up_to_one() -> None:
    assert 0 < ReadQuality(1.0, sharpness=0.0, angle_deg=90.0, told=0.0).weight < 1e-3
    assert ReadQuality(5000.0).weight == pytest.approx(1.0, abs=1e-3)
    assert ReadQuality(HALF_WIDTH_PX).weight == pytest.approx(0.5)


def test_quality_of_a_frontal_plate_is_its_width() -> None:
    quality = ReadQuality.of(read_with_corners(88, 28))
    assert quality.width_px == pytest.approx(88)
    assert quality.angle_deg == pytest.approx(0, abs=0.1)


def test_quality_of_a_foreshortened_plate_has_its_angle() -> None:
    assert ReadQuality.of(read_with_corners(44, 28)).angle_deg == pytest.approx(60, abs=0.1)


def test_quality_of_an_unknown_layout_has_no_angle() -> None:
    assert ReadQuality.of(read_with_corners(44, 28, layout="unknown")).angle_deg == 0.0


def test_quality_of_a_read_without_a_picture_is_middling() -> None:
    assert ReadQuality.of(read_with_corners(0, 0)).weight == pytest.approx(0.5)


def test_what_a_read_told_is_the_share_of_its_signs_that_are_likely_right() -> None:
    assert told_share(reading("A1", sure=0.7)) == pytest.approx(0.7, abs=0.01)
    assert told_share(padded(reading("A1", sure=0.7), 4)) == pytest.approx(0.7, abs=0.05)
    nothing = np.full((7, COLUMNS), -np.log(COLUMNS), np.float32)
    assert told_share(nothing) < 0.02
    assert told_share(nothing[:0]) == 0.0


@pytest.mark.parametrize(
    "wrong",
    [(0.0,), (float("nan"),), (50.0, 1.1), (50.0, 1.0, -1.0), (50.0, 1.0, 0.0, 1.1)],
)
def test_quality_refuses_what_cannot_be(wrong: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="want"):
        ReadQuality(*wrong)


def test_a_read_alone_counts_fully_however_poor() -> None:
    assert shares([0.1], [0.0]).tolist() == [1.0]


def test_reads_of_one_moment_share_one_vote() -> None:
    np.testing.assert_allclose(shares([1.0] * 4, [3.0] * 4), 0.25)


def test_reads_far_apart_count_nearly_fully_but_not_without_end() -> None:
    pair = shares([1.0, 1.0], [0.0, 60.0])
    np.testing.assert_allclose(pair, 1 / 1.15, rtol=1e-3)
    assert 6 < shares([1.0] * 1000, [60.0 * s for s in range(1000)]).sum() < 7


def test_a_poor_read_counts_less_than_a_good_one() -> None:
    good, poor = shares([1.0, 0.2], [0.0, 60.0])
    assert poor < 0.25 * good
