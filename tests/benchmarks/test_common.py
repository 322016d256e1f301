"""The report that every benchmark writes."""

import json
from pathlib import Path

import pytest

from benchmarks.common import arguments, report
from core.errors import InvalidInput


def test_report_writes_figures_machine_versions_and_commit(tmp_path: Path) -> None:
    report("demo", {"demo.fps": 12.5}, into=tmp_path / "new" / "demo.json", packages=["scipy"])

    written = json.loads((tmp_path / "new" / "demo.json").read_text("utf-8"))
    assert written["benchmark"] == "demo"
    assert written["figures"] == {"demo.fps": 12.5}
    assert written["machine"]["cores"] >= 1
    assert set(written["versions"]) == {"python", "numpy", "scipy"}
    assert "commit" in written


def test_report_prints_each_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report("demo", {"demo.fps": 12.5, "demo.rows": 1_000_000}, into=tmp_path / "demo.json")

    assert capsys.readouterr().out.split() == ["demo.fps", "12.5", "demo.rows", "1,000,000"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_report_refuses_what_is_no_number(tmp_path: Path, value: float) -> None:
    with pytest.raises(InvalidInput, match=r"demo\.fps"):
        report("demo", {"demo.fps": value}, into=tmp_path / "demo.json")

    assert not (tmp_path / "demo.json").exists()


def test_arguments_want_a_file_for_the_report(tmp_path: Path) -> None:
    parsed = arguments("a demo").parse_args(["--json", str(tmp_path / "demo.json")])

    assert parsed.json == tmp_path / "demo.json"
