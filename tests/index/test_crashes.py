"""A crash between any two steps on the disk: never doubled, never lost."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64, Bool
from core.clocks import HOUR_NS
from core.errors import NotFound
from core.types import Family
from index.faiss_index import FaissIndex
from index.shots import PackShotStore
from tests.builders import MODEL_KEY, T0_NS, cut_shot, scope, span, unit_rows, vector_rows
from tests.index.crashes import crash_at

LATER_NS = T0_NS + HOUR_NS
MANY_STEPS = 60
EVERYTHING = scope(end_s=10 * 3600)


def opened(folder: Path) -> FaissIndex:
    return FaissIndex(folder / "vectors", writer=1, reserve_bytes=0)


def found(index: FaissIndex) -> list[int]:
    hits = index.search(EVERYTHING, Family.PERSON, MODEL_KEY, unit_rows(1), 50)
    return sorted(tracklet for tracklet in hits.ids[0].tolist() if tracklet != -1)


def rows_kept(index: FaissIndex) -> int:
    return sum(
        len(part.columns)
        for gallery in index._all_galleries()
        for part in gallery.read(lambda snapshot: snapshot.parts)
    )


def only(*kept: int) -> Callable[[I64], Bool]:
    return lambda ids: np.isin(ids, kept)


def filled(folder: Path) -> FaissIndex:
    """Two sealed segments of an hour, an open one, and one of the next hour."""
    index = opened(folder)
    for shot in (1, 2):
        index.add(vector_rows([shot], start_s=shot))
        index.seal(LATER_NS)
    index.add(vector_rows([3], start_s=3))
    index.add(vector_rows([4], start_s=3604))
    return index


CHANGES: dict[str, Callable[[FaissIndex], object]] = {
    "seal": lambda index: index.seal(LATER_NS),
    "seal all": lambda index: index.seal(LATER_NS + HOUR_NS),
    "compact": lambda index: index.compact(),
    "sweep": lambda index: index.sweep(only(1, 2, 3, 4)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_crash_at_any_step_of_a_change_keeps_each_row_once(tmp_path: Path, change: str) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        crashed = crash_at(step, lambda index=index: CHANGES[change](index))  # type: ignore[misc]
        index.close()

        index = opened(tmp_path / str(step))
        assert found(index) == [1, 2, 3, 4]
        assert rows_kept(index) == 4
        index.seal(LATER_NS + HOUR_NS)
        index.compact()
        assert found(index) == [1, 2, 3, 4]
        assert rows_kept(index) == 4
        index.verify()
        index.close()
        if not crashed:
            return
    pytest.fail("the change never came to its end")


def test_a_crash_at_any_step_of_an_add_leaves_all_or_what_the_sweep_cuts(tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        more = vector_rows([5, 6], start_s=3599.5)  # one row in each of two hours
        crashed = crash_at(step, lambda index=index, more=more: index.add(more))  # type: ignore[misc]
        index.close()

        index = opened(tmp_path / str(step))
        assert set(found(index)) >= {1, 2, 3, 4}
        index.sweep(only(1, 2, 3, 4))
        assert found(index) == [1, 2, 3, 4]
        assert rows_kept(index) == 4
        index.add(more)
        assert found(index) == [1, 2, 3, 4, 5, 6]
        index.close()
        if not crashed:
            return
    pytest.fail("the add never came to its end")


def test_a_crash_at_any_step_of_an_erasure_is_finished_by_the_next(tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        index.seal(LATER_NS)
        erase = lambda index=index: (index.erase(1, span(1, 3)), index.compact())  # noqa: E731
        crashed = crash_at(step, erase)
        index.close()

        index = opened(tmp_path / str(step))
        assert set(found(index)) >= {3, 4}
        index.erase(1, span(1, 3))
        index.compact()
        assert found(index) == [3, 4]
        assert rows_kept(index) == 2
        index.close()
        if not crashed:
            return
    pytest.fail("the erasure never came to its end")


def test_a_crash_at_any_step_of_a_drop_brings_nothing_back_after_the_next(tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        crashed = crash_at(step, lambda index=index: index.drop(LATER_NS))  # type: ignore[misc]
        index.close()

        index = opened(tmp_path / str(step))
        assert 4 in found(index)
        index.drop(LATER_NS)
        assert found(index) == [4]
        index.close()
        if not crashed:
            return
    pytest.fail("the drop never came to its end")


def test_after_a_crash_at_any_step_of_a_seal_the_sweep_brings_nothing_back(tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        index = filled(tmp_path / str(step))
        crashed = crash_at(step, lambda index=index: index.seal(LATER_NS))  # type: ignore[misc]
        index.close()

        index = opened(tmp_path / str(step))
        index.sweep(only(4))
        assert found(index) == [4]
        assert rows_kept(index) == 1
        index.close()
        if not crashed:
            return
    pytest.fail("the seal never came to its end")


# --- pictures ----------------------------------------------------------------------------------


def picture(number: int) -> bytes:
    return b"<picture %d>" % number * 50


def store_in(folder: Path) -> PackShotStore:
    return PackShotStore(folder / "shots", writer=1, reserve_bytes=0)


def shown(store: PackShotStore, keys: list[str]) -> list[bytes | None]:
    def shot(key: str) -> bytes | None:
        try:
            return store.get(EVERYTHING, key)
        except NotFound:
            return None

    return [shot(key) for key in keys]


def test_a_crash_at_any_step_of_a_put_keeps_what_was_there(tmp_path: Path) -> None:
    for step in range(MANY_STEPS):
        store = store_in(tmp_path / str(step))
        keys = store.put(1, [cut_shot(1, jpeg=picture(1))])
        more = [cut_shot(2, at_s=5, jpeg=picture(2)), cut_shot(3, at_s=3600, jpeg=picture(3))]
        crashed = crash_at(step, lambda store=store, more=more: store.put(1, more))  # type: ignore[misc]
        store.close()

        store = store_in(tmp_path / str(step))
        store.sweep(only(1))
        again = store.put(1, more)
        assert shown(store, keys + again) == [picture(1), picture(2), picture(3)]
        store.verify()
        store.close()
        if not crashed:
            return
    pytest.fail("the put never came to its end")


def test_a_crash_at_any_step_of_an_erasure_of_pictures_is_finished_by_the_next(
    tmp_path: Path,
) -> None:
    for step in range(MANY_STEPS):
        store = store_in(tmp_path / str(step))
        shots = [cut_shot(n, at_s=n, jpeg=picture(n)) for n in (1, 2, 3)]
        keys = store.put(1, shots)
        crashed = crash_at(step, lambda store=store: store.erase(1, span(2, 3)))  # type: ignore[misc]
        store.close()

        store = store_in(tmp_path / str(step))
        assert shown(store, [keys[0], keys[2]]) == [picture(1), picture(3)]
        store.verify()
        store.erase(1, span(2, 3))
        assert shown(store, keys) == [picture(1), None, picture(3)]
        left = b"".join(path.read_bytes() for path in (tmp_path / str(step)).rglob("*.pack"))
        assert picture(2) not in left
        store.close()
        if not crashed:
            return
    pytest.fail("the erasure never came to its end")
