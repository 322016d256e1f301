"""Glass and sensor."""

import numpy as np
import pytest

from core.arrays import U8
from scenes.lens import Lens, Optics

SIZE = (90, 160)
CLEAN = Optics(blur_px=0.0, noise=0.0, vignette=0.0)


def exposed(optics: Optics, *, grey: int = 120, at_s: float = 0.0, dark: bool = False) -> U8:
    lens = Lens(optics, SIZE, np.random.default_rng(1), dark=dark)
    flat = np.full((*SIZE, 3), grey, np.uint8)
    return lens.expose(flat, at_s, np.random.default_rng(2))


def test_clean_glass_changes_the_exposure_only_a_little() -> None:
    picture = exposed(CLEAN)
    assert np.unique(picture).size == 1
    assert float(picture.mean()) == pytest.approx(120, abs=6)


def test_corners_lose_light() -> None:
    picture = exposed(Optics(blur_px=0.0, noise=0.0, vignette=0.3))
    assert int(picture[0, 0, 0]) == pytest.approx(0.7 * int(picture[45, 80, 0]), abs=3)


def test_cast_tints_grey() -> None:
    picture = exposed(Optics(blur_px=0.0, noise=0.0, vignette=0.0, cast=(1.1, 1.0, 0.8)))
    red, green, blue = picture[45, 80].tolist()
    assert red > green > blue


@pytest.mark.parametrize(("dark", "more"), [(False, 1.0), (True, 1.9)])
def test_noise_has_its_strength_and_no_bias(dark: bool, more: float) -> None:
    picture = exposed(Optics(blur_px=0.0, noise=4.0, vignette=0.0), dark=dark)
    clean = exposed(CLEAN, dark=dark)
    assert float(picture.std()) == pytest.approx(4.0 * more, rel=0.25)
    assert float(picture.mean()) == pytest.approx(float(clean.mean()), abs=0.5)


def test_exposure_wanders_with_time() -> None:
    means = [float(exposed(CLEAN, at_s=at_s).mean()) for at_s in np.arange(0, 12, 0.5)]
    assert 1 < max(means) - min(means) < 12


def test_white_stays_white_under_a_cast() -> None:
    picture = exposed(Optics(0.0, 0.0, (1.2, 1.0, 1.0), vignette=0.0), grey=255)
    red, green, _ = picture[45, 80].tolist()
    assert red - green < 25
