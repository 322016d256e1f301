"""The README's figures stand in the files of `benchmarks/results`, to the digits that it shows."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\|\s*([\d.,]+)[^|]*\|\s*`([a-z0-9_.:-]+)`\s*\|")


def shown_figures() -> list[tuple[str, str]]:
    """(key, number as written) of each row of the measured table."""
    text = (ROOT / "README.md").read_text()
    return [(key, number) for number, key in ROW.findall(text)]


def kept_figures() -> dict[str, float]:
    """By key, and by file and key where several files have the same: the first has it alone too."""
    found: dict[str, float] = {}
    for path in sorted((ROOT / "benchmarks" / "results").glob("*.json")):
        figures = json.loads(path.read_text())["figures"]
        found |= {f"{path.stem}:{key}": value for key, value in figures.items()}
        found = figures | found
    return found


@pytest.mark.parametrize(("key", "number"), shown_figures())
def test_figure_in_the_readme_is_the_one_that_was_kept(key: str, number: str) -> None:
    digits = len(number.partition(".")[2])
    assert f"{kept_figures()[key]:.{digits}f}" == number.replace(",", "")


def test_readme_shows_figures_at_all() -> None:
    assert shown_figures()
