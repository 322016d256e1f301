"""One camera's thread: pictures from its source, at its cadence, past the motion gate, onward."""

import threading
from collections.abc import Callable
from typing import Protocol

from core.errors import CaseTraceError
from core.protocols import FrameSource
from core.types import Epoch, Frame
from pipeline.batcher import Batcher, Coast, End, Event, Look
from pipeline.channel import Stopped
from pipeline.counters import Counters


class Cadence(Protocol):
    def due(self, device_ns: int) -> bool:
        """Whether the picture of that time is one to look at."""

    def reset(self) -> None: ...


class Gate(Protocol):
    def wants(self, frame: Frame) -> bool:
        """Whether enough moves in it, or long enough nobody looked."""

    def reset(self) -> None: ...


class CameraThread(threading.Thread):
    """Runs a source to its end. `shed` drops looks when the device cannot keep up (live cameras).

    The error that ended it, if any, is in `error` after `join`; other cameras go on.
    """

    def __init__(
        self,
        source: FrameSource,
        batcher: Batcher,
        *,
        cadence: Cadence,
        gate: Gate | None,
        put_epoch: Callable[[Epoch], None],
        counters: Counters,
        origin: str,
        shed: bool,
    ) -> None:
        super().__init__(name=f"camera-{source.camera_id}", daemon=True)
        self.camera_id = source.camera_id
        self.error: CaseTraceError | None = None
        self._source = source
        self._batcher = batcher
        self._cadence = cadence
        self._gate = gate
        self._put_epoch = put_epoch
        self._counters = counters
        self._origin = origin
        self._shed = shed
        self._epoch: int | None = None

    def run(self) -> None:
        """Until the source ends, fails, or the analysis stops."""
        self._counters.note(self.camera_id, state="running")
        try:
            for frame in self._source:
                self._take(frame)
        except Stopped:
            self._source.close()
        except CaseTraceError as error:
            self.error = error
            self._counters.note(self.camera_id, state="failed", error=f"{error.code}: {error}")
        finally:
            self._finish()

    def close(self) -> None:
        """Make the thread end soon."""
        self._source.close()

    def _take(self, frame: Frame) -> None:
        self._counters.add(self.camera_id, decoded=1)
        self._counters.note(self.camera_id, device_ns=frame.device_ns)
        if frame.epoch != self._epoch:
            self._begin(frame)
        if self._cadence.due(frame.device_ns):
            wanted = self._gate is None or self._gate.wants(frame)
            self._put(Look(frame) if wanted else Coast(self.camera_id, frame.device_ns))

    def _begin(self, frame: Frame) -> None:
        if self._epoch is not None:
            self._put(End(self.camera_id))
        self._epoch = frame.epoch
        self._cadence.reset()
        if self._gate is not None:
            self._gate.reset()
        self._put_epoch(
            Epoch(
                frame.epoch,
                self.camera_id,
                frame.device_ns,
                frame.clock,
                frame.clock_sigma_s,
                frame.surface.size,
                self._origin,
            )
        )

    def _put(self, event: Event) -> None:
        self._batcher.put(event, camera_id=self.camera_id, shed=self._shed)

    def _finish(self) -> None:
        try:
            self._put(End(self.camera_id))
        except Stopped:
            return
        if self.error is None:
            self._counters.note(self.camera_id, state="done")
