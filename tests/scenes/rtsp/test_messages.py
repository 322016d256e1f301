import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.rtsp.messages import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    Binary,
    Refusal,
    Request,
    RequestReader,
    reply,
)

OPTIONS = b"OPTIONS rtsp://camera/gate RTSP/1.0\r\nCSeq: 1\r\n\r\n"


def read(octets: bytes) -> list[Request | Binary]:
    return list(RequestReader().feed(octets))


def refused(octets: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(octets)
    return caught.value


def test_a_request_is_read_with_headers_and_body() -> None:
    (request,) = read(
        b"SET_PARAMETER rtsp://camera/a%20b/?x=1 RTSP/1.0\r\nCSEQ: 7\r\nX: one:two\r\n"
        b"Content-Length: 4\r\n\r\nbody"
    )
    assert isinstance(request, Request)
    assert (request.method, request.path, request.cseq) == ("SET_PARAMETER", "a b", "7")
    assert (request.headers["x"], request.body) == ("one:two", b"body")


def test_requests_and_packets_come_apart_wherever_they_are_cut() -> None:
    octets = OPTIONS + b"$\x01\x00\x02ab" + b"\r\n\r\n" + OPTIONS
    reader = RequestReader()
    found = [part for octet in octets for part in reader.feed(bytes([octet]))]
    assert found == read(octets)
    assert [type(part) for part in found] == [Request, Binary, Request]


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"OPTIONS * RTSP/1.0\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: one\r\n\r\n", 400),
        (b"options * RTSP/1.0\r\nCSeq: 1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nCSeq: 1\r\n\r\n", 400),
        (b"OPTIONS rtsp://[camera RTSP/1.0\r\nCSeq: 1\r\n\r\n", 400),
        (b"OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n", 505),
    ],
)
def test_a_bad_request_is_refused_and_the_next_is_read(octets: bytes, status: int) -> None:
    reader = RequestReader()
    with pytest.raises(Refusal) as caught:
        list(reader.feed(octets + OPTIONS))
    assert (caught.value.status, caught.value.fatal) == (status, False)
    assert len(list(reader.feed(b""))) == 1


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\n: no name\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: \xff\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 1e3\r\n\r\n", 400),
        (
            b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
            413,
        ),
        (b"x" * (MAX_HEAD_BYTES + 1), 413),
        (b"OPTIONS * RTSP/1.0\r\nX: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 413),
    ],
)
def test_what_hides_where_it_ends_is_the_last_that_is_read(octets: bytes, status: int) -> None:
    refusal = refused(octets)
    assert (refusal.status, refusal.fatal) == (status, True)


def test_an_unfinished_request_is_waited_for() -> None:
    assert read(OPTIONS[:-1]) == []
    assert read(b"$\x00\x00\x05abc") == []


@given(octets=st.binary(max_size=400))
def test_noise_is_refused_or_waited_for(octets: bytes) -> None:
    with contextlib.suppress(Refusal):
        read(octets)


def test_a_reply_names_its_request_and_the_size_of_its_body() -> None:
    text = reply(200, cseq="3", headers=[("Session", "abc")], body=b"v=0")
    head, _, body = text.partition(b"\r\n\r\n")
    assert head.startswith(b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n")
    assert b"\r\nSession: abc\r\nContent-Length: 3" in head
    assert body == b"v=0"
