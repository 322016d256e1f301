"""Every view in dark and in light under axe-core: nothing serious or critical."""

import hashlib
import re

import pytest

from core.types import Case
from tests.walk.axe import VENDOR, faults_of, grave
from tests.walk.conftest import NewDesk
from tests.walk.views import VIEWS

LISTED = re.findall(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", (VENDOR / "README.md").read_text(), re.M)


def test_axe_is_the_file_that_was_published() -> None:
    assert LISTED
    for name, sha256 in LISTED:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == sha256


@pytest.mark.walk
@pytest.mark.chromium
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("theme", "language"), [("dark", "zh"), ("light", "en")])
def test_no_view_has_a_serious_fault(
    new_desk: NewDesk, worked: Case, theme: str, language: str
) -> None:
    desk = new_desk(language, theme, shots=f"axe-{theme}")
    desk.open()
    desk.at("view-login").wait_for()
    found = {"login": grave(faults_of(desk.page))}
    desk.log_in("investigator")
    for shown in VIEWS:
        with shown(desk, worked):
            found[shown.__name__] = grave(faults_of(desk.page))
            desk.picture(shown.__name__)
    said = [f"{view}: {fault}" for view, faults in found.items() for fault in faults]
    assert not said, "\n".join(said)
