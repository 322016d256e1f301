"""Pictures cut into RTP payloads: RFC 6184 (H.264) and RFC 7798 (H.265), non-interleaved mode."""

from collections.abc import Iterator, Sequence

from scenes.rtsp.units import Codec, kind

MTU_BYTES = 1400  # leaves room for the headers below RTP on an Ethernet of 1500

_AGGREGATE: dict[Codec, int] = {"h264": 24, "hevc": 48}  # STAP-A, AP
_FRAGMENT: dict[Codec, int] = {"h264": 28, "hevc": 49}  # FU-A, FU
_HEADER_BYTES: dict[Codec, int] = {"h264": 1, "hevc": 2}


def payloads(codec: Codec, units: Sequence[bytes], *, mtu: int = MTU_BYTES) -> list[bytes]:
    """The RTP payloads of one picture in order; its last one carries the marker.

    Neighbours that fit into one packet together share it (parameter sets, small slices), a unit
    that fits goes as it is, and a larger one is cut up.
    """
    cut: list[bytes] = []
    for group in _groups(codec, units, mtu):
        if len(group) > 1:
            cut.append(_aggregated(codec, group))
        elif len(group[0]) <= mtu:
            cut.append(group[0])
        else:
            cut += _fragments(codec, group[0], mtu)
    return cut


def _groups(codec: Codec, units: Sequence[bytes], mtu: int) -> Iterator[list[bytes]]:
    """Runs of units that one packet holds; each run has one unit at least."""
    group: list[bytes] = []
    size = _HEADER_BYTES[codec]
    for unit in units:
        needed = 2 + len(unit)
        if group and size + needed > mtu:
            yield group
            group, size = [], _HEADER_BYTES[codec]
        group.append(unit)
        size += needed
    if group:
        yield group


def _aggregated(codec: Codec, group: Sequence[bytes]) -> bytes:
    """RFC 6184, 5.7.1 and RFC 7798, 4.4.2."""
    body = b"".join(len(unit).to_bytes(2) + unit for unit in group)
    if codec == "h264":
        # The most important unit's importance, and the mark of damage if any has it.
        damaged = any(unit[0] & 0x80 for unit in group) << 7
        return bytes([damaged | max(unit[0] & 0x60 for unit in group) | _AGGREGATE[codec]]) + body
    # Layer and temporal id: the lowest of each, which the second header byte holds together.
    return bytes([_AGGREGATE[codec] << 1, min(unit[1] for unit in group)]) + body


def _fragments(codec: Codec, unit: bytes, mtu: int) -> Iterator[bytes]:
    """RFC 6184, 5.8 and RFC 7798, 4.4.3: the unit's own header travels in the fragments'."""
    own = _HEADER_BYTES[codec]
    if codec == "h264":
        header = bytes([unit[0] & 0xE0 | _FRAGMENT[codec]])
    else:
        header = bytes([unit[0] & 0x81 | _FRAGMENT[codec] << 1, unit[1]])
    room = mtu - own - 1
    for at in range(own, len(unit), room):
        first, last = at == own, at + room >= len(unit)
        yield header + bytes([first << 7 | last << 6 | kind(codec, unit)]) + unit[at : at + room]
