"""What every `ShotStore` promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64, Bool
from core.errors import Conflict, NotFound
from core.types import CutShot
from index.shots import PackShotStore
from tests.builders import at, cut_shot, scope, scope_of, span

Open = Callable[..., PackShotStore]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    """Opens the store of this test; opening it again first closes what was open."""
    opened: list[PackShotStore] = []

    def opener(writer: int | None = 1) -> PackShotStore:
        for earlier in opened:
            earlier.close()
        opened.append(PackShotStore(tmp_path / "shots", writer=writer, reserve_bytes=0))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> PackShotStore:
    return open_store()


def picture(number: int) -> bytes:
    return b"\xff\xd8" + bytes([number]) * (100 + number) + b"\xff\xd9"


def shots(*seconds: float) -> list[CutShot]:
    """One shot per instant, numbered from 1, each with its own picture."""
    return [cut_shot(i + 1, at_s=s, jpeg=picture(i + 1)) for i, s in enumerate(seconds)]


def knows(*kept: int) -> Callable[[I64], Bool]:
    return lambda shot_ids: np.isin(shot_ids, kept)


def readable(store: PackShotStore, keys: list[str], hours: float = 3) -> list[bool]:
    """Which keys still give a picture in a scope that holds them all."""

    def answers(key: str) -> bool:
        try:
            return bool(store.get(scope((1, 2), 0, hours * 3600), key))
        except NotFound:
            return False

    return [answers(key) for key in keys]


def test_put_of_nothing_gives_no_keys(store: PackShotStore) -> None:
    assert store.put(1, []) == []


def test_get_returns_what_was_put_in_order(store: PackShotStore) -> None:
    keys = store.put(1, shots(3000, 4000, 10, 5000))

    got = [store.get(scope(end_s=7200), key) for key in keys]

    assert got == [picture(number) for number in (1, 2, 3, 4)]


def test_put_one_by_one_equals_a_batch(store: PackShotStore) -> None:
    batch = store.put(1, shots(1, 2, 3))
    single = [store.put(2, [shot])[0] for shot in shots(1, 2, 3)]

    assert [key.removeprefix("2/") for key in single] == [key.removeprefix("1/") for key in batch]


def test_put_without_a_writer_is_refused(open_store: Open) -> None:
    with pytest.raises(Conflict):
        open_store(writer=None).put(1, shots(0))


def test_get_after_reopening_returns_the_same(open_store: Open) -> None:
    keys = open_store().put(1, shots(0, 1))
    store = open_store()
    more = store.put(1, [cut_shot(3, at_s=2, jpeg=picture(3))])

    assert [store.get(scope(), key) for key in keys + more] == [picture(n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "outside",
    [
        scope((2,)),
        scope((1,), 11, 20),
        scope((1,), 0, 10),
        scope((1,), 3600, 7200),
        scope(()),
        scope_of([(1, 0, 10), (1, 11, 20), (2, 10, 11)]),
    ],
)
def test_get_outside_the_scope_is_not_found(store: PackShotStore, outside: object) -> None:
    (key,) = store.put(1, shots(10))

    with pytest.raises(NotFound):
        store.get(outside, key)  # type: ignore[arg-type]


def hostile_keys() -> list[str]:
    return [
        "",
        "1",
        "../../etc/passwd",
        "1/../1/0-1",
        "/1/493999-1/0-1",
        "1/493999-1/0-1\n",
        "1/493999-1/-1-1",
        "01/493999-1/0-1",
        "1/493999-1/0-01",
        "\u0661/493999-1/0-1",  # an Arabic one
        "1/493999-1.pack/0-1",
        "1/493999-1/0-1/..",
        "1/" + "9" * 40 + "-1/0-1",
        "99999999999999999999999/1-1/0-1",
        "1\x00/493999-1/0-1",
    ]


@pytest.mark.parametrize("key", hostile_keys())
def test_get_of_a_key_that_we_did_not_make_is_not_found(store: PackShotStore, key: str) -> None:
    store.put(1, shots(0))

    with pytest.raises(NotFound):
        store.get(scope(), key)


@pytest.mark.parametrize("change", [(1, 0), (-1, 0), (0, 1), (0, -1), (10**6, 0), (0, 10**6)])
def test_get_of_another_offset_or_length_is_not_found(
    store: PackShotStore, change: tuple[int, int]
) -> None:
    key = store.put(1, shots(0, 1))[1]
    camera, pack, place = key.split("/")
    offset, length = map(int, place.split("-"))

    with pytest.raises(NotFound):
        store.get(scope(), f"{camera}/{pack}/{offset + change[0]}-{length + change[1]}")


def test_a_record_hidden_inside_a_picture_cannot_be_read(open_store: Open, tmp_path: Path) -> None:
    """A picture may hold bytes that look like a record of another time."""
    store = open_store()
    store.put(2, [cut_shot(9, at_s=100, jpeg=picture(9))])
    record = next((tmp_path / "shots" / "2").iterdir()).read_bytes()
    (key,) = store.put(1, [cut_shot(1, at_s=0, jpeg=b"abc" + record)])
    camera, pack, place = key.split("/")
    offset = int(place.split("-")[0]) + len(record) - len(picture(9)) + 3

    with pytest.raises(NotFound):
        store.get(scope(end_s=50), f"{camera}/{pack}/{offset}-{len(picture(9))}")


def test_erase_of_a_span_leaves_the_others_and_no_byte_of_it(
    store: PackShotStore, tmp_path: Path
) -> None:
    keys = store.put(1, shots(0, 10, 20, 30))

    freed = store.erase(1, span(10, 30))

    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert freed == len(picture(2)) + len(picture(3))
    assert readable(store, keys) == [True, False, False, True]
    assert [picture(number)[2:-2] in left for number in (1, 2, 3, 4)] == [True, False, False, True]
    store.verify()


def test_erase_keeps_the_keys_of_what_comes_after(store: PackShotStore) -> None:
    keys = store.put(1, shots(0, 10))
    store.erase(1, span(0, 5))
    more = store.put(1, [cut_shot(3, at_s=20, jpeg=picture(3))])

    assert readable(store, keys + more) == [False, True, True]


def test_erase_without_a_span_leaves_no_file_of_the_camera(
    store: PackShotStore, tmp_path: Path
) -> None:
    keys = store.put(1, shots(0, 4000))
    others = store.put(2, shots(0))

    freed = store.erase(1)

    assert freed > len(picture(1)) + len(picture(2))
    assert not (tmp_path / "shots" / "1").exists()
    assert readable(store, keys + others) == [False, False, True]


def test_erase_of_a_whole_hour_lets_new_shots_of_it_in(store: PackShotStore) -> None:
    store.put(1, shots(0))
    store.erase(1, span(0, 3600))

    (key,) = store.put(1, [cut_shot(2, at_s=1, jpeg=picture(2))])

    assert store.get(scope(), key) == picture(2)


def test_erase_of_an_unknown_camera_frees_nothing(store: PackShotStore) -> None:
    assert store.erase(99) == 0


def test_erase_by_another_process_is_seen_at_once(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    keys = store.put(1, shots(0, 10))

    PackShotStore(tmp_path / "shots").erase(1, span(0, 5))

    assert readable(store, keys) == [False, True]
    (more,) = store.put(1, [cut_shot(3, at_s=20, jpeg=picture(3))])
    assert readable(store, [more]) == [True]


def test_drop_deletes_exactly_what_is_older(store: PackShotStore) -> None:
    keys = store.put(1, shots(0, 3599, 3600, 5000, 7200))

    assert store.drop(1, at(5000)) > 0

    assert readable(store, keys) == [False, False, False, True, True]


def test_sweep_cuts_off_what_the_store_does_not_know(open_store: Open) -> None:
    keys = open_store().put(1, shots(0, 10, 4000))
    store = open_store()

    assert store.sweep(knows(2)) == 2

    assert readable(store, keys) == [False, True, False]
    assert store.sweep(knows(2)) == 0


def test_sweep_asks_only_for_what_was_written_since_the_last(open_store: Open) -> None:
    asked: list[int] = []

    def known(shot_ids: I64) -> Bool:
        asked.extend(shot_ids.tolist())
        return np.ones(len(shot_ids), np.bool_)

    store = open_store()
    store.put(1, [cut_shot(1, at_s=0)])
    store.sweep(known)
    asked.clear()
    store.put(1, [cut_shot(2, at_s=3600)])

    open_store().sweep(known)

    assert asked == [2]


def test_sweep_leaves_the_shots_of_other_writers(open_store: Open) -> None:
    keys = open_store(writer=1).put(1, shots(0))

    store = open_store(writer=2)

    assert store.sweep(knows()) == 0
    assert readable(store, keys) == [True]


def test_writers_of_one_camera_and_hour_do_not_meet(open_store: Open) -> None:
    first = open_store(writer=1).put(1, shots(0))
    store = open_store(writer=2)
    second = store.put(1, [cut_shot(2, at_s=1, jpeg=picture(2))])

    assert [store.get(scope(), key) for key in first + second] == [picture(1), picture(2)]


def test_verify_of_a_sound_store_says_nothing(store: PackShotStore) -> None:
    store.put(1, shots(0, 10, 4000))
    store.erase(1, span(5, 15))

    store.verify()
