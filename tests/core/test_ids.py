"""Ids: from many clocks and writers, ascending and never twice."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.ids import WRITERS, IdSource, ids_at, writer_of
from tests.builders import at


class Steps:
    """A clock that goes through given instants."""

    def __init__(self, moments_ns: list[int]) -> None:
        self._left = iter(moments_ns)

    def __call__(self) -> int:
        return next(self._left)


@pytest.mark.parametrize(
    "seconds",
    [[0.0, 0.001, 0.5], [1.0, 1.0, 1.0], [2.0, 1.0, 1.5, 3.0], [0.0] * 5000],
    ids=["ascending", "together", "backwards", "more than a millisecond holds"],
)
def test_ids_at_are_those_of_a_source_with_that_clock(seconds: list[float]) -> None:
    moments = [at(one) for one in seconds]
    source = IdSource(7, Steps(moments))

    made = ids_at(np.array(moments, np.int64), 7)

    assert made.tolist() == [source.next() for _ in moments]


def test_ids_at_in_two_batches_are_those_of_one() -> None:
    moments = np.array([at(one) for one in (0, 0, 0, 1, 0.5, 2)], np.int64)
    whole = ids_at(moments, 3)

    first = ids_at(moments[:3], 3)
    rest = ids_at(moments[3:], 3, after=int(first[-1]))

    assert [*first, *rest] == whole.tolist()
    assert set(map(writer_of, whole.tolist())) == {3}


def test_no_instants_give_no_ids() -> None:
    assert ids_at(np.empty(0, np.int64), 1).tolist() == []


@pytest.mark.parametrize("writer", [-1, WRITERS])
def test_ids_at_refuses_a_writer_out_of_range(writer: int) -> None:
    with pytest.raises(InvalidInput, match="writer: want 0 to"):
        ids_at(np.zeros(1, np.int64), writer)
