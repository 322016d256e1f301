"""`python -m benchmarks.page_view --json FILE`: how fast the page is in the system's Chromium.

First paint and what is transferred on a first visit over loopback; frames while a gallery of 500
shots is scrolled. Its candidates are those of the small demo over again, each under a number of
its own; `page.gallery_pictures` says how many different pictures they have. `weak` is the same
with the processor of the page slowed down (Chromium's own throttle). `page.load_average` is what
else ran: `cpu` figures are the page's own computing (its main thread's) and say the same on a
machine that is busy.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.chromium import launched
from benchmarks.common import arguments, report
from benchmarks.served import FILMS, SMALL, Served, served, small_film
from core.types import Case

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, Route

VISITS: Final = 5
CANDIDATES: Final = 500
WEAK: Final = 4
"""How much slower the page's processor is made: an office laptop of ten years ago."""
_WIDTH, _HEIGHT = 1366, 768
_PAINTED: Final = """() => new Promise((done) => new PerformanceObserver((list) => {
  const own = list.getEntriesByName("first-contentful-paint")[0];
  if (own) done(own.startTime);
}).observe({type: "paint", buffered: true}))"""
_TRANSFERRED: Final = """() => [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")].map((one) => one.transferSize)"""
_NOW: Final = "() => performance.now()"
_SCROLLED: Final = """([pixels, most]) => new Promise((done) => {
  const own = document.querySelector("[data-test=gallery]");
  const lasted = [];
  let tiles = 0;
  own.scrollTop = 0;
  let before = null;
  const step = (now) => {
    if (before !== null) lasted.push(now - before);
    before = now;
    tiles = Math.max(tiles, own.querySelectorAll("[data-test=tile]").length);
    const top = own.scrollTop;
    own.scrollTop += pixels;
    if (lasted.length >= most || own.scrollTop === top) done({lasted, tiles});
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
_SCROLL_PX, _MOST_FRAMES = 40, 2000


def main() -> None:
    """Measure and write the report."""
    parser = arguments("First paint, transfer and scrolling of the page.")
    parser.add_argument("--films", type=Path, default=FILMS, help="where films are kept")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casetrace-page-"))
        site = stack.enter_context(served(small_film(asked.films, SMALL), Path(folder)))
        case = site.case("BENCH-1")
        site.worked(case)
        browser = stack.enter_context(launched())
        figures = {
            "page.load_average": os.getloadavg()[0],
            **visited(browser, site, slower=1),
            **scrolled(browser, site, case, slower=1),
            **weak(visited(browser, site, slower=WEAK)),
            **weak(scrolled(browser, site, case, slower=WEAK)),
        }
    report("page_view", figures, into=asked.json, packages=("playwright",))


def weak(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures of the clock, under names of their own."""
    clock = (key for key in figures if key.endswith(("_s", "_ms")) and "cpu" not in key)
    return {f"{key}_weak": figures[key] for key in clock}


@contextmanager
def visit(browser: "Browser", *, slower: int) -> Iterator[tuple["Page", "CDPSession"]]:
    """A window that has never been here, so that nothing is kept from before, and its wire."""
    context = browser.new_context(viewport={"width": _WIDTH, "height": _HEIGHT})
    try:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Performance.enable", {"timeDomain": "threadTicks"})
        if slower > 1:
            wire.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        yield page, wire
    finally:
        context.close()


def visited(browser: "Browser", site: Served, *, slower: int) -> dict[str, float]:
    """Seconds to the first paint, to the login and to the list of cases; what a visit transfers.

    The list is that of somebody who was here before, the rest is for a browser that never was.
    """
    painted, asked, listed, sizes, spent = [], [], [], [], []
    for _ in range(VISITS):
        with visit(browser, slower=slower) as (page, wire):
            page.goto(site.url)
            page.locator("[data-test=login-form]").wait_for()
            asked.append(float(page.evaluate(_NOW)) / 1000)
            painted.append(float(page.evaluate(_PAINTED)) / 1000)
            spent.append(computed_ms(wire) / 1000)
            enter(page, site)
            page.goto(site.url)
            page.locator("[data-test^=case-]").first.wait_for()
            listed.append(float(page.evaluate(_NOW)) / 1000)
        with visit(browser, slower=slower) as (page, _wire):
            page.goto(site.url, wait_until="networkidle")
            sizes.append([int(size) for size in page.evaluate(_TRANSFERRED)])
    return {
        "page.first_paint_s": float(np.median(painted)),
        "page.first_paint_worst_s": max(painted),
        "page.login_cpu_s": float(np.median(spent)),
        "page.login_shown_s": float(np.median(asked)),
        "page.cases_listed_s": float(np.median(listed)),
        "page.transfer_kb": float(np.median([sum(one) for one in sizes])) / 1000,
        "page.requests": float(np.median([len(one) for one in sizes])),
    }


def enter(page: "Page", site: Served) -> None:
    """Log in as the investigator."""
    page.locator("[data-test=login-name]").fill("investigator")
    page.locator("[data-test=login-password]").fill(site.passwords["investigator"])
    page.locator("[data-test=login-send]").click()
    page.locator("[data-test=view-cases]").wait_for()


def scrolled(browser: "Browser", site: Served, case: Case, *, slower: int) -> dict[str, float]:
    """Milliseconds of a frame while 500 candidates pass by, pictures being loaded meanwhile."""
    with visit(browser, slower=slower) as (page, wire):
        shown: list[set[str]] = []

        def multiplied(route: "Route") -> None:
            answer = spread(route.fetch().json(), CANDIDATES)
            shown.append({one["shot_id"] for one in answer["candidates"]})
            route.fulfill(status=201, json=answer)

        page.route("**/reconstructions", multiplied)
        page.goto(site.url)
        enter(page, site)
        page.goto(f"{site.url}#/cases/{case.case_id}/candidates")
        page.locator("[data-test=tile]").first.wait_for()
        before_ms = computed_ms(wire)
        found = page.evaluate(_SCROLLED, [_SCROLL_PX, _MOST_FRAMES])
        spent_ms = computed_ms(wire) - before_ms
    return {
        "page.scroll_frame_cpu_ms": spent_ms / len(found["lasted"]),
        **frames(found["lasted"]),
        "page.gallery_tiles_drawn": float(found["tiles"]),
        "page.gallery_pictures": float(len(shown[-1])),
    }


def computed_ms(wire: "CDPSession") -> float:
    """What the page's main thread has computed since the window was opened."""
    metrics = {one["name"]: one["value"] for one in wire.send("Performance.getMetrics")["metrics"]}
    return 1000 * float(metrics["ThreadTime"])


def spread(answer: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The answer with `count` candidates: its own over again, with other shots and new numbers."""
    own: Sequence[Mapping[str, Any]] = answer["candidates"]
    rounds = islice(cycle(own), count)
    candidates = []
    for place, one in enumerate(rounds):
        again = place // len(own)
        if not again:
            candidates.append(dict(one))
            continue
        shots = one["shot_ids"]
        number = str(10**17 + place)
        candidates.append(
            {**one, "tracklet_id": number, "shot_id": shots[again % len(shots)], "verdict": None}
        )
    return {**json.loads(json.dumps(answer)), "candidates": candidates}


def frames(lasted_ms: Sequence[float]) -> dict[str, float]:
    """What those frames say of scrolling; a screen wants one every 16.7 ms."""
    lasted = np.array(lasted_ms)
    return {
        "page.scroll_frame_p50_ms": float(np.percentile(lasted, 50)),
        "page.scroll_frame_p95_ms": float(np.percentile(lasted, 95)),
        "page.scroll_frame_worst_ms": float(lasted.max()),
        "page.scroll_frames": float(len(lasted)),
        "page.scroll_late_share": float((lasted > 1.5 * 1000 / 60).mean()),
    }


if __name__ == "__main__":
    main()
