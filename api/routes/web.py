"""The page: the files of `api/web`, answered under a content policy of their own.

Files are read when asked for and revalidated by hash: an upgraded installation never shows half of
an old page. Nothing here knows a case; whatever the page shows it asks the API for.
"""

import hashlib
import re
from base64 import b64encode
from importlib.metadata import version as distribution_version
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import APIRouter, Request, Response

from api.access import Caller, NamedRoute, SignedInRoute, Wired
from api.routes.answers import SIGNED_IN, failures, media
from api.schemas.page import PageOut
from cases.authority import DEFAULT_LIMITS
from core.errors import NotFound

open_router = APIRouter(tags=["page"], route_class=NamedRoute)
router = APIRouter(tags=["page"], route_class=SignedInRoute)

HTML: Final = {"text/html": {"schema": {"type": "string"}}}
GEOJSON: Final = "application/geo+json"
NO_GROUND: Final = b'{"type": "FeatureCollection", "features": []}'
ROOT: Final = Path(__file__).parents[1] / "web"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_TILES: Final = re.compile(r"https?://(?:\{s\}\.)?(?:[\w.-]+|\[[0-9a-f:]+\])(?::\d+)?/", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9-]+(?:[./][a-z0-9-]+)*")
_INLINE_SCRIPT: Final = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)


@open_router.get("/", response_class=Response, responses={200: {"content": HTML}})
def get_page(request: Request, wired: Wired) -> Response:
    """The page itself."""
    page = _content("index.html")
    headers = {"Content-Security-Policy": content_policy(page, wired.settings.map_tiles)}
    return _revalidated(request, page, ".html", headers)


@open_router.get(
    "/page/{name:path}",
    response_class=Response,
    responses={200: {"description": "A script, a style or a picture."}, **failures(404, 422)},
)
def get_page_file(request: Request, name: str) -> Response:
    """A script, style or picture of the page."""
    suffix = PurePosixPath(name).suffix
    if not _NAME.fullmatch(name) or suffix not in MEDIA_TYPES or suffix == ".html":
        raise NotFound(f"no file {name[:200]!r} of the page")
    return _revalidated(request, _content(name), suffix, {})


@router.get("/page", responses=SIGNED_IN)
def get_page_settings(wired: Wired, _caller: Caller) -> PageOut:
    """Where the map comes from, and how much a case may ask for."""
    settings = wired.settings
    return PageOut(
        version=distribution_version("casetrace"),
        map_tiles=settings.map_tiles,
        map_attribution=settings.map_attribution,
        map_file=settings.ground_map.is_file(),
        case_cameras=settings.case_cameras,
        case_hours=settings.case_hours,
        case_days=DEFAULT_LIMITS.max_days_open,
    )


@router.get("/map.geojson", response_class=Response, responses=media(GEOJSON, "Streets to draw."))
def get_ground_map(wired: Wired, _caller: Caller) -> Response:
    """Streets and houses under the cameras, as the operator put them there."""
    path = wired.settings.ground_map
    return Response(path.read_bytes() if path.is_file() else NO_GROUND, media_type=GEOJSON)


def content_policy(page: bytes, tiles: str = "") -> str:
    """What the browser may load for the page: from its own host, from where the map tiles are, and
    the one inline map of imports."""
    hashes = " ".join(f"'{_source_hash(script)}'" for script in _INLINE_SCRIPT.findall(page))
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {hashes}".rstrip(),
        "style-src": "'self'",
        "img-src": f"'self' blob: data: {_origin(tiles)}".rstrip(),
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "frame-src": "'self'",  # the report, in a sandbox
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _origin(url: str) -> str:
    """Scheme and host of a tile URL, whose host may begin with a place for one of several: `{s}.`;
    empty for what is none."""
    found = _TILES.match(url)
    return found[0].rstrip("/").replace("{s}", "*") if found else ""


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
    # `no-cache` is kept and asked about each time; what has no secrets may be kept.
    headers = {"ETag": tag, "Cache-Control": "no-cache", **more}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPES[suffix], headers=headers)
