"""axe-core on a page: what would keep people with other eyes, ears or hands from using it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

VENDOR: Final = Path(__file__).parent / "vendor"
GRAVE: Final = frozenset({"serious", "critical"})
_SCRIPT: Final = VENDOR / "axe.min.js"
_RUN: Final = "() => axe.run(document, {resultTypes: ['violations']})"
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that is broken, how badly, and the elements (CSS) with what axe says of each."""

    rule: str
    impact: str
    words: str
    elements: tuple[str, ...]

    def __str__(self) -> str:
        shown = "\n    ".join(self.elements[:_SHOWN])
        return f"{self.impact} {self.rule} ({len(self.elements)}): {self.words}\n    {shown}"


def faults_of(page: "Page") -> list[Fault]:
    """All that axe finds on a page as it is now."""
    if not page.evaluate("() => 'axe' in window"):
        # Not by a script element: the page's policy would refuse it.
        page.evaluate(_SCRIPT.read_text("utf-8"))
    found = page.evaluate(_RUN)
    return [
        Fault(one["id"], one["impact"], one["help"], tuple(_elements(one["nodes"])))
        for one in found["violations"]
    ]


def grave(faults: Sequence[Fault]) -> list[Fault]:
    """Those that axe calls serious or critical."""
    return [fault for fault in faults if fault.impact in GRAVE]


def _elements(nodes: Sequence[dict[str, object]]) -> list[str]:
    return [f"{one['target']}: {' '.join(str(one['failureSummary']).split())}" for one in nodes]
