"""Several threads and processes on the same files at once."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.clocks import HOUR_NS
from core.types import Family
from index.faiss_index import FaissIndex
from index.shots import PackShotStore
from tests.builders import MODEL_KEY, T0_NS, cut_shot, scope, unit_rows, vector_rows

LATER_NS = T0_NS + HOUR_NS
ROUNDS = 30


def found(index: FaissIndex) -> set[int]:
    hits = index.search(scope(), Family.PERSON, MODEL_KEY, unit_rows(1), 2 * ROUNDS)
    return set(hits.ids[0].tolist()) - {-1}


def together(*works: Callable[[], None]) -> None:
    """Run each in a thread of its own; the first error is raised here."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    if errors:
        raise errors[0]


def test_a_reader_finds_all_that_was_added_while_files_are_sealed_and_joined(
    tmp_path: Path,
) -> None:
    writer = FaissIndex(tmp_path, writer=1, reserve_bytes=0)
    added = [0]
    done = threading.Event()

    def write() -> None:
        for shot in range(1, ROUNDS + 1):
            writer.add(vector_rows([shot], start_s=shot))
            added[0] = shot
            if shot % 3 == 0:
                writer.seal(LATER_NS)
            if shot % 10 == 0:
                writer.compact()
        done.set()

    def read() -> None:
        reader = FaissIndex(tmp_path)
        while True:
            last = done.is_set()
            before = added[0]
            assert set(range(1, before + 1)) <= found(reader)
            if last:
                return

    together(write, read)
    writer.close()


def test_a_reader_never_finds_what_was_erased_while_files_are_joined(tmp_path: Path) -> None:
    writer = FaissIndex(tmp_path, writer=1, reserve_bytes=0)
    for shot in range(1, ROUNDS + 1):
        writer.add(vector_rows([shot], start_s=shot))
        if shot % 10 == 0:
            writer.seal(LATER_NS)
    erased = [0]
    done = threading.Event()

    def erase() -> None:
        eraser = FaissIndex(tmp_path)
        for shot in range(1, ROUNDS, 2):
            eraser.erase(1, scope(start_s=shot, end_s=shot + 1).spans[0].span)
            erased[0] = shot
            if shot % 15 == 0:
                eraser.compact()
        done.set()

    def read() -> None:
        reader = FaissIndex(tmp_path)
        while True:
            last = done.is_set()
            gone = set(range(1, erased[0] + 1, 2))
            seen = found(reader)
            assert not gone & seen
            assert set(range(2, ROUNDS + 1, 2)) <= seen
            if last:
                return

    together(erase, read)
    writer.close()


def test_two_writers_add_and_compact_at_once(tmp_path: Path) -> None:
    writers = [FaissIndex(tmp_path, writer=number, reserve_bytes=0) for number in (1, 2)]

    def write(number: int) -> Callable[[], None]:
        def work() -> None:
            for shot in range(number, 2 * ROUNDS // 3, 2):
                writers[number].add(vector_rows([shot + 1], start_s=shot))
                if shot % 5 == 0:
                    writers[number].seal(LATER_NS)
                    writers[number].compact()

        return work

    together(write(0), write(1))

    assert found(writers[0]) == set(range(1, 2 * ROUNDS // 3 + 1))
    for writer in writers:
        writer.close()


def test_threads_of_one_writer_add_at_once(tmp_path: Path) -> None:
    index = FaissIndex(tmp_path, writer=1, reserve_bytes=0)

    def add(first: int) -> Callable[[], None]:
        def work() -> None:
            for shot in range(first, ROUNDS + 1, 3):
                index.add(vector_rows([shot], start_s=shot))

        return work

    together(add(1), add(2), add(3))

    assert found(index) == set(range(1, ROUNDS + 1))
    index.close()


def test_pictures_are_put_read_and_erased_at_once(tmp_path: Path) -> None:
    store = PackShotStore(tmp_path, writer=1, reserve_bytes=0)
    keys: list[str] = []
    done = threading.Event()

    def picture(number: int) -> bytes:
        return np.random.default_rng(number).bytes(2000)

    def put() -> None:
        try:
            for number in range(ROUNDS):
                keys.extend(store.put(1, [cut_shot(number, at_s=number, jpeg=picture(number))]))
        finally:
            done.set()

    def read() -> None:
        reader = PackShotStore(tmp_path)
        while True:
            last = done.is_set()
            for number, key in enumerate(list(keys)):
                assert reader.get(scope(), key) == picture(number)
            if last:
                return

    def erase_before() -> None:
        eraser = PackShotStore(tmp_path)
        while not done.is_set():
            eraser.erase(1, scope(start_s=2000, end_s=3000).spans[0].span)

    together(put, read, erase_before)
    store.close()
