"""A camera of our own server, on a clock that both it and the source read: as fast as it goes.

Under `SharedTime` at most `LEAD` pictures are under way, so that what a source sees does not
depend on how busy the machine is. The camera's first picture is number 0, at `START_NS`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np

from core.arrays import U8
from core.clocks import NS, ns_of
from core.types import Transport
from ingest.addresses import Login
from ingest.connection import StreamLimits
from ingest.packets import VideoPacket
from ingest.reconnect import BackoffPolicy
from scenes.rtsp import CameraServer, Clip, Credentials, Fault, Faults, Mount, Reports, Unpaced
from tests.ingest.rtsp_camera import BITS, Seen, T, Watched
from tests.ingest.videos import Painter, write_video

START_NS = 1_780_000_000 * NS
FPS = 25
PICTURE_NS = NS // FPS
LEAD = 20
GOP = 10
QUICK = StreamLimits(
    open_s=60.0,
    read_s=60.0,
    settle_s=0.2,
    backoff=BackoffPolicy(first_s=0.05, cap_s=0.1, healthy_s=60.0),
)
IMPATIENT = replace(QUICK, read_s=1.0)
"""For tests in which a camera falls silent."""


def blocks(size_hw: tuple[int, int] = (240, 320), *, first: int = 0) -> Painter:
    """Paints its number as sixteen black or white blocks along the top, as the other camera."""
    height, width = size_hw

    def paint(row: int) -> U8:
        number = first + row
        picture = np.full((height, width, 3), 64 + number % 128, np.uint8)
        for bit in range(BITS):
            level = 235 if number >> bit & 1 else 16
            picture[: height // 4, bit * width // BITS : (bit + 1) * width // BITS] = level
        return picture

    return paint


def clip(path: Path, *, count: int, first: int = 0, size_hw: tuple[int, int] = (240, 320)) -> Path:
    """A file of numbered pictures, a keyframe every `GOP`."""
    return write_video(path, blocks(size_hw, first=first), count=count, fps=FPS, gop=GOP)


class ServedCamera:
    """One mount on a server of its own."""

    def __init__(
        self,
        path: Path,
        *faults: Fault,
        credentials: Credentials | None = None,
        start_ns: int | None = None,
        reports: Reports | None = None,
        rtp_start: int | None = None,
        loop: bool = False,
    ) -> None:
        self.path = path
        self.time = Unpaced(START_NS, lead=LEAD)
        mount = Mount(
            Clip(path, loop=loop),
            faults=Faults(faults),
            credentials=credentials,
            start_ns=start_ns,
            reports=reports or Reports(),
            rtp_start=rtp_start,
        )
        self.server = CameraServer({"main": mount}, clock=self.time)
        self.fault = partial(self.server.fault, "main")

    def __enter__(self) -> "ServedCamera":
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.close()

    def url(self, mount: str = "/main") -> str:
        return self.server.url(mount.strip("/"))


class WatchedServed(Watched):
    """Tells the camera which pictures have come."""

    def __init__(
        self,
        camera: ServedCamera,
        root: Path,
        *,
        limits: StreamLimits = QUICK,
        transport: Transport = "tcp",
        login: Callable[[], Login | None] = lambda: None,
        fps: float = FPS,
        by_packet: bool = False,
        segment_s: float = 60.0,
    ) -> None:
        self._camera = camera
        self._step_s = 1 / fps
        self._by_packet = by_packet
        super().__init__(
            camera,
            root,
            limits=limits,
            transport=transport,
            login=login,
            segment_s=segment_s,
            now=camera.time.now_ns,
        )

    def __enter__(self) -> "WatchedServed":
        super().__enter__()
        return self

    @property
    def numbers(self) -> list[int]:
        return [one.large for one in self.seen]

    def until_number(self, number: int) -> None:
        """Wait for that picture or a later one."""
        self.until(lambda w: w.seen and w.seen[-1].large >= number, f"picture {number}")

    def _packet(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> None:
        super()._packet(packet, device_ns, epoch)
        if self._by_packet and device_ns is not None:
            self._camera.time.taken(device_ns)

    def _note(self, where: list[T], what: T) -> None:
        super()._note(where, what)
        if isinstance(what, Seen) and not self._by_packet:
            self._camera.time.taken(START_NS + ns_of(what.large * self._step_s))
