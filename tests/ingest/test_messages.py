"""RTSP texts and packets cut out of a byte stream, however it arrives."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MediaCorrupt
from ingest.messages import Message, Splitter

REPLY = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n"
PACKET = b"$\x00\x00\x03abc"
STREAM = (
    REPLY + PACKET + b"$\x01\x00\x02\r\n" + b"RTSP/1.0 404 Not Found\r\nCSeq: 3\r\n\r\n" + PACKET
)


def encoded(parts: list[Message | bytes]) -> bytes:
    return b"".join(part if isinstance(part, bytes) else part.encoded() for part in parts)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cutting_of_the_stream_gives_the_same_bytes(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    splitter = Splitter()
    parts = [part for start, end in pairwise(edges) for part in splitter.feed(STREAM[start:end])]
    assert encoded(parts) == STREAM
    assert [part.status for part in parts if isinstance(part, Message)] == [200, 404]


def test_a_message_gives_its_fields_whatever_their_case() -> None:
    (message,) = Splitter().feed(REPLY)
    assert isinstance(message, Message)
    assert (message.get("cseq"), message.body, message.is_reply) == ("2", b"v=0\r\n", True)


def test_a_request_gives_method_and_uri() -> None:
    (message,) = Splitter().feed(b"SETUP rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    assert isinstance(message, Message)
    assert (message.method, message.uri, message.status) == ("SETUP", "rtsp://h/a", 0)


def test_a_field_is_replaced_in_its_place() -> None:
    message = Message("RTSP/1.0 200 OK", (("CSeq", "1"), ("Server", "x")))
    assert message.with_header("cseq", "9").headers == (("CSeq", "9"), ("Server", "x"))


def test_a_stray_line_end_between_messages_is_skipped() -> None:
    parts = list(Splitter().feed(REPLY + b"\r\n" + REPLY))
    assert len(parts) == 2


@pytest.mark.parametrize(
    "octets",
    [b"x" * 70_000, b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n"],
)
def test_what_would_fill_memory_is_refused(octets: bytes) -> None:
    with pytest.raises(MediaCorrupt):
        list(Splitter().feed(octets))
