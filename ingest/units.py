"""NAL units of H.264 (ITU-T H.264, 7.4.1) and HEVC (ITU-T H.265, 7.4.2) in an Annex B stream."""

from collections.abc import Iterator

_START = b"\x00\x00\x01"
_SPS = {"h264": 7, "hevc": 33}
_PPS = {"h264": 8, "hevc": 34}
_SETS = {"h264": {7, 8, 13, 15}, "hevc": {32, 33, 34}}


def is_annex_b(codec: str, extradata: bytes | None) -> bool:
    """Whether packets carry start codes; the other form (MP4's) says so in its extradata."""
    return codec in _SPS and not (extradata and extradata[0] == 1)


def units(payload: bytes) -> Iterator[bytes]:
    """Each NAL unit without its start code and trailing zeros."""
    start = payload.find(_START)
    while start >= 0:
        end = payload.find(_START, start + 3)
        unit = payload[start + 3 : end if end >= 0 else len(payload)].rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def parameter_sets(codec: str, payload: bytes) -> tuple[bytes, ...]:
    """The distinct parameter sets in order, if a sequence and a picture set are there; else ()."""
    if codec not in _SPS:
        return ()
    wanted = _SETS[codec]
    found = dict.fromkeys(unit for unit in units(payload) if _kind(codec, unit) in wanted)
    kinds = {_kind(codec, unit) for unit in found}
    return tuple(found) if {_SPS[codec], _PPS[codec]} <= kinds else ()


def has_picture(codec: str, payload: bytes) -> bool:
    """Whether any part of a picture is there, and not only what may stand before one."""
    slices = range(1, 6) if codec == "h264" else range(32)
    return codec not in _SPS or any(_kind(codec, unit) in slices for unit in units(payload))


def extradata_of(sets: tuple[bytes, ...]) -> bytes:
    """Parameter sets as a decoder or muxer takes them ahead of the first picture."""
    return b"".join(b"\x00" + _START + unit for unit in sets)


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F
