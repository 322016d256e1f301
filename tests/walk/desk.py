"""Somebody at the page: what a person does there with mouse and keys."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from benchmarks.served import Served
from core.clocks import NS
from core.types import Case, Verdict
from pipeline.demo.eye import Drawn

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Request, Response

ZONE: Final = "Asia/Shanghai"
_KEYS: Final = {Verdict.CONFIRM: "c", Verdict.REJECT: "r", Verdict.UNSURE: "u"}
_QUIET_FRAMES: Final = 60
_BIG_STEP_PX: Final = 10  # of a box under Ctrl and an arrow


def expect(what: "Locator") -> Any:
    """Playwright's, asked for when it is used: a test is skipped without it."""
    from playwright.sync_api import expect as asserting

    return asserting(what)


@dataclass(frozen=True, slots=True)
class Desk:
    """One browser window on a served installation."""

    page: "Page"
    site: Served
    shots: Path
    under_way: "set[Request]"

    @property
    def context(self) -> "BrowserContext":
        return self.page.context

    def at(self, name: str) -> "Locator":
        """What the page calls by that name."""
        return self.page.locator(f"[data-test={name}]")

    def picture(self, name: str) -> Path:
        """The window as it is, kept for people."""
        path = self.shots / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    # --- coming and going ----------------------------------------------------------------------

    def open(self, where: str = "") -> None:
        self.page.goto(self.site.url + where)

    def log_in(self, name: str) -> None:
        """Through the form that is open now, the page's own or the one over a view."""
        self.at("login-name").fill(name)
        self.at("login-password").fill(self.site.passwords[name])
        self.at("login-send").click()
        self.at("login-form").wait_for(state="detached")

    def enter(self, name: str, where: str = "") -> None:
        """Open the page at `where` and log in."""
        self.open(where)
        self.at("view-login").wait_for()
        self.log_in(name)

    def view(self, name: str, case: Case) -> None:
        """One of a case's views, by its tab."""
        if f"#/cases/{case.case_id}/" not in self.page.url:
            self.open(f"#/cases/{case.case_id}/{name}")
        else:
            self.at(f"tab-{name}").click()
        self.at(f"view-{name}").wait_for()

    def expire(self) -> None:
        """The login ends on the server; the browser hears of it with its next request."""
        for cookie in self.context.cookies():
            self.site.service.accounts.logout(cookie["value"])

    def rests(self) -> None:
        """Until the page has asked for nothing during some of its frames."""
        quiet = 0
        while quiet < _QUIET_FRAMES:
            self.page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
            quiet = 0 if self.under_way else quiet + 1

    # --- the scene -----------------------------------------------------------------------------

    def go_to_instant(self, at_ns: int) -> "Response":
        """Type an instant; the picture's answer."""
        with self.page.expect_response(_is_large_frame) as answer:
            self.at("at").fill(typed(at_ns))
            self.at("at").press("Enter")
        self.page.locator(".boxstage-plane.draws").wait_for()
        return answer.value

    def draw(self, drawn: Drawn) -> None:
        """A box on the paused picture with the mouse."""
        plane = self.at("box-plane").bounding_box()
        assert plane is not None
        height, width = self._source_hw(drawn)
        x1, y1, x2, y2 = drawn.xyxy
        mouse, scale = self.page.mouse, plane["width"] / width
        assert abs(plane["height"] / height - scale) < 0.01
        mouse.move(plane["x"] + x1 * scale, plane["y"] + y1 * scale)
        mouse.down()
        mouse.move(plane["x"] + x2 * scale, plane["y"] + y2 * scale, steps=4)
        mouse.up()

    def draw_by_keys(self, drawn: Drawn) -> None:
        """The same without a mouse: a box in the middle comes, is moved, and given its size."""
        self.page.keyboard.press("b")
        self.at("box").wait_for()
        height, width = self._source_hw(drawn)
        wide, tall = round(0.4 * 0.4 * height), round(0.4 * height)
        x1, y1, x2, y2 = (round(side) for side in drawn.xyxy)
        self._arrows(x1 - round((width - wide) / 2), y1 - round((height - tall) / 2))
        self._arrows(x2 - x1 - wide, y2 - y1 - tall, held="Shift+")

    def _arrows(self, dx: int, dy: int, held: str = "") -> None:
        for by, back, forth in ((dx, "ArrowLeft", "ArrowRight"), (dy, "ArrowUp", "ArrowDown")):
            arrow = forth if by > 0 else back
            for _ in range(abs(by) // _BIG_STEP_PX):
                self.page.keyboard.press(f"Control+{held}{arrow}")
            for _ in range(abs(by) % _BIG_STEP_PX):
                self.page.keyboard.press(f"{held}{arrow}")

    def _source_hw(self, drawn: Drawn) -> tuple[int, int]:
        row = self.site.watched.cameras.index(drawn.camera)
        return self.site.eye.film.cameras[row].size_hw

    # --- candidates ----------------------------------------------------------------------------

    def focused(self) -> int:
        """The tracklet that is looked at."""
        return int(self.at("inspector").get_attribute("data-tracklet") or 0)

    def tile(self, tracklet_id: int) -> "Locator":
        return self.page.locator(f"[data-test=tile][data-tracklet='{tracklet_id}']")

    def give(self, verdict: Verdict) -> None:
        """A verdict by its key, and the service's yes to it."""
        with self.page.expect_response(is_decision) as answer:
            self.page.keyboard.press(_KEYS[verdict])
        assert answer.value.status == 201

    def decide_by_truth(self, case: Case, most: int) -> dict[int, Verdict]:
        """Look at what the page offers next, `most` times, or until it offers nothing new."""
        given: dict[int, Verdict] = {}
        for _ in range(most):
            now = self.focused()
            if now in given:
                break
            right = self.site.shows_thief(case.case_id, now)
            given[now] = Verdict.CONFIRM if right else Verdict.REJECT
            self.give(given[now])
        return given


def typed(at_ns: int) -> str:
    """An instant as people type it in the zone of these tests, to the millisecond."""
    at = datetime.fromtimestamp(at_ns // NS, UTC) + timedelta(microseconds=at_ns % NS // 1000)
    return at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def is_decision(response: "Response") -> bool:
    return response.url.endswith("/decisions") and response.request.method == "POST"


def is_answer(response: "Response") -> bool:
    """Of a search that lays ways too."""
    return response.url.endswith("/reconstructions")


def is_clip(response: "Response") -> bool:
    return "/proxy.mp4" in response.url or "/clip.mp4" in response.url


def _is_large_frame(response: "Response") -> bool:
    return "/frame.jpg" in response.url and "height=768" in response.url
