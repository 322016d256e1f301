"""What a search found is not searched for again, and never outlives a change."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clocks import HOUR_NS
from core.types import Embeddings, Family, Hits, VectorRows
from index import faiss_index
from index.faiss_index import FaissIndex
from index.ranking import Shortlist
from index.remembered import Remembered
from index.windows import scope_key
from tests.builders import MODEL_KEY, T0_NS, scope, span, unit_rows

PERSON = Family.PERSON
QUERY = unit_rows(1, seed=99)


def rows(first: int, count: int = 60, *, camera_id: int = 1, hour: int = 0) -> VectorRows:
    """So many shots of one camera in one hour; two to a tracklet."""
    shots = np.arange(first, first + count)
    return VectorRows(
        PERSON,
        Embeddings(MODEL_KEY, shots, unit_rows(count, seed=first)),
        shots // 2,
        np.full(count, camera_id),
        T0_NS + hour * HOUR_NS + np.arange(count) * 10**9,
    )


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FaissIndex]:
    """One sealed hour and one open one."""
    opened = FaissIndex(tmp_path / "vectors", writer=1, reserve_bytes=0)
    opened.add(rows(2))
    opened.seal(T0_NS + 2 * HOUR_NS)
    opened.add(rows(1002, hour=3))
    yield opened
    opened.close()


def found(index: FaissIndex, *, k: int = 100, cameras: tuple[int, ...] = (1,)) -> Hits:
    return index.search(scope(cameras, 0, 6 * 3600), PERSON, MODEL_KEY, QUERY, k)


def told(hits: Hits) -> list[tuple[int, int, float]]:
    columns = (hits.ids[0].tolist(), hits.shots[0].tolist(), hits.scores[0].tolist())
    return list(zip(*columns, strict=True))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one for each pass over sealed rows."""
    passes: list[int] = []

    def counted(name: str) -> None:
        real: Callable[..., object] = getattr(faiss_index, name)

        def counting(*given: object) -> object:
            passes.append(1)
            return real(*given)

        monkeypatch.setattr(faiss_index, name, counting)

    counted("settle")
    counted("scan")
    return passes


def test_the_same_question_gets_the_same_answer_without_a_pass_over_sealed_rows(
    index: FaissIndex, settled: list[int]
) -> None:
    first = told(found(index))
    passes = len(settled)
    again = told(found(index))
    assert again == first
    assert len(settled) - passes == 1  # over the open rows


@pytest.mark.parametrize("change", ["k", "scope"])
def test_another_question_is_searched_for(
    index: FaissIndex, settled: list[int], change: str
) -> None:
    found(index)
    passes = len(settled)
    found(index, k=7) if change == "k" else found(index, cameras=(1, 2))
    assert len(settled) - passes == 2


def test_rows_that_came_since_are_found(index: FaissIndex) -> None:
    before = {one for one, _, _ in told(found(index))}
    index.add(rows(2002, hour=3))
    added = {one for one, _, _ in told(found(index))} - before
    assert added == set((np.arange(2002, 2062) // 2).tolist())


def test_rows_that_were_sealed_since_are_found(index: FaissIndex) -> None:
    before = told(found(index))
    index.seal(T0_NS + 9 * HOUR_NS)
    assert told(found(index)) == before


def test_what_was_erased_since_is_gone(index: FaissIndex) -> None:
    before = {one for one, _, _ in told(found(index))}
    index.erase(1, span(0, 30))
    after = {one for one, _, _ in told(found(index))}
    assert after < before
    index.compact()
    assert {one for one, _, _ in told(found(index))} == after


def test_each_of_many_scopes_gets_its_own_rows_again(index: FaissIndex) -> None:
    scopes = [scope((1,), 0, seconds) for seconds in (5, 10, 20, 30, 40, 50)]

    def seen() -> list[set[int]]:
        hits = [index.search(one, PERSON, MODEL_KEY, QUERY, 100) for one in scopes]
        return [set(one.ids[0].tolist()) - {-1} for one in hits]

    first = seen()
    assert [len(one) for one in first] == [3, 5, 10, 15, 20, 25]
    assert seen() == first


def test_no_more_than_so_many_answers_are_kept() -> None:
    kept, scope_ = Remembered(most=2), scope_key([(1, 0, 9)])
    asked = [Shortlist(query, 3) for query in unit_rows(3, seed=5)]
    for one in asked:
        kept.keep(one, scope_)
    assert [kept.recalled(Shortlist(one.query, 3), scope_) for one in asked] == [False, True, True]


def test_scopes_have_keys_of_their_own() -> None:
    assert scope_key([(1, 0, 9)]) == scope_key([(1, 0, 9)])
    assert scope_key([(1, 0, 9)]) != scope_key([(1, 0, 8)])
