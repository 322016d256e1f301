"""NAL units of H.264 (ITU-T H.264, 7.4.1) and H.265 (ITU-T H.265, 7.4.2), and pictures of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

TICKS = 90_000
"""Ticks a second of every timestamp here: RTP's clock for video (RFC 6184, RFC 7798)."""

Codec = Literal["h264", "hevc"]

_START = b"\x00\x00\x01"
_DELIMITER = {"h264": 9, "hevc": 35}
_SETS: dict[Codec, tuple[int, ...]] = {"h264": (7, 8), "hevc": (32, 33, 34)}


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture as it was encoded, in decoding order.

    `pts` counts `TICKS` from the stream's first picture, `lasts` is for how long it is shown; `at`
    says when it is due to be sent, which is earlier where pictures are reordered (B-frames).
    """

    units: tuple[bytes, ...]
    pts: int
    at: int
    lasts: int
    keyframe: bool

    @property
    def at_s(self) -> float:
        return self.at / TICKS

    def later(self, by: int) -> "AccessUnit":
        """The same picture `by` ticks later."""
        return replace(self, pts=self.pts + by, at=self.at + by)


def kind(codec: Codec, unit: bytes) -> int:
    """The unit's `nal_unit_type`."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def annex_b_units(payload: bytes) -> Iterator[bytes]:
    """Units between start codes, without trailing zeros."""
    start = payload.find(_START)
    while start >= 0:
        end = payload.find(_START, start + 3)
        unit = payload[start + 3 : end if end >= 0 else len(payload)].rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def prefixed_units(payload: bytes, prefix_bytes: int) -> Iterator[bytes]:
    """Units behind a length each, as MP4 keeps them (ISO/IEC 14496-15); a torn one is left out."""
    at = 0
    while at + prefix_bytes <= len(payload):
        begin = at + prefix_bytes
        at = begin + int.from_bytes(payload[at:begin])
        if begin < at <= len(payload):
            yield payload[begin:at]


def prefix_bytes_of(codec: Codec, extradata: bytes) -> int:
    """How many bytes each length has; 0 where units are told apart by start codes."""
    if not extradata or extradata[0] != 1:
        return 0
    return (extradata[4 if codec == "h264" else 21] & 3) + 1


def sets_in_extradata(codec: Codec, extradata: bytes) -> tuple[bytes, ...]:
    """The parameter sets that stand ahead of a stream; () where none do."""
    if not prefix_bytes_of(codec, extradata):
        return parameter_sets(codec, annex_b_units(extradata))
    records = _avc_records(extradata) if codec == "h264" else _hevc_records(extradata)
    return parameter_sets(codec, records)


def parameter_sets(codec: Codec, units: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those of the units that are parameter sets, each once, in order."""
    return tuple(dict.fromkeys(unit for unit in units if kind(codec, unit) in _SETS[codec]))


def sets_of_kind(codec: Codec, sets: Iterable[bytes]) -> list[list[bytes]]:
    """Parameter sets by kind: SPS, PPS for H.264; VPS, SPS, PPS for H.265."""
    held = list(sets)
    return [[unit for unit in held if kind(codec, unit) == wanted] for wanted in _SETS[codec]]


def with_sets(codec: Codec, picture: AccessUnit, sets: tuple[bytes, ...]) -> AccessUnit:
    """A keyframe with the parameter sets in it, as cameras send them; other pictures as they are.

    A player may then begin at any keyframe, and knows at once when the size changes.
    """
    if not picture.keyframe or parameter_sets(codec, picture.units):
        return picture
    # A delimiter must stay the first unit of its picture.
    ahead = 1 if picture.units and kind(codec, picture.units[0]) == _DELIMITER[codec] else 0
    units = (*picture.units[:ahead], *sets, *picture.units[ahead:])
    return replace(picture, units=units)


def _avc_records(extradata: bytes) -> Iterator[bytes]:
    """Of an `AVCDecoderConfigurationRecord`, ISO/IEC 14496-15, 5.3.3.1."""
    at = 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask if at < len(extradata) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2])
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size


def _hevc_records(extradata: bytes) -> Iterator[bytes]:
    """Of an `HEVCDecoderConfigurationRecord`, ISO/IEC 14496-15, 8.3.3.1."""
    at = 23
    for _ in range(extradata[22]):
        count = int.from_bytes(extradata[at + 1 : at + 3])
        at += 3
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2])
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size
