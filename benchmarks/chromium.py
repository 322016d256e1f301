"""The system's Chromium under Playwright, for benchmarks and tests of the page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import NotFound

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LACKS_PLAYWRIGHT = "playwright is not installed (pip install 'casetrace[dev]')"
LACKS_CHROMIUM = "there is no chromium (Debian: chromium)"


@contextmanager
def launched() -> Iterator["Browser"]:
    """A browser without a screen; `NotFound` says what is missing for one."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise NotFound(LACKS_PLAYWRIGHT) from error
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NotFound(LACKS_CHROMIUM)
    # Its sandbox does not work for root, who is who runs this in a container.
    args = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=args)
        try:
            yield browser
        finally:
            browser.close()
