"""Pictures that people hand in, decoded where a broken one can do no harm."""

import math
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from core.arrays import U8
from core.errors import MediaCorrupt, TooLarge
from ingest.pictures import header_of
from ingest.surface import HostSurface
from ingest.upload_worker import ANSWER, REQUEST


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one picture may cost: `time_s` of computing, an answer within `patience_s` however busy
    the machine is; `memory_bytes` come on top of what the idle decoder holds."""

    max_bytes: int = 50_000_000
    max_pixels: int = 50_000_000
    time_s: float = 10.0
    patience_s: float = 60.0
    memory_bytes: int = 1_000_000_000


class UploadOpener:
    """Opens what is handed in: JPEG, PNG, WebP or BMP, turned as its EXIF says.

    The size is read from the header, by us, before anything is decoded. Decoding runs in up to
    `workers` processes with limits, an empty environment and no way to open a file or a socket;
    one that takes too long or dies is replaced. Safe to call from several threads. Close it at the
    end.
    """

    def __init__(self, limits: UploadLimits | None = None, *, workers: int = 1) -> None:
        self._limits = limits or UploadLimits()
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers = [_Worker(self._limits) for _ in range(workers)]
        for worker in self._workers:
            self._idle.put(worker)

    def __call__(self, content: bytes) -> HostSurface:
        """The picture; `MediaCorrupt` for what is none, `TooLarge` beyond a limit, naming it."""
        limits = self._limits
        if len(content) > limits.max_bytes:
            raise TooLarge(
                f"picture: want at most {limits.max_bytes / 1e6:g} MB, got {len(content) / 1e6:g}"
            )
        header = header_of(content)
        height, width = header.size_hw
        if height * width > limits.max_pixels:
            raise TooLarge(
                f"picture: want at most {limits.max_pixels / 1e6:g} megapixels, "
                f"got {width}x{height}"
            )
        worker = self._idle.get()
        try:
            return worker.decode(content, header.format)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the processes; a call after this starts one again."""
        for worker in self._workers:
            worker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Worker:
    """One decoding process, started at the first picture and again after each mishap."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._running: subprocess.Popen[bytes] | None = None

    def decode(self, content: bytes, name: str) -> HostSurface:
        running = self._started()
        late = threading.Event()

        def end() -> None:
            late.set()
            running.kill()

        timer = threading.Timer(self._limits.patience_s, end)
        timer.start()
        try:
            pixels = _exchange(_pipes(running), content)
        except (OSError, EOFError) as error:
            self.stop()
            if late.is_set():
                raise TooLarge(
                    f"picture: a {name} was not decoded within {self._limits.patience_s:g} s"
                ) from error
            if running.returncode == -signal.SIGXCPU:
                raise TooLarge(
                    f"picture: a {name} took more than {self._limits.time_s:g} s to decode"
                ) from error
            raise MediaCorrupt(f"picture: the decoder failed on this {name}") from error
        finally:
            timer.cancel()
            timer.join()
        if pixels is None:
            raise MediaCorrupt(f"picture: a {name} that is broken or cut off")
        return HostSurface.of_bgr(pixels)

    def stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.kill()
        running.wait()
        for pipe in _pipes(running):
            with suppress(OSError):  # what was not yet written to the dead process
                pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._running is not None and self._running.poll() is not None:
            self.stop()
        if self._running is None:
            self._running = _start(self._limits)
        return self._running


def decoder_environment(limits: UploadLimits) -> dict[str, str]:
    """All that the decoding process has of an environment; no thread but its own among it."""
    return {
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(limits.max_pixels),
    }


def _start(limits: UploadLimits) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("upload_worker.py")
    command = [sys.executable, "-I", str(script)]
    return subprocess.Popen(  # noqa: S603 (our own interpreter and script)
        [*command, str(limits.memory_bytes), str(math.ceil(limits.time_s))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=decoder_environment(limits),
        start_new_session=True,
    )


def _pipes(running: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if running.stdin is None or running.stdout is None:
        raise EOFError("the decoder has no pipes")
    return running.stdin, running.stdout


def _exchange(pipes: tuple[IO[bytes], IO[bytes]], content: bytes) -> U8 | None:
    """BGR (h, w, 3), or None for a broken picture; `EOFError` or `OSError` if the worker died."""
    ask, answer = pipes
    ask.write(REQUEST.pack(len(content)))
    ask.write(content)
    ask.flush()
    height, width = ANSWER.unpack(_read(answer, ANSWER.size))
    if not height:
        return None
    return np.frombuffer(_read(answer, height * width * 3), np.uint8).reshape(height, width, 3)


def _read(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError(f"want {count} bytes, got {len(content)}")
    return content
