"""Tests of the split of real photographs."""

import hashlib

import pytest

from benchmarks.plate_sets import half_of


def test_half_of_follows_the_hash_of_the_name() -> None:
    # Digests end in ...0 (even) and ...7 (odd), so the parity can be read off the last digit.
    names = [f"photo-{row}.jpg" for row in range(40)]
    ends = [int(hashlib.sha256(name.encode()).hexdigest()[-1], 16) for name in names]
    assert [half_of(name) for name in names] == ["test" if end % 2 else "guide" for end in ends]


@pytest.mark.parametrize(("name", "half"), [("京PL3N67.jpg", "guide"), ("eu3.jpg", "test")])
def test_half_of_known_names_never_changes(name: str, half: str) -> None:
    assert half_of(name) == half


def test_half_of_splits_about_evenly() -> None:
    guides = sum(half_of(f"{row}.jpg") == "guide" for row in range(2000))
    assert abs(guides - 1000) < 4 * 2000**0.5 / 2  # four standard deviations of a fair coin
