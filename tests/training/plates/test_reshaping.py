"""Letters bent as other hands draw them."""

import numpy as np
import pytest

from core.arrays import U8
from training.plates.letters import field_of
from training.plates.reshaping import Hand, hand_for, reshaped, sample_hand

PLAIN = Hand((1.0, 1.0), (0.0, 0.0), 0.5, (0.0, 0.0), (0.0, 0.0), (1.0, 1.0))


@pytest.fixture
def block() -> U8:
    """A letter that fills its cell."""
    return field_of(np.full((288, 144), 255, np.uint8))


def tall(field: U8, column: int) -> int:
    return int((field[:, column] > 128).sum())


def test_a_plain_hand_changes_nothing(block: U8) -> None:
    assert np.abs(reshaped(block, PLAIN).astype(int) - block).max() <= 1


def test_the_left_part_is_shorter_where_a_hand_has_it_so(block: U8) -> None:
    short = Hand((0.6, 1.0), (0.0, 0.0), 0.5, (0.0, 0.0), (0.0, 0.0), (1.0, 1.0))
    bent = reshaped(block, short)
    assert bent.shape == block.shape
    width = bent.shape[1]
    assert tall(bent, width // 4) < 0.7 * tall(bent, 3 * width // 4)


def test_the_same_seed_is_the_same_hand() -> None:
    assert sample_hand(np.random.default_rng(3)) == sample_hand(np.random.default_rng(3))


def test_only_the_left_parts_of_a_few_are_set_small() -> None:
    hands = [sample_hand(np.random.default_rng(seed)) for seed in range(50)]
    small, full = ([hand_for(hand, sign).high[0] for hand in hands] for sign in ("皖", "桂"))
    assert max(small) <= 0.82
    assert min(full) >= 0.8
    assert hand_for(hands[0], "皖").high[1] == hands[0].high[1]
