"""What may be connected to, and what a camera's address may hold."""

import socket
from collections.abc import Sequence

import pytest

from core.errors import CaseTraceError, InvalidInput, SourceRefused, SourceUnavailable
from ingest.addresses import Login, parse_networks, resolve_camera

CANARY = "kanarienvogel-7391"
LAN = parse_networks(["10.20.0.0/16", "fd00::/8"])


def test_an_address_is_pinned_to_what_its_name_resolved_to() -> None:
    found = resolve_camera("rtsp://gate.local/ch1?x=2", LAN, resolve=lambda _: ["10.20.3.4"])
    assert (str(found.ip), found.port, found.path) == ("10.20.3.4", 554, "/ch1?x=2")
    assert found.url == "rtsp://gate.local:554/ch1?x=2"


def test_a_name_is_resolved_once() -> None:
    asked: list[str] = []

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["10.20.3.4"]

    resolve_camera("rtsp://gate.local/", LAN, resolve=resolve)
    assert asked == ["gate.local"]


def test_the_first_allowed_of_several_addresses_is_taken() -> None:
    found = resolve_camera("rtsp://x/", LAN, resolve=lambda _: ["192.0.2.1", "10.20.0.9"])
    assert str(found.ip) == "10.20.0.9"


def test_an_ipv6_address_keeps_its_brackets() -> None:
    found = resolve_camera("rtsps://[fd00::5]/a", LAN, resolve=lambda host: [host])
    assert found.url == "rtsps://[fd00::5]:322/a"


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "::1", "169.254.169.254", "10.21.0.1", "0.0.0.0", "::ffff:127.0.0.1"],  # noqa: S104
)
def test_an_address_outside_the_allowed_networks_is_refused(ip: str) -> None:
    with pytest.raises(SourceRefused, match="none of the allowed networks"):
        resolve_camera("rtsp://camera/", LAN, resolve=lambda _: [ip])


def test_an_empty_allow_list_refuses_every_camera() -> None:
    with pytest.raises(SourceRefused, match="none are allowed"):
        resolve_camera("rtsp://10.20.0.1/", [], resolve=lambda host: [host])


def test_loopback_passes_only_where_it_is_listed() -> None:
    loopback = parse_networks(["127.0.0.0/8"])
    assert resolve_camera("rtsp://127.0.0.1/", loopback).ip.is_loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://10.20.0.1/",
        "file:///etc/passwd",
        "concat:rtsp://10.20.0.1/",
        "10.20.0.1",
        "",
        "rtsp:///ch1",
        "rtsp://10.20.0.1/a b",
        "rtsp://10.20.0.1/a\r\nX: y",
        "rtsp://10.20.0.1:0/",
        "rtsp://10.20.0.1:99999/",
        "rtsp://10.20.0.1/#x",
        "rtsp://[::1/",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        resolve_camera(url, LAN, resolve=lambda host: [host])


@pytest.mark.parametrize(
    "url",
    [
        f"rtsp://viewer:{CANARY}@10.20.0.1/",
        f"rtsp://{CANARY}@10.20.0.1/",
        f"rtsp://viewer:{CANARY}@10.20.0.1:bad/",
        f"http://viewer:{CANARY}@10.20.0.1/",
        f"rtsp://viewer:{CANARY}@[::1/",
    ],
)
def test_a_password_in_an_address_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        resolve_camera(url, LAN, resolve=lambda host: [host])
    shown: BaseException | None = raised.value
    while shown is not None:
        assert CANARY not in str(shown) + repr(shown)
        shown = shown.__cause__ or shown.__context__


def test_a_name_that_does_not_resolve_is_unavailable() -> None:
    def resolve(_host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(SourceUnavailable, match="does not resolve"):
        resolve_camera("rtsp://gone.local/", LAN, resolve=resolve)


def test_networks_that_are_none_are_refused() -> None:
    with pytest.raises(CaseTraceError, match=r"10\.20\.0\.0/16"):
        parse_networks(["10.20.0.0/40"])


def test_a_login_does_not_show_its_password() -> None:
    assert CANARY not in repr(Login("viewer", CANARY))
