"""An RTSP server of cameras that behave, or misbehave by a script (RFC 2326, RFC 3550).

    with CameraServer({"gate": Mount(Clip(path))}) as server:
        play(server.url("gate"))

One thread waits for clients, each client has one, each camera one, each player one.
"""

import errno
import re
import socket
import threading
from collections.abc import Mapping
from types import TracebackType

from core.errors import Conflict, InvalidInput, NotFound, SourceUnavailable
from scenes.rtsp.broadcast import Broadcast, Mount
from scenes.rtsp.connection import Connection
from scenes.rtsp.faults import Fault
from scenes.rtsp.pace import Pace, RealTime

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}(/[A-Za-z0-9._~-]{1,64}){0,7}")
_MOST_CLIENTS = 512
_LOOK_S = 0.1  # how soon the accepting thread notices its end


class CameraServer:
    """Serves its mounts from `start` to `close`, or as a context manager.

    `port` 0 takes a free one. A mount begins with its first player and goes on with or without one;
    under a patient `clock` it waits for a player. `seed` decides what is drawn (RTP's random
    numbers), the faults' own seeds what happens.
    """

    def __init__(
        self,
        mounts: Mapping[str, Mount],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Pace | None = None,
        seed: int = 0,
    ) -> None:
        for name in mounts:
            if not _NAME.fullmatch(name):
                raise InvalidInput(f"mount: want letters, digits and ._~-/ in a name, got {name!r}")
        if not 0 <= port <= 65_535:
            raise InvalidInput(f"port: want 0 to 65535, got {port}")
        pace = clock or RealTime()
        self._broadcasts = {
            name: Broadcast(name, mount, pace, seed=seed) for name, mount in mounts.items()
        }
        self._host = host
        self._port = port
        self._lock = threading.Lock()
        self._listening: threading.Event | None = None
        self._accepting: threading.Thread | None = None
        self._clients: dict[Connection, threading.Thread] = {}

    def __enter__(self) -> "CameraServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port that is listened to; 0 if that is still to be chosen."""
        return self._port

    @property
    def names(self) -> list[str]:
        """The mounts, in their order."""
        return list(self._broadcasts)

    def url(self, name: str) -> str:
        """Where a mount is played; there is no credential in it."""
        self._found(name)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"rtsp://{host}:{self._port}/{name}"

    def start(self) -> None:
        """Listen, again after `down`; `Conflict` if another program has the port."""
        if self._accepting is not None:
            return
        listener = self._listener()
        self._port = int(listener.getsockname()[1])
        ended = self._listening = threading.Event()
        self._accepting = threading.Thread(
            target=self._accept, args=(listener, ended), name="cameras", daemon=True
        )
        self._accepting.start()

    def down(self) -> None:
        """All cameras gone at once, as by a power cut: clients are cut off, none can connect.

        Their time goes on meanwhile (but under a patient clock, which waits).
        """
        if self._listening is not None and self._accepting is not None:
            self._listening.set()
            self._accepting.join()
        self._accepting = self._listening = None
        with self._lock:
            clients = dict(self._clients)
        for client in clients:
            client.hang_up()
        for thread in clients.values():
            thread.join()

    def close(self) -> None:
        """End all threads and free the port; safe to call twice."""
        for broadcast in self._broadcasts.values():
            broadcast.stop()
        self.down()

    # --- what a test or a demo asks ------------------------------------------------------------

    def fault(self, name: str, fault: Fault) -> None:
        """Have a camera misbehave; the fault's `at_s` counts from now."""
        self._found(name).add(fault)

    def playing(self, name: str) -> int:
        """How many play that mount."""
        return self._found(name).playing

    def wait_playing(self, name: str, *, players: int = 1, timeout_s: float) -> bool:
        """Whether so many play that mount, within the time."""
        return self._found(name).wait_for(players, timeout_s)

    def position_s(self, name: str) -> float:
        """Seconds of that mount's own time that have been played."""
        return self._found(name).position_s

    def wait_ended(self, name: str, *, timeout_s: float) -> bool:
        """Whether that mount's last picture went out, within the time; raises what broke it."""
        broadcast = self._found(name)
        ended = broadcast.wait_ended(timeout_s)
        broadcast.check()
        return ended

    # --- clients -------------------------------------------------------------------------------

    def _found(self, name: str) -> Broadcast:
        if name not in self._broadcasts:
            known = ", ".join(sorted(self._broadcasts)) or "none"
            raise NotFound(f"no mount {name!r} here; there are: {known}")
        return self._broadcasts[name]

    def _listener(self) -> socket.socket:
        place = f"port {self._port} on {self._host}"
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listener = socket.create_server((self._host, self._port), family=family, backlog=64)
        except PermissionError as error:
            raise InvalidInput(f"camera server: {place} needs rights that are missing") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Conflict(
                    f"camera server: {place} is in use; free it, or choose another (0 finds one)"
                ) from error
            raise SourceUnavailable(f"camera server: no {place} ({error.strerror})") from error
        listener.settimeout(_LOOK_S)
        return listener

    def _accept(self, listener: socket.socket, ended: threading.Event) -> None:
        with listener:
            while not ended.is_set():
                try:
                    end, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    # Out of descriptors, or the client left while it waited.
                    ended.wait(_LOOK_S)
                    continue
                self._admit(end)

    def _admit(self, end: socket.socket) -> None:
        with self._lock:
            if len(self._clients) >= _MOST_CLIENTS:
                end.close()
                return
            client = Connection(end, self._broadcasts.get)
            thread = threading.Thread(
                target=self._serve, args=(client,), name="camera-client", daemon=True
            )
            self._clients[client] = thread
            thread.start()

    def _serve(self, client: Connection) -> None:
        try:
            client.serve()
        finally:
            with self._lock:
                self._clients.pop(client, None)
