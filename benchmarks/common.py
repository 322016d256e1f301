"""What every benchmark shares: `--json FILE`, a table, and a report that says where it was made."""

import argparse
import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from core.errors import InvalidInput

PROJECT = Path(__file__).resolve().parents[1]


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser that knows `--json`; a benchmark adds its own arguments."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, required=True, help="where the report is written")
    return parser


def report(
    benchmark: str, figures: Mapping[str, float], *, into: Path, packages: Sequence[str] = ()
) -> None:
    """Print the figures as a table and write them with machine, versions and commit."""
    refuse_non_finite(figures)
    print_table(figures)
    document = {
        "benchmark": benchmark,
        "figures": dict(figures),
        "machine": machine(),
        "versions": versions(packages),
        "commit": commit(),
    }
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", "utf-8")


def refuse_non_finite(figures: Mapping[str, float]) -> None:
    """Raise `InvalidInput` for a figure that is no number: it would hide a failure."""
    bad = {key: value for key, value in figures.items() if not math.isfinite(value)}
    if bad:
        raise InvalidInput(f"figures: want finite numbers, got {bad}")


def print_table(figures: Mapping[str, float]) -> None:
    """One line a figure, keys as in the report."""
    width = max((len(key) for key in figures), default=0)
    for key, value in figures.items():
        print(
            f"{key:<{width}}  {value:>14,.4g}"
            if abs(value) < 1e4
            else f"{key:<{width}}  {value:>14,.0f}"
        )


def machine() -> dict[str, str | int]:
    """The processor, its cores that we may use, and the memory."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": cpu_model(),
        "cores": usable_cores(),
        "memory_mb": round(pages / 1e6),
        "system": platform.platform(),
    }


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name as the system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(packages: Sequence[str] = ()) -> dict[str, str]:
    """Python and numpy, and each named package or `missing`."""
    known = {"python": platform.python_version()}
    for package in ("numpy", *packages):
        try:
            known[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            known[package] = "missing"
    return known


def commit() -> str:
    """The commit that was measured, `+changes` if files differed from it; empty outside git."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{name}+changes" if changed else name


def _git(*command: str) -> str:
    done = subprocess.run(
        ["git", *command], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
