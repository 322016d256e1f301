import numpy as np
import pytest

from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, DIGITS, PROVINCES, index_of
from core.plates.background import Background
from core.plates.confusion import default_confusion
from core.plates.layouts import layout_named
from tests.core.plates.builders import padded, reading


def prior(background: Background, *texts: str, longest: int = 8) -> np.ndarray:
    """The chance of each sign at each position on plates that read like `texts`, (N, P, C)."""
    rows = [padded(reading(text), longest - len(text)) for text in texts]
    chances = np.exp(np.stack(rows))
    by_kind = chances[..., :ABSENT] @ background.seen(default_confusion())
    return background.prior(by_kind, chances[..., ABSENT] < 0.5)


def test_prior_rows_are_chances_above_zero() -> None:
    table = prior(Background(), "京A12345", "RK828AG", "XXX")
    np.testing.assert_allclose(table.sum(axis=2), 1.0, rtol=1e-5)
    assert table.min() > 0


def test_prior_expects_a_province_first_on_a_chinese_plate() -> None:
    table = prior(Background(), "京A12345")[0]
    assert table[0, index_of(PROVINCES)].sum() > 0.95
    assert table[1, index_of(PROVINCES)].sum() < 0.02
    assert table[6, index_of(DIGITS)].sum() > 0.8


def test_prior_of_a_plate_that_lost_its_province_expects_none() -> None:
    table = prior(Background((layout_named("cn_blue"),)), "A12345")[0]
    assert table[0, index_of(PROVINCES)].sum() < 0.05


def test_prior_of_a_foreign_plate_hardly_expects_a_province() -> None:
    assert prior(Background(), "RK828AG")[0][0, index_of(PROVINCES)].sum() < 0.1


def test_prior_of_a_text_longer_than_any_form_is_the_free_one() -> None:
    table = prior(Background(), "A1B2C3D4E5F6", longest=12)[0]
    np.testing.assert_allclose(table, np.broadcast_to(table[0], table.shape))


def test_prior_does_not_change_with_void_positions_in_between() -> None:
    rows = reading("京A12345")
    gapped = np.insert(rows, 3, padded(rows[:0], 1), axis=0)[None]
    chances = np.exp(gapped)
    background = Background()
    by_kind = chances[..., :ABSENT] @ background.seen(default_confusion())
    table = background.prior(by_kind, chances[..., ABSENT] < 0.5)[0]
    plain = prior(background, "京A12345", longest=7)[0]
    np.testing.assert_allclose(np.delete(table, 3, axis=0), plain, rtol=1e-4)


def test_background_of_no_layout_is_refused() -> None:
    with pytest.raises(InvalidInput, match="want at least one"):
        Background(())
