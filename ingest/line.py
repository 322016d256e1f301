"""The guarded connection to one camera: FFmpeg talks to a loopback port here, and this talks to it.

FFmpeg's RTSP client follows redirects to any host and takes its password along, wants that
password inside the address (where errors and process dumps show it), and cannot be stopped from
another thread while it reads. So a thread of ours sits in between and reads every RTSP text:

- the connection goes to the pinned address and nowhere else; a redirect ends it, and the RTP
  source that a reply names is replaced by the pinned address;
- it answers the camera's password challenge itself; FFmpeg never learns the password;
- `cut` ends a blocked open or read at once, from any thread: FFmpeg merely sees the end;
- a time limit holds: FFmpeg's own counts a read twice, as its parser is flushed in between.

The loopback port takes one connection, which must know a random word of the address it was given.
"""

import select
import socket
import ssl
import threading
import time
from types import TracebackType

from core.errors import SourceError, SourceUnavailable
from ingest.addresses import CameraAddress, Login
from ingest.dialogue import Dialogue
from ingest.messages import Message, Splitter

_CHUNK = 1 << 18
_SEND_S = 5.0
_LOOK_MS = 250  # how often the time limit is looked at while nothing comes


class CameraLine:
    """One guarded connection; use as a context manager around the time that FFmpeg is open."""

    def __init__(
        self,
        address: CameraAddress,
        login: Login | None,
        *,
        open_s: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = address
        self._dialogue = Dialogue(address, login)
        self._open_s = open_s
        self._tls = tls
        self._limit: tuple[float, str] | None = None
        self._lock = threading.Lock()
        self._error: SourceError | None = None
        self._wake: socket.socket | None = None
        self._woken: socket.socket | None = None
        self._is_cut = False
        self._listener: socket.socket | None = None
        self._camera: socket.socket | None = None
        self._player: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "CameraLine":
        """Connected to the camera and listening; raises `SourceUnavailable` if it does not come."""
        with self._lock:
            self._wake, self._woken = socket.socketpair()
        try:
            self.expect(self._open_s, f"nothing played within {self._open_s:g} s of connecting")
            self._camera = self._connected()
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        except BaseException:
            self._close_all()
            raise
        self._dialogue.listen_on(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="camera-line", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        if self._thread is not None:
            self._thread.join()
        self._close_all()

    @property
    def url(self) -> str:
        """What FFmpeg opens: loopback, and no credential in it."""
        return self._dialogue.url

    @property
    def error(self) -> SourceError | None:
        """Why the line ended, when it was not FFmpeg that hung up."""
        with self._lock:
            return self._error or self._dialogue.error

    def expect(self, within_s: float | None, otherwise: str = "") -> None:
        """From now on something must happen `within_s` or the line fails, saying `otherwise`.

        None lifts the limit: nobody is waiting.
        """
        until = None if within_s is None else time.monotonic() + within_s
        self._limit = None if until is None else (until, otherwise)

    def cut(self, error: SourceError | None = None) -> None:
        """End the connection soon, both ways; safe from any thread, and twice."""
        with self._lock:
            self._is_cut = True
            self._error = self._error or error
            wake = self._wake
        if wake is None:
            return
        try:
            wake.send(b"x")
        except OSError:
            return
        # A blocked send does not see the wake-up; shutting the socket ends it. The plain method:
        # the one of TLS sockets also drops state that the other thread still uses.
        for end in (self._camera, self._player):
            if end is not None:
                _shut(end)

    # --- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._serve()
        except SourceError as error:
            self._fail(error)
        except OSError as error:
            self._fail(SourceUnavailable(f"{self._name}: the connection broke ({error.strerror})"))
        finally:
            for end in (self._listener, self._player, self._camera):
                if end is not None:
                    end.close()

    def _serve(self) -> None:
        listener, camera = self._listener, self._camera
        if listener is None or camera is None or not self._wait(listener):
            return
        player, _ = listener.accept()
        listener.close()
        player.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._player = player
        from_player, from_camera = Splitter(), Splitter()
        while ready := self._wait(player, camera):
            if player in ready:
                octets = player.recv(_CHUNK)
                if not octets:
                    return
                for part in from_player.feed(octets):
                    camera.sendall(self._dialogue.to_camera(part))
            if camera in ready:
                received = _received(camera)
                if received == b"":
                    raise SourceUnavailable(f"{self._name}: the camera closed the connection")
                for part in from_camera.feed(received or b""):
                    self._forward(part, player, camera)

    def _forward(self, part: Message | bytes, player: socket.socket, camera: socket.socket) -> None:
        again, onward = self._dialogue.from_camera(part)
        if again:
            camera.sendall(again)
        if onward:
            player.sendall(onward)

    def _wait(self, *ends: socket.socket) -> list[socket.socket]:
        """Those that can be read; none once the line was cut. Past the limit raises."""
        # What TLS has already decrypted does not show in `poll`.
        ready: list[socket.socket] = [end for end in ends if _holds_decrypted(end)]
        watched = {end.fileno(): end for end in (*ends, self._woken) if end is not None}
        # Not `select`, which knows only the first 1024 descriptors of a process.
        poll = select.poll()
        for number in watched:
            poll.register(number, select.POLLIN)
        while not ready:
            ready = [watched[number] for number, _ in poll.poll(_LOOK_MS)]
            limit = self._limit
            if limit is not None and time.monotonic() > limit[0]:
                raise SourceUnavailable(f"{self._name}: {limit[1]}")
        return [] if self._woken in ready else ready

    def _fail(self, error: SourceError) -> None:
        with self._lock:
            self._error = self._error or error

    # --- making and ending ---------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"camera {self._address.host}:{self._address.port}"

    def _connected(self) -> socket.socket:
        if self._is_cut:
            raise SourceUnavailable(f"{self._name}: closed before it was open")
        place = (str(self._address.ip), self._address.port)
        try:
            camera = socket.create_connection(place, timeout=self._open_s)
        except OSError as error:
            raise SourceUnavailable(f"{self._name}: {error.strerror or 'no answer'}") from error
        try:
            camera.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            camera.settimeout(max(_SEND_S, self._open_s))
            if self._address.scheme == "rtsps":
                context = self._tls or unverified_tls()
                return context.wrap_socket(camera, server_hostname=self._address.host)
        except (OSError, ValueError) as error:
            camera.close()
            raise SourceUnavailable(f"{self._name}: no TLS: {error}") from error
        return camera

    def _close_all(self) -> None:
        for end in (self._listener, self._player, self._camera, self._wake, self._woken):
            if end is not None:
                end.close()


def unverified_tls() -> ssl.SSLContext:
    """TLS without a check of the certificate: cameras carry self-signed ones.

    It keeps listeners out, not impostors; pass a context with the site's own authority for that.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _holds_decrypted(end: socket.socket) -> bool:
    return isinstance(end, ssl.SSLSocket) and end.pending() > 0


def _received(camera: socket.socket) -> bytes | None:
    """What came, b"" at the end, None if TLS only spoke to itself (a session ticket)."""
    camera.settimeout(0.0)
    try:
        return camera.recv(_CHUNK)
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return None
    finally:
        camera.settimeout(_SEND_S)


def _shut(end: socket.socket) -> None:
    try:
        socket.socket.shutdown(end, socket.SHUT_RDWR)
    except OSError:
        return
