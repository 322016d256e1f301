"""Numbers drawn by what they are for: the same in any batch, independent of each other."""

import numpy as np
import pytest

from core.errors import InvalidInput
from scenes.draws import Draws
from scenes.splits import MAX_SEED, Split

NUMBERS = np.arange(-500, 1500, dtype=np.int64)


def draws(seed: int = 1, split: Split = Split.TEST, purpose: int = 0) -> Draws:
    return Draws(seed, split, purpose)


def test_normals_do_not_depend_on_the_batch() -> None:
    whole = draws().normals(NUMBERS, 17)

    parts = [draws().normals(part, 17) for part in np.array_split(NUMBERS, 7)]

    assert (np.concatenate(parts) == whole).all()


def test_normals_are_standard_normal() -> None:
    drawn = draws().normals(NUMBERS, 64)

    assert drawn.dtype == np.float32
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert drawn.std() == pytest.approx(1, abs=0.01)
    assert (np.abs(drawn) < 2).mean() == pytest.approx(0.954, abs=0.03)


def test_normals_of_different_numbers_and_places_do_not_correlate() -> None:
    drawn = draws().normals(NUMBERS, 64)

    across = np.corrcoef(drawn.T) - np.eye(64)
    along = np.corrcoef(drawn[:64]) - np.eye(64)

    assert np.abs(across).max() < 5 / len(NUMBERS) ** 0.5
    assert np.abs(along).max() < 5 / 64**0.5


@pytest.mark.parametrize(
    "other",
    [draws(seed=2), draws(split=Split.TRAIN), draws(purpose=1)],
    ids=["seed", "split", "purpose"],
)
def test_another_seed_split_or_purpose_draws_other_numbers(other: Draws) -> None:
    mine, theirs = draws().normals(NUMBERS, 8), other.normals(NUMBERS, 8)

    assert abs(np.corrcoef(mine.ravel(), theirs.ravel())[0, 1]) < 0.05


def test_uniforms_fill_the_unit_interval_evenly() -> None:
    drawn = draws().uniforms(NUMBERS, 3)

    assert drawn.shape == (len(NUMBERS), 3)
    assert ((drawn >= 0) & (drawn < 1)).all()
    counts = np.histogram(drawn, 10, (0, 1))[0]
    assert counts == pytest.approx(np.full(10, drawn.size / 10), rel=0.15)


def test_nothing_asked_gives_nothing() -> None:
    none = np.empty(0, np.int64)

    assert draws().normals(none, 4).shape == (0, 4)
    assert draws().uniforms(none, 4).shape == (0, 4)


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidInput, match="seed: want 0 to"):
        draws(seed=MAX_SEED + 1)
