"""Pictures that we wrote ourselves, and what an encoded picture's header says of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import MediaCorrupt
from ingest.surface import HostSurface

_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # ITU-T T.81, table B.1
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_JPEG_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class Header:
    """The format and size that an encoded picture claims to have."""

    format: str
    size_hw: tuple[int, int]


def open_own_jpeg(content: bytes) -> HostSurface:
    """A shot or probe that we encoded, decoded here and now; never for what others hand in."""
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise MediaCorrupt(f"kept JPEG of {len(content)} bytes: cannot be decoded") from error
    if pixels is None:
        raise MediaCorrupt(f"kept JPEG of {len(content)} bytes: cannot be decoded")
    return HostSurface.of_bgr(np.asarray(pixels, np.uint8))


def header_of(content: bytes) -> Header:
    """What a JPEG, PNG, WebP or BMP says of itself, read without decoding.

    `MediaCorrupt` for any other format and for a header that is cut off or says no size.
    """
    for signature, at, name, size_of in _FORMATS:
        if content[at : at + len(signature)] == signature:
            size_hw = size_of(content)
            if size_hw is None or min(size_hw) < 1:
                raise MediaCorrupt(f"picture: a {name} whose header is broken")
            return Header(name, size_hw)
    raise MediaCorrupt(
        f"picture: want JPEG, PNG, WebP or BMP, got {len(content)} bytes of something else"
    )


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_SIZES:
            return _big(content, at + 5, 2), _big(content, at + 7, 2)
        elif marker == _JPEG_SCAN:
            return None
        else:
            at += 2 + _big(content, at + 2, 2)
    return None


def _png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    return _big(content, 20, 4), _big(content, 16, 4)


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """RFC 9649, sections 2.5 to 2.7."""
    if len(content) < 30:
        return None
    match content[12:16]:
        case b"VP8X":
            return 1 + _little(content, 27, 3), 1 + _little(content, 24, 3)
        case b"VP8 ":
            return _little(content, 28, 2) & 0x3FFF, _little(content, 26, 2) & 0x3FFF
        case b"VP8L":
            bits = _little(content, 21, 4)
            return 1 + (bits >> 14 & 0x3FFF), 1 + (bits & 0x3FFF)
    return None


def _bmp_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 26:
        return None
    if _little(content, 14, 4) == 12:
        return _little(content, 20, 2), _little(content, 18, 2)
    height = int.from_bytes(content[22:26], "little", signed=True)  # negative: top row first
    return abs(height), int.from_bytes(content[18:22], "little", signed=True)


def _big(content: bytes, at: int, length: int) -> int:
    return int.from_bytes(content[at : at + length], "big")


def _little(content: bytes, at: int, length: int) -> int:
    return int.from_bytes(content[at : at + length], "little")


_FORMATS = (
    (b"\xff\xd8\xff", 0, "JPEG", _jpeg_size),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG", _png_size),
    (b"WEBP", 8, "WebP", _webp_size),
    (b"BM", 0, "BMP", _bmp_size),
)
