"""Several processes on one database, and processes that die."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.rows.store import SqlStore
from tests.builders import audit_entry, scope

ROOT = Path(__file__).parents[3]


def worker(what: str, url: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.index.rows.worker", what, url, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_processes_that_append_at_once_make_one_chain(store: SqlStore, url: str) -> None:
    started = [worker("append", url, 25) for _ in range(4)]
    said = [
        int(line) for process in started for line in process.communicate(timeout=600)[0].split()
    ]
    assert [process.returncode for process in started] == [0] * 4
    entries = store.audit.entries()
    assert sorted(said) == [entry.seq for entry in entries] == list(range(1, 101))
    assert [e.previous for e in entries[1:]] == [e.hash for e in entries[:-1]]


def test_threads_that_append_at_once_make_one_chain(store: SqlStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: store.audit.append(audit_entry).seq, range(40)))
    assert sorted(made) == list(range(1, 41))


@pytest.mark.parametrize("after", [1, 7, 20])
def test_killed_writer_leaves_what_it_promised_and_no_half(
    store: SqlStore, url: str, after: int
) -> None:
    with worker("put", url, 100_000) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(after)][-1]
        process.kill()
        promised = max([promised, *(int(line) for line in process.stdout if line.endswith("\n"))])
    kept = {t.tracklet_id for t in store.tracks.tracklets(scope(), limit=100_000)}
    assert kept >= set(range(1, promised + 1))
    assert len(kept) - promised in (0, 1)  # it may have died between its commit and its word
    shots = np.array([[i * 4 + k for k in range(4)] for i in sorted(kept)], np.int64).ravel()
    assert store.tracks.known_shots(shots).all()
    assert len(store.tracks.shots(scope())) == len(shots)


def test_killed_appender_leaves_a_whole_chain(store: SqlStore, url: str) -> None:
    with worker("append", url, 100_000) as process:
        assert process.stdout is not None
        promised = [int(process.stdout.readline()) for _ in range(5)][-1]
        process.kill()
    after = store.audit.append(audit_entry)
    seqs = [entry.seq for entry in store.audit.entries(limit=100_000)]
    assert after.seq > promised
    assert seqs == list(range(1, after.seq + 1))
