"""Payloads put together again, by the receiver's half of RFC 6184 and RFC 7798."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.rtsp.payload import payloads
from scenes.rtsp.units import Codec

MTU = 50


def units_in(codec: Codec, received: Sequence[bytes]) -> list[bytes]:
    """The units of one picture, as a receiver finds them."""
    own = 1 if codec == "h264" else 2
    aggregate, fragment = (24, 28) if codec == "h264" else (48, 49)
    units: list[bytes] = []
    for payload in received:
        kind = payload[0] & 0x1F if codec == "h264" else payload[0] >> 1 & 0x3F
        if kind == aggregate:
            at = own
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2])
                units.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == fragment:
            head = payload[own]
            if head & 0x80:
                first = payload[0] & 0xE0 | head & 0x1F
                if codec == "hevc":
                    first = payload[0] & 0x81 | (head & 0x3F) << 1
                units.append(bytes([first]) + payload[1:own])
            units[-1] += payload[own + 1 :]
        else:
            units.append(payload)
    return units


def made(codec: Codec, body: bytes) -> bytes:
    """A unit of a kind that a picture has."""
    header = bytes([0x61]) if codec == "h264" else bytes([1 << 1, 1])
    return header + body


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@given(bodies=st.lists(st.binary(min_size=1, max_size=3 * MTU), min_size=1, max_size=8))
def test_a_receiver_gets_the_units_that_were_sent(codec: Codec, bodies: list[bytes]) -> None:
    units = [made(codec, body) for body in bodies]
    sent = payloads(codec, units, mtu=MTU)
    assert units_in(codec, sent) == units
    assert max(map(len, sent)) <= MTU


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_small_neighbours_share_a_packet(codec: Codec) -> None:
    units = [made(codec, bytes(10)), made(codec, bytes(12)), made(codec, bytes(100))]
    sent = payloads(codec, units, mtu=MTU)
    assert units_in(codec, sent[:1]) == units[:2]


def test_a_fragment_says_first_and_last() -> None:
    sent = payloads("h264", [made("h264", bytes(100))], mtu=MTU)
    assert [payload[1] & 0xC0 for payload in sent] == [0x80, 0, 0x40]


def test_a_shared_packet_has_the_importance_of_its_most_important_unit() -> None:
    (packet,) = payloads("h264", [b"\x06\x01", b"\x67\x42", b"\x01\x02"])
    assert packet[0] == 0x60 | 24
