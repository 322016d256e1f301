"""The model folder: nothing takes its place, and nothing is used, unless its hash holds."""

import errno
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import (
    Busy,
    Conflict,
    ModelMismatch,
    ModelMissing,
    NotFound,
    SourceUnavailable,
    StorageFull,
    TooLarge,
)
from core.runtime.catalogue import Catalogue
from core.runtime.download import Download
from core.runtime.models import ModelFolder, sha256_of
from tests.core.runtime.builders import catalogue, declaration, entry

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TINY = entry(sha256=SHA256, size_bytes=len(CONTENT))
CHUNK = 1000


class Server:
    """Serves `content` in chunks; breaks off after `breaks_after` bytes of one answer."""

    def __init__(
        self, content: bytes = CONTENT, *, breaks_after: int | None = None, ranges: bool = True
    ) -> None:
        self.content = content
        self.breaks_after = breaks_after
        self.ranges = ranges
        self.starts: list[int] = []

    @contextmanager
    def __call__(self, address: str, start: int) -> Iterator[Download]:
        assert address == TINY.address
        self.starts.append(start)
        start = start if self.ranges else 0
        yield Download(start, self._chunks(start))

    def _chunks(self, start: int) -> Iterator[bytes]:
        for at in range(start, len(self.content), CHUNK):
            if self.breaks_after is not None and at - start >= self.breaks_after:
                raise SourceUnavailable("the line broke")
            yield self.content[at : at + CHUNK]


def folder(path: Path, known: Catalogue | None = None) -> ModelFolder:
    return ModelFolder(path / "models", catalogue(TINY) if known is None else known)


def written(path: Path, content: bytes = CONTENT) -> Path:
    path.write_bytes(content)
    return path


# --- pull --------------------------------------------------------------------------------------


def test_pulled_file_is_there_and_right(tmp_path: Path) -> None:
    models = folder(tmp_path)
    path = models.pull("tiny", Server())
    assert path == models.path("tiny")
    assert path.read_bytes() == CONTENT


def test_second_pull_fetches_nothing(tmp_path: Path) -> None:
    models, server = folder(tmp_path), Server()
    models.pull("tiny", server)
    models.pull("tiny", server)
    assert server.starts == [0]


def test_interrupted_pull_goes_on_from_where_it_was(tmp_path: Path) -> None:
    models = folder(tmp_path)
    with pytest.raises(SourceUnavailable):
        models.pull("tiny", Server(breaks_after=3 * CHUNK))
    server = Server()
    models.pull("tiny", server)
    assert server.starts == [3 * CHUNK]
    assert models.path("tiny").read_bytes() == CONTENT


def test_interrupted_pull_leaves_the_model_missing(tmp_path: Path) -> None:
    models = folder(tmp_path)
    with pytest.raises(SourceUnavailable):
        models.pull("tiny", Server(breaks_after=CHUNK))
    with pytest.raises(ModelMissing):
        models.path("tiny")


def test_server_without_ranges_is_read_from_the_start(tmp_path: Path) -> None:
    models = folder(tmp_path)
    with pytest.raises(SourceUnavailable):
        models.pull("tiny", Server(breaks_after=CHUNK))
    models.pull("tiny", Server(ranges=False))
    assert models.path("tiny").read_bytes() == CONTENT


def test_remains_of_another_file_are_fetched_anew(tmp_path: Path) -> None:
    models = folder(tmp_path)
    with pytest.raises(SourceUnavailable):
        models.pull("tiny", Server(b"x" * len(CONTENT), breaks_after=2 * CHUNK))
    server = Server()
    models.pull("tiny", server)
    assert server.starts == [2 * CHUNK, 0]
    assert models.path("tiny").read_bytes() == CONTENT


def test_answer_that_ends_early_is_no_model(tmp_path: Path) -> None:
    models = folder(tmp_path)
    with pytest.raises(SourceUnavailable, match=f"want {len(CONTENT)} bytes, got 2000"):
        models.pull("tiny", Server(CONTENT[: 2 * CHUNK]))


def test_wrong_content_names_both_hashes_and_leaves_nothing(tmp_path: Path) -> None:
    models = folder(tmp_path)
    wrong = b"x" * len(CONTENT)
    with pytest.raises(ModelMismatch) as raised:
        models.pull("tiny", Server(wrong))
    assert SHA256 in str(raised.value)
    assert hashlib.sha256(wrong).hexdigest() in str(raised.value)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]


def test_more_than_the_declared_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match=f"want {len(CONTENT)} bytes"):
        folder(tmp_path).pull("tiny", Server(CONTENT + b"more" * CHUNK))


def test_damaged_file_is_replaced_by_a_pull(tmp_path: Path) -> None:
    models = folder(tmp_path)
    models.pull("tiny", Server()).write_bytes(b"damaged")
    models.pull("tiny", Server())
    assert models.path("tiny").read_bytes() == CONTENT


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder(tmp_path).pull("tiny", Server(), progress=lambda done, whole: seen.append((done, whole)))
    assert seen[0] == (CHUNK, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_pull_beside_another_process_is_busy(tmp_path: Path) -> None:
    models = folder(tmp_path)
    (tmp_path / "models").mkdir()
    with (tmp_path / "models" / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            models.pull("tiny", Server())


def test_full_disk_is_its_own_error(tmp_path: Path) -> None:
    @contextmanager
    def full(address: str, start: int) -> Iterator[Download]:
        yield Download(start, iter(()))
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="tiny"):
        folder(tmp_path).pull("tiny", full)


def test_model_without_an_address_says_how_to_add_it(tmp_path: Path) -> None:
    models = folder(tmp_path, catalogue(entry(address="")))
    with pytest.raises(ModelMissing, match="casetrace models add"):
        models.pull("tiny", Server())


# --- path, verify, list ------------------------------------------------------------------------


def test_missing_model_names_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="casetrace models pull tiny"):
        folder(tmp_path).path("tiny")


def test_undeclared_model_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there are tiny"):
        folder(tmp_path).path("other")


def test_damaged_model_is_not_handed_out(tmp_path: Path) -> None:
    models = folder(tmp_path)
    models.pull("tiny", Server()).write_bytes(b"damaged")
    with pytest.raises(ModelMismatch, match=f"want SHA-256 {SHA256}"):
        models.path("tiny")


def test_spec_is_known_before_the_file_is_there(tmp_path: Path) -> None:
    assert folder(tmp_path).spec("tiny") == TINY.spec


def test_list_says_what_is_there(tmp_path: Path) -> None:
    models = folder(tmp_path, catalogue(TINY, entry("other")))
    models.pull("tiny", Server())
    listed = {m.entry.spec.name: (m.present, m.own) for m in models.list()}
    assert listed == {"other": (False, False), "tiny": (True, False)}


def test_verify_gives_what_is_there_and_right(tmp_path: Path) -> None:
    models = folder(tmp_path, catalogue(TINY, entry("other")))
    models.pull("tiny", Server())
    assert models.verify() == (TINY.spec,)


def test_verify_names_the_damaged_one(tmp_path: Path) -> None:
    models = folder(tmp_path)
    models.pull("tiny", Server()).write_bytes(b"damaged")
    with pytest.raises(ModelMismatch, match="model tiny"):
        models.verify()


# --- add ---------------------------------------------------------------------------------------


def test_added_file_is_found_by_its_hash(tmp_path: Path) -> None:
    models = folder(tmp_path)
    assert models.add(written(tmp_path / "from_a_stick.bin")) == TINY.spec
    assert sha256_of(models.path("tiny")) == SHA256


def test_file_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch, match="no declared model's"):
        folder(tmp_path).add(written(tmp_path / "file", b"unknown"))


def test_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no such file"):
        folder(tmp_path).add(tmp_path / "nowhere")


def test_own_model_is_kept_with_its_declaration(tmp_path: Path) -> None:
    models = folder(tmp_path)
    spec = models.add(written(tmp_path / "m.onnx", b"my model"), declaration(sha256=None))
    again = folder(tmp_path)
    assert again.spec("mine") == spec
    assert again.path("mine").read_bytes() == b"my model"
    assert [m.own for m in again.list()] == [True, False]


def test_own_model_added_again_changes_nothing(tmp_path: Path) -> None:
    models, file = folder(tmp_path), written(tmp_path / "m.onnx", b"my model")
    first = models.add(file, declaration(sha256=None))
    assert models.add(file, declaration(sha256=None)) == first


@pytest.mark.parametrize("name", ["tiny", "mine"])
def test_name_that_stands_for_another_file_is_a_conflict(tmp_path: Path, name: str) -> None:
    models = folder(tmp_path)
    models.add(written(tmp_path / "a", b"first"), declaration(sha256=None))
    text = declaration(sha256=None).replace("mine", name)
    with pytest.raises(Conflict, match=name):
        models.add(written(tmp_path / "b", b"second"), text)


# --- models in the package ---------------------------------------------------------------------


def packaged(path: Path) -> ModelFolder:
    """A folder whose package holds `mine` and its calibration."""
    inside = path / "inside"
    inside.mkdir()
    (inside / "mine.onnx").write_bytes(CONTENT)
    (inside / "mine.toml").write_text(declaration(sha256=f'"{SHA256}"'), "utf-8")
    (inside / "mine.calibration.json").write_text("{}")
    return ModelFolder(path / "models", bundled=inside)


def test_model_in_the_package_is_found_without_a_pull(tmp_path: Path) -> None:
    models = packaged(tmp_path)
    assert models.path("mine") == tmp_path / "inside/mine.onnx"
    (mine,) = [model for model in models.list() if model.entry.spec.name == "mine"]
    assert (mine.present, mine.own) == (True, False)


def test_model_in_the_package_needs_no_pull_but_may_be_asked_for(tmp_path: Path) -> None:
    assert packaged(tmp_path).pull("mine", Server()) == tmp_path / "inside/mine.onnx"


def test_changed_model_in_the_package_is_refused_everywhere(tmp_path: Path) -> None:
    models = packaged(tmp_path)
    (tmp_path / "inside/mine.onnx").write_bytes(CONTENT + b"x")
    for use in (lambda: models.path("mine"), lambda: models.pull("mine"), models.verify):
        with pytest.raises(ModelMismatch, match=f"model mine: want SHA-256 {SHA256}"):
            use()


def test_name_of_a_model_in_the_package_is_taken(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"other")
    with pytest.raises(Conflict, match="model mine: CaseTrace declares this name"):
        packaged(tmp_path).add(other, declaration(sha256=None))


def test_own_file_beside_a_model_goes_before_the_packages(tmp_path: Path) -> None:
    models = packaged(tmp_path)
    suffix = ".calibration.json"
    assert models.beside("mine", suffix) == tmp_path / "inside/mine.calibration.json"
    own = tmp_path / "models" / f"mine{suffix}"
    own.parent.mkdir()
    own.write_text("{}")
    assert models.beside("mine", suffix) == own
    assert models.beside("mine", ".card.md") is None
    (tmp_path / "inside/mine.anybody.json").write_text("{}")
    assert models.beside("mine", ".anybody.json", suffix) == own
    assert models.beside("mine", ".anybody.json") == tmp_path / "inside/mine.anybody.json"


def test_unreachable_source_says_how_to_do_without_a_network(tmp_path: Path) -> None:
    @contextmanager
    def no_network(address: str, start: int) -> Iterator[Download]:
        raise SourceUnavailable(f"{address}: no route")
        yield

    with pytest.raises(SourceUnavailable, match=r"no route.*without a network.*models add FILE"):
        folder(tmp_path).pull("tiny", no_network)
