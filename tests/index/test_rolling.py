"""An open segment that grew large is sealed before its hour ends; nobody sees a difference."""

import errno
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clocks import HOUR_NS
from core.errors import DuplicateId, StorageFull
from core.types import Embeddings, Family, VectorRows
from index import rewriting
from index.faiss_index import FaissIndex
from tests.builders import MODEL_KEY, T0_NS, scope, unit_rows

ROLLED_ROWS = 40


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FaissIndex]:
    opened = FaissIndex(tmp_path / "rolls", writer=1, reserve_bytes=0, rolled_rows=ROLLED_ROWS)
    yield opened
    opened.close()


def batch(number: int, count: int = 20) -> VectorRows:
    """The same rows for a number, all of one hour and three cameras."""
    shots = np.arange(number * count + 1, (number + 1) * count + 1)
    return VectorRows(
        Family.PERSON,
        Embeddings(MODEL_KEY, shots, unit_rows(count, seed=number)),
        shots // 2,
        shots % 3 + 1,
        T0_NS + shots * 10**9,
    )


def fill(index: FaissIndex, batches: int = 6) -> None:
    for number in range(batches):
        index.add(batch(number))


def names(tmp_path: Path, suffix: str) -> list[str]:
    return sorted(path.name for path in (tmp_path / "rolls").rglob(f"*{suffix}"))


def test_a_full_open_segment_is_sealed_before_the_next_batch(
    index: FaissIndex, tmp_path: Path
) -> None:
    fill(index, 2)
    assert (len(names(tmp_path, ".open")), len(names(tmp_path, ".seg"))) == (1, 0)

    fill_more = batch(2)
    index.add(fill_more)

    assert (len(names(tmp_path, ".open")), len(names(tmp_path, ".seg"))) == (1, 1)


def test_a_rolled_index_answers_as_one_that_never_rolled(index: FaissIndex, tmp_path: Path) -> None:
    whole = FaissIndex(tmp_path / "whole", writer=1, reserve_bytes=0)
    fill(index)
    fill(whole)
    queries = unit_rows(5, seed=99)

    found, wanted = (
        one.search(scope((1, 2, 3)), Family.PERSON, MODEL_KEY, queries, 10)
        for one in (index, whole)
    )

    whole.close()
    assert found.ids.tolist() == wanted.ids.tolist()
    assert found.shots.tolist() == wanted.shots.tolist()


@pytest.mark.parametrize("number", range(6))
def test_a_shot_that_was_rolled_is_still_known(index: FaissIndex, number: int) -> None:
    fill(index)

    with pytest.raises(DuplicateId):
        index.add(batch(number))


def test_compaction_makes_one_segment_of_an_hour_that_rolled(
    index: FaissIndex, tmp_path: Path
) -> None:
    fill(index)
    index.seal(T0_NS + HOUR_NS)
    assert len(names(tmp_path, ".seg")) == 3

    index.compact()

    assert len(names(tmp_path, ".seg")) == 1
    index.verify()


def test_a_roll_that_fails_changes_nothing(
    index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    fill(index, 2)
    with monkeypatch.context() as patch:
        patch.setattr(rewriting, "seal", full)
        with pytest.raises(StorageFull):
            index.add(batch(2))

    index.add(batch(2))  # neither refused as known, nor lost
    hits = index.search(
        scope((1, 2, 3)), Family.PERSON, MODEL_KEY, batch(2).embeddings.vectors[:1], 1
    )
    assert hits.shots.tolist() == [[41]]
