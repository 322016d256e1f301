"""The page: the files of `api/web`, answered under a content policy of their own.

Files are read when asked for and revalidated by hash: an upgraded installation never shows half of
an old page. Nothing here knows a case; whatever the page shows it asks the API for.
"""

import hashlib
import re
from base64 import b64encode
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import APIRouter, Request, Response

from api.access import NamedRoute
from core.errors import NotFound

router = APIRouter(tags=["page"], route_class=NamedRoute, include_in_schema=False)

ROOT: Final = Path(__file__).parents[1] / "web"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NAME: Final = re.compile(r"[a-z0-9-]+(?:[./][a-z0-9-]+)*")
_INLINE_SCRIPT: Final = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)


@router.get("/")
def get_page(request: Request) -> Response:
    """The page itself."""
    page = _content("index.html")
    headers = {"Content-Security-Policy": content_policy(page)}
    return _revalidated(request, page, ".html", headers)


@router.get("/page/{name:path}")
def get_page_file(request: Request, name: str) -> Response:
    """A script, style or picture of the page."""
    suffix = PurePosixPath(name).suffix
    if not _NAME.fullmatch(name) or suffix not in MEDIA_TYPES or suffix == ".html":
        raise NotFound(f"no file {name[:200]!r} of the page")
    return _revalidated(request, _content(name), suffix, {})


def content_policy(page: bytes) -> str:
    """What the browser may load for the page: its own host, and the one inline map of imports."""
    hashes = " ".join(f"'{_source_hash(script)}'" for script in _INLINE_SCRIPT.findall(page))
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {hashes}".rstrip(),
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _source_hash(script: bytes) -> str:
    return "sha256-" + b64encode(hashlib.sha256(script).digest()).decode()


def _content(name: str) -> bytes:
    try:
        return (ROOT / name).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NotFound(f"no file {name[:200]!r} of the page") from error


def _revalidated(request: Request, content: bytes, suffix: str, more: dict[str, str]) -> Response:
    """The content, or 304 where the browser holds it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", **more}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPES[suffix], headers=headers)
