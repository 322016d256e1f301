"""What every `ProbeStore` promises."""

from pathlib import Path

import pytest

from core.errors import DuplicateId, NotFound, StorageCorrupt
from index.probes import FileProbeStore
from tests.builders import scope


@pytest.fixture
def store(tmp_path: Path) -> FileProbeStore:
    return FileProbeStore(tmp_path / "probes", reserve_bytes=0)


def test_get_returns_what_was_put(store: FileProbeStore, tmp_path: Path) -> None:
    key = store.put(1, 5, b"jpeg")

    assert store.get(scope(case_id=1), key) == b"jpeg"
    assert FileProbeStore(tmp_path / "probes").get(scope(case_id=1), key) == b"jpeg"


def test_get_for_another_case_is_not_found(store: FileProbeStore) -> None:
    key = store.put(1, 5, b"jpeg")

    with pytest.raises(NotFound):
        store.get(scope(case_id=2), key)


@pytest.mark.parametrize(
    "key", ["", "1", "1/5", "1/../2/5-00000000", "../1/5-00000000", "1/5-00000000", "1/5-xyz\n"]
)
def test_get_of_a_key_that_we_did_not_make_is_not_found(store: FileProbeStore, key: str) -> None:
    store.put(1, 5, b"jpeg")

    with pytest.raises(NotFound):
        store.get(scope(case_id=1), key)


def test_put_of_a_known_probe_raises_and_changes_nothing(store: FileProbeStore) -> None:
    key = store.put(1, 5, b"first")

    with pytest.raises(DuplicateId):
        store.put(1, 5, b"second")

    assert store.get(scope(case_id=1), key) == b"first"


def test_erase_case_leaves_nothing_of_it(store: FileProbeStore, tmp_path: Path) -> None:
    gone, kept = store.put(1, 5, b"<gone>"), store.put(2, 6, b"<kept>")

    store.erase_case(1)

    assert [path.read_bytes() for path in tmp_path.rglob("*.jpg")] == [b"<kept>"]
    assert store.get(scope(case_id=2), kept) == b"<kept>"
    with pytest.raises(NotFound):
        store.get(scope(case_id=1), gone)


def test_erase_of_an_unknown_case_does_nothing(store: FileProbeStore) -> None:
    store.erase_case(9)


def test_get_of_a_changed_picture_is_an_error(store: FileProbeStore, tmp_path: Path) -> None:
    key = store.put(1, 5, b"jpeg")
    next(tmp_path.rglob("*.jpg")).write_bytes(b"jpog")

    with pytest.raises(StorageCorrupt, match="checksum"):
        store.get(scope(case_id=1), key)
