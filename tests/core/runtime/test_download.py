"""Downloads over real TLS from a small server of ours."""

import datetime
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import SourceRefused, SourceUnavailable
from core.runtime.download import https_fetch

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in ("/404", "/503"):
            self.send_error(int(self.path[1:]))
        elif self.path == "/to-plain":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/file")
            self.end_headers()
        else:
            self._send_file()

    def _send_file(self) -> None:
        wanted = self.headers.get("Range", "bytes=0-")
        start = 0 if self.path == "/no-ranges" else int(wanted[6:-1])
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:])

    def log_message(self, format: str, *args: object) -> None:
        """Tests stay quiet."""


def certificate(folder: Path) -> Path:
    """A PEM with a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return pem


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(pem: Path) -> Iterator[str]:
    """The address of a TLS server, which nobody trusts by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        thread = Thread(target=httpd.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def trusted(server: str, pem: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return server


def fetched(address: str, start: int = 0) -> tuple[int, bytes]:
    with https_fetch(address, start) as download:
        return download.start, b"".join(download.chunks)


def test_whole_file_comes_in_order(trusted: str) -> None:
    assert fetched(trusted + "/file") == (0, CONTENT)


def test_fetch_goes_on_from_a_byte(trusted: str) -> None:
    assert fetched(trusted + "/file", 1000) == (1000, CONTENT[1000:])


def test_server_without_ranges_starts_over(trusted: str) -> None:
    assert fetched(trusted + "/no-ranges", 1000) == (0, CONTENT)


def test_start_beyond_the_end_starts_over(trusted: str) -> None:
    assert fetched(trusted + "/file", len(CONTENT)) == (0, CONTENT)


def test_missing_file_is_refused(trusted: str) -> None:
    with pytest.raises(SourceRefused, match="HTTP 404"):
        fetched(trusted + "/404")


def test_server_trouble_is_worth_another_try(trusted: str) -> None:
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        fetched(trusted + "/503")


def test_redirect_to_plain_http_is_refused(trusted: str) -> None:
    with pytest.raises(SourceRefused, match="want an https"):
        fetched(trusted + "/to-plain")


@pytest.mark.parametrize("address", ["http://127.0.0.1/file", "file:///etc/hostname", "ftp://h/f"])
def test_other_than_https_is_refused(address: str) -> None:
    with pytest.raises(SourceRefused, match="want an https"):
        fetched(address)


def test_server_that_nobody_vouches_for_is_unavailable(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SourceUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        fetched(server + "/file")


def test_host_that_does_not_listen_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SourceUnavailable, match="refused"):
        fetched("https://127.0.0.1:1/file")
