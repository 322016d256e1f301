"""Runs the test camera, and watches what a source makes of it."""

import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar

import numpy as np
import pytest

from core.arrays import U8
from core.clocks import Now, system_now
from core.errors import SourceError
from core.ids import IdSource
from core.types import Camera, FootageSegment, Frame, TimeSpan, Transport
from index.footage import FileFootageStore
from ingest.addresses import Login, parse_networks
from ingest.connection import StreamLimits
from ingest.packets import VideoPacket
from ingest.recorder import FreeBytes, Recorder, free_bytes
from ingest.rtsp import RtspSource, StreamHooks

T = TypeVar("T")
SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
WAIT_S = 300.0
BITS = 16
_PROBE = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); "
    "from gi.repository import Gst, GstRtspServer; Gst.init(None); "
    "assert Gst.ElementFactory.find('x264enc')"
)


class HasUrl(Protocol):
    """A camera, by whichever server."""

    def url(self, mount: str = "/main") -> str: ...


@cache
def missing_server() -> str:
    """Why there can be no test camera here; empty if there can."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"no {SYSTEM_PYTHON}"
    # From another folder: the system's Python must not import this project.
    probe = subprocess.run(
        [SYSTEM_PYTHON, "-c", _PROBE], cwd="/", capture_output=True, text=True, check=False
    )
    last = (probe.stderr.strip().splitlines() or [""])[-1]
    return f"no GStreamer RTSP server: {last}" if probe.returncode else ""


class TestCamera:
    """The server as a subprocess; `say` returns when the command took effect."""

    __test__ = False

    def __init__(self, *options: str) -> None:
        if missing_server():
            pytest.skip(missing_server())
        self._options = options
        self.port = 0
        self._process = self._started()

    def __enter__(self) -> "TestCamera":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, mount: str = "/main") -> str:
        return f"rtsp://127.0.0.1:{self.port}{mount}"

    def say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        assert self._heard() == f"ok {command}"

    def stop(self) -> None:
        """Gone without a goodbye, as by a power cut."""
        self._process.kill()
        self._process.communicate(timeout=WAIT_S)

    def start(self) -> None:
        """The same port again."""
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVER), "--port", str(self.port), *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        self._process = process
        self.port = int(self._heard().removeprefix("ready "))
        return process

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass(frozen=True)
class Seen:
    """One frame that came out, and the numbers that stood in its pictures."""

    frame: Frame
    large: int
    small: int

    @property
    def epoch(self) -> int:
        return self.frame.epoch


class Watched:
    """A source running on its thread beside a recorder, with all that both said."""

    def __init__(
        self,
        camera: HasUrl,
        root: Path,
        *,
        limits: StreamLimits,
        now: Now = system_now,
        sub: bool = False,
        transport: Transport = "tcp",
        login: Callable[[], Login | None] = lambda: None,
        segment_s: float = 60.0,
        free: FreeBytes = free_bytes,
    ) -> None:
        self.seen: list[Seen] = []
        self.troubles: list[tuple[SourceError, float]] = []
        self.outages: list[tuple[TimeSpan, str]] = []
        self.segments: list[FootageSegment] = []
        self.gaps: list[tuple[TimeSpan, str]] = []
        self.payloads: list[bytes] = []
        self.reasons: list[str] = []
        self.root = root
        self._failure: BaseException | None = None
        self._news = threading.Condition()
        self.store = FileFootageStore(root, writer=1, reserve_bytes=0)
        self._recorder = Recorder(
            5,
            self.store,
            next_id=IdSource(1, system_now).next,
            on_segment=lambda segment: self._note(self.segments, segment),
            on_gap=lambda span, reason: self._note(self.gaps, (span, reason)),
            segment_s=segment_s,
            reserve_bytes=0,
            free=free,
        )
        epochs = count(1)
        self.source = RtspSource(
            Camera(
                5,
                "test",
                main_url=camera.url(),
                sub_url=camera.url("/sub") if sub else "",
                transport=transport,
            ),
            parse_networks(["127.0.0.0/8"]),
            login=login,
            next_epoch=lambda: next(epochs),
            hooks=StreamHooks(
                packet=self._packet,
                epoch=lambda _, reason: self._note(self.reasons, reason),
                outage=lambda span, reason: self._note(self.outages, (span, reason)),
                trouble=lambda error, wait_s: self._note(self.troubles, (error, wait_s)),
            ),
            limits=limits,
            now=now,
        )
        self._thread = threading.Thread(target=self._run, name="watched")

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the source and finish the footage."""
        self.source.close()
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        self.store.close()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def until(self, holds: Callable[["Watched"], object], what: str) -> None:
        """Wait until something holds; fail after a long time, saying what is there."""
        with self._news:
            if not self._news.wait_for(lambda: holds(self) or self._failure, WAIT_S):
                pytest.fail(
                    f"waited in vain for {what}: {len(self.seen)} frames, epochs {self.epochs}, "
                    f"troubles {self.troubles}, outages {self.outages}"
                )
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    @property
    def epochs(self) -> list[int]:
        return sorted({seen.epoch for seen in self.seen})

    def of_epoch(self, epoch: int) -> list[Seen]:
        return [seen for seen in self.seen if seen.epoch == epoch]

    def _run(self) -> None:
        try:
            for frame in self.source:
                self._note(self.seen, Seen(frame, large_number(frame), small_number(frame)))
            self._recorder.close()
        except BaseException as error:  # noqa: BLE001  # the thread's boundary; `until` raises it
            with self._news:
                self._failure = error
                self._news.notify_all()

    def _packet(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> None:
        self.payloads.append(bytes(packet))
        self._recorder.on_packet(packet, device_ns, epoch)

    def _note(self, where: list[T], what: T) -> None:
        with self._news:
            where.append(what)
            self._news.notify_all()


def number_of(luma: U8) -> int:
    """The number in the sixteen blocks along the top of a picture (h, w)."""
    row = luma[luma.shape[0] // 8].astype(np.float64)
    blocks = np.array_split(row, BITS)
    return sum(1 << bit for bit, block in enumerate(blocks) if block.mean() > 128)


def small_number(frame: Frame) -> int:
    """The number in the picture that the detector would see."""
    return number_of(frame.surface.luma((120, 160)))


def large_number(frame: Frame) -> int:
    """The number in the picture that shots are cut from."""
    height, width = frame.surface.size
    whole = np.array([[0, 0, width, height]], np.float32)
    return number_of(frame.surface.crops(whole, (120, 160))[0].mean(axis=0).astype(np.uint8))
