"""What every test run shares: markers that may not be skipped where their needs were installed."""

import os
from collections.abc import Generator

import pytest

REQUIRED = {name for name in os.environ.get("CASETRACE_TEST_REQUIRE", "").split(",") if name}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where the run was told that its needs are here."""
    report = yield
    missing = REQUIRED & {mark.name for mark in item.iter_markers()}
    if report.skipped and missing:
        report.outcome = "failed"
        names = ", ".join(sorted(missing))
        report.longrepr = f"skipped although {names} is required: {call.excinfo}"
    return report
