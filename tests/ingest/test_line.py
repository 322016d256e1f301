"""The guarded line between FFmpeg and a camera, with a scripted camera on the other end."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from core.errors import SourceError, SourceRefused, SourceUnavailable
from ingest.addresses import CameraAddress, Login, parse_networks, resolve_camera
from ingest.line import CameraLine
from ingest.messages import Message, Splitter

CANARY = "kanarienvogel-7391"
WAIT_S = 300.0
Script = Callable[[Message], bytes]


class ScriptedCamera:
    """Answers each request by `script`, and keeps what it was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.asked: list[Message] = []
        self._script = script
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def address(self, path: str = "/ch1") -> CameraAddress:
        url = f"rtsp://localhost:{self.port}{path}"
        return resolve_camera(url, parse_networks(["127.0.0.0/8"]), resolve=lambda _: ["127.0.0.1"])

    def close(self) -> None:
        with socket.socket() as knock:
            knock.settimeout(WAIT_S)
            knock.connect_ex(("127.0.0.1", self.port))
        self._thread.join(WAIT_S)
        self._server.close()

    def _serve(self) -> None:
        client, _ = self._server.accept()
        if self._tls is not None:
            client = self._tls.wrap_socket(client, server_side=True)
        splitter = Splitter()
        with client:
            while octets := client.recv(65536):
                for part in splitter.feed(octets):
                    if isinstance(part, Message):
                        self.asked.append(part)
                        client.sendall(self._script(part))


@contextmanager
def camera(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedCamera]:
    scripted = ScriptedCamera(script, tls)
    try:
        yield scripted
    finally:
        scripted.close()


@contextmanager
def player(line: CameraLine) -> Iterator[socket.socket]:
    place = urlsplit(line.url)
    with socket.create_connection((place.hostname or "", place.port or 0), WAIT_S) as end:
        yield end


def reply(request: Message, status: str = "200 OK", *fields: str) -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {request.get('CSeq')}", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def asking(method: str, uri: str, *fields: str, number: int = 7) -> bytes:
    return "\r\n".join([f"{method} {uri} RTSP/1.0", f"CSeq: {number}", *fields, "", ""]).encode()


def digest_camera(password: str) -> Script:
    """Wants MD5 Digest; believes whoever computed it with `password`."""
    from ingest.challenge import Challenge, answer

    def script(request: Message) -> bytes:
        proof = request.get("Authorization")
        challenge = Challenge("digest", "cam", nonce="n1")
        want = answer(challenge, Login("viewer", password), request.method, request.uri)
        if proof == want:
            return reply(request)
        return reply(
            request, "401 Unauthorized", 'WWW-Authenticate: Digest realm="cam", nonce="n1"'
        )

    return script


def line_to(
    scripted: ScriptedCamera, login: Login | None = None, open_s: float = WAIT_S
) -> CameraLine:
    return CameraLine(scripted.address(), login, open_s=open_s)


def failure(line: CameraLine, end: socket.socket) -> SourceError:
    """Why the line hung up on the player."""
    assert end.recv(4096) == b""
    assert line.error is not None
    return line.error


def test_requests_reach_the_camera_under_its_own_address() -> None:
    with camera(reply) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("OPTIONS", line.url))
        assert b"CSeq: 7\r\n" in end.recv(4096)
    assert scripted.asked[0].uri == f"rtsp://localhost:{scripted.port}/ch1"


def test_the_password_is_proved_and_the_player_never_sees_challenge_or_proof() -> None:
    login = Login("viewer", CANARY)
    with (
        camera(digest_camera(CANARY)) as scripted,
        line_to(scripted, login) as line,
        player(line) as end,
    ):
        end.sendall(asking("DESCRIBE", line.url))
        heard = end.recv(4096)
    assert heard.startswith(b"RTSP/1.0 200 OK")
    assert b"CSeq: 7\r\n" in heard
    assert b"WWW-Authenticate" not in heard
    assert "Digest" in scripted.asked[1].get("Authorization")
    assert CANARY not in line.url + repr(line) + str(vars(line))


def test_a_wrong_password_ends_the_line_after_one_try() -> None:
    login = Login("viewer", CANARY)
    with (
        camera(digest_camera("another")) as scripted,
        line_to(scripted, login) as line,
        player(line) as end,
    ):
        end.sendall(asking("DESCRIBE", line.url))
        error = failure(line, end)
    assert isinstance(error, SourceRefused)
    assert "refused the user name or password" in str(error)
    assert CANARY not in str(error)
    assert len(scripted.asked) == 2


def test_a_camera_that_wants_a_password_where_none_is_set_says_so() -> None:
    with camera(digest_camera("x")) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("DESCRIBE", line.url))
        assert "none is set" in str(failure(line, end))


def test_a_stale_nonce_is_answered_anew() -> None:
    nonces = iter(["n1", "n2", "n3"])

    def script(request: Message) -> bytes:
        if 'nonce="n2"' in request.get("Authorization"):
            return reply(request)
        line = f'WWW-Authenticate: Digest realm="c", nonce="{next(nonces)}", stale=true'
        return reply(request, "401 Unauthorized", line)

    login = Login("viewer", CANARY)
    with camera(script) as scripted, line_to(scripted, login) as line, player(line) as end:
        end.sendall(asking("OPTIONS", line.url))
        assert end.recv(4096).startswith(b"RTSP/1.0 200 OK")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "305 Use Proxy"])
def test_a_redirect_is_refused_and_not_shown_to_the_player(status: str) -> None:
    def script(request: Message) -> bytes:
        return reply(request, status, "Location: rtsp://192.0.2.9/internal")

    with camera(script) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("DESCRIBE", line.url))
        error = failure(line, end)
    assert isinstance(error, SourceRefused)
    assert "192.0.2.9" not in str(error)


def test_the_rtp_source_of_a_reply_is_replaced_by_the_pinned_address() -> None:
    def script(request: Message) -> bytes:
        transport = "Transport: RTP/AVP;unicast;client_port=4-5;source=192.0.2.9;server_port=8-9"
        return reply(request, "200 OK", transport)

    with camera(script) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("SETUP", line.url))
        heard = end.recv(4096)
    assert b"192.0.2.9" not in heard
    assert b"source=127.0.0.1" in heard


def test_a_stranger_who_does_not_know_the_word_is_turned_away() -> None:
    with camera(reply) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("DESCRIBE", f"rtsp://127.0.0.1:{urlsplit(line.url).port}/ch1"))
        assert "stranger" in str(failure(line, end))
    assert scripted.asked == []


def test_media_packets_pass_unchanged_both_ways() -> None:
    heard: list[bytes] = []

    def script(request: Message) -> bytes:
        return reply(request) + b"$\x00\x00\x04\r\n\r\n"

    with camera(script) as scripted, line_to(scripted) as line, player(line) as end:
        end.sendall(asking("PLAY", line.url))
        while not b"".join(heard).endswith(b"$\x00\x00\x04\r\n\r\n"):
            heard.append(end.recv(4096))


def test_a_camera_that_answers_nothing_fails_within_the_limit() -> None:
    with (
        camera(lambda _: b"") as scripted,
        line_to(scripted, open_s=0.3) as line,
        player(line) as end,
    ):
        end.sendall(asking("OPTIONS", line.url))
        error = failure(line, end)
    assert isinstance(error, SourceUnavailable)
    assert "0.3 s" in str(error)


def test_a_cut_line_ends_a_blocked_read_at_once() -> None:
    with camera(lambda _: b"") as scripted, line_to(scripted) as line, player(line) as end:
        threading.Timer(0.05, line.cut).start()
        assert end.recv(4096) == b""
        assert line.error is None


def test_a_closed_port_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = resolve_camera(f"rtsp://127.0.0.1:{port}/", parse_networks(["127.0.0.1"]))
    with pytest.raises(SourceUnavailable, match="refused"):
        CameraLine(address, None, open_s=1.0).__enter__()


def test_a_camera_that_speaks_something_else_is_found_out() -> None:
    with (
        camera(lambda _: b"x" * 70_000) as scripted,
        line_to(scripted) as line,
        player(line) as end,
    ):
        end.sendall(asking("OPTIONS", line.url))
        assert "does not speak RTSP" in str(failure(line, end))


def test_rtsps_is_spoken_to_the_camera_and_plain_rtsp_to_the_player(tmp_path: Path) -> None:
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(self_signed(tmp_path))
    with camera(reply, tls=server_tls) as scripted:
        plain = scripted.address()
        secure = replace(plain, scheme="rtsps")
        with CameraLine(secure, None, open_s=WAIT_S) as line, player(line) as end:
            assert line.url.startswith("rtsp://127.0.0.1:")
            end.sendall(asking("OPTIONS", line.url))
            assert end.recv(4096).startswith(b"RTSP/1.0 200 OK")
    assert scripted.asked[0].uri.startswith("rtsps://localhost:")


def test_a_camera_without_tls_on_rtsps_is_unavailable() -> None:
    with camera(lambda _: b"") as scripted:
        secure = replace(scripted.address(), scheme="rtsps")
        with pytest.raises(SourceUnavailable, match="no TLS"):
            CameraLine(secure, None, open_s=0.5).__enter__()


def self_signed(folder: Path) -> Path:
    """A key with its own certificate, as cameras carry them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "camera.pem"
    private = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption_algorithm=NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
