"""The demo: the whole way, for any seed."""

from pathlib import Path

import pytest

from core.errors import Conflict, InvalidInput
from pipeline.demo import run_demo


@pytest.mark.slow
@pytest.mark.timeout(300)  # renders; a minute on a busy machine
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_run_demo_finds_the_true_trajectory(tmp_path: Path, seed: int) -> None:
    said: list[str] = []
    report = run_demo(tmp_path / "demo", seed=seed, say=said.append)
    assert report.right
    assert [name for name, _ in report.found] == ["street A", "street B", "street C"]
    assert not any(password in " ".join(said) for password in report.passwords.values())


def test_run_demo_refuses_a_folder_that_holds_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(Conflict, match="new or empty"):
        run_demo(tmp_path, say=print)
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_run_demo_refuses_a_seed_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="seed"):
        run_demo(tmp_path / "demo", seed=-1, say=print)
