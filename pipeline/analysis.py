"""Frames to committed tracklets: detect, track and commit, one thread each, queues between them."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.clocks import NS
from core.protocols import Detector
from core.types import Detections, Frame, TrackletPart
from pipeline.batcher import Batcher, Coast, End, Event, Look, Shed
from pipeline.channel import Channel, Stopped
from pipeline.counters import Counters
from pipeline.ledger import Ledger
from pipeline.writer import Commit

_SETTLE_NS = 5 * NS  # activity rows are written at least this often in device time


class Builder(Protocol):
    """What the analysis drives per camera; `tracking.tracklets.TrackletBuilder` is one."""

    @property
    def open_since_ns(self) -> int | None:
        """Device time of the oldest box not yet handed on, None when there is none."""

    def look(self, frame: Frame, detections: Detections) -> list[TrackletPart]: ...

    def coast(self, device_ns: int) -> list[TrackletPart]: ...

    def flush(self) -> list[TrackletPart]: ...


class Writer(Protocol):
    def write(self, commits: Sequence[Commit]) -> int:
        """Everything in `commits`, durably; the number of shots kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A batch of events with the boxes of its frames."""

    events: Sequence[Event]
    detections: Detections | None


class CameraAnalysis:
    """One camera's tracker and ledger; turns events into commits."""

    def __init__(self, builder: Builder, ledger: Ledger) -> None:
        self._builder = builder
        self._ledger = ledger
        self._settled_ns = 0

    def look(self, frame: Frame, detections: Detections) -> Commit | None:
        self._ledger.looked(frame.device_ns)
        return self._commit(self._builder.look(frame, detections), frame.device_ns)

    def coast(self, device_ns: int) -> Commit | None:
        self._ledger.looked(device_ns)
        return self._commit(self._builder.coast(device_ns), device_ns)

    def shed(self, device_ns: int) -> None:
        self._ledger.shed(device_ns)

    def end(self) -> Commit:
        """Everything that is left; the next event begins anew."""
        parts = tuple(self._builder.flush())
        self._settled_ns = 0
        return Commit(parts, tuple(self._ledger.settled(None)))

    def _commit(self, parts: Sequence[TrackletPart], device_ns: int) -> Commit | None:
        if not parts and device_ns < self._settled_ns + _SETTLE_NS:
            return None
        self._settled_ns = device_ns
        open_since = self._builder.open_since_ns
        before_ns = device_ns + 1 if open_since is None else open_since
        return Commit(tuple(parts), tuple(self._ledger.settled(before_ns)))


class Analysis:
    """Three threads from batches to commits. A failure of one stops all; `join` raises it."""

    def __init__(
        self,
        batcher: Batcher,
        detector: Detector,
        writer: Writer,
        *,
        cameras: Mapping[int, CameraAnalysis],
        counters: Counters,
        commit_s: float,
    ) -> None:
        self._batcher = batcher
        self._detector = detector
        self._writer = writer
        self._cameras = cameras
        self._counters = counters
        self._commit_s = commit_s
        self._looked: Channel[Looked] = Channel(2)
        self._commits: Channel[Commit] = Channel(64)
        self._failure: tuple[str, Exception] | None = None
        stages: dict[str, Callable[[], None]] = {
            "detect": self._detect,
            "track": self._track,
            "commit": self._keep,
        }
        self._threads = [
            threading.Thread(target=self._guarded, args=stage, name=stage[0], daemon=True)
            for stage in stages.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all that the batcher held is committed; raise what a stage raised."""
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            stage, error = self._failure
            error.add_note(f"in the {stage} stage of the analysis")
            raise error

    def stop(self) -> None:
        """Give up what is not committed yet."""
        self._batcher.stop()
        self._looked.stop()
        self._commits.stop()

    @property
    def failed(self) -> bool:
        return self._failure is not None

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            self.stop()
        except Exception as error:  # noqa: BLE001 - a thread's boundary: kept for `join`
            self._failure = self._failure or (name, error)
            self.stop()

    def _detect(self) -> None:
        while True:
            try:
                events = self._batcher.take()
            except Stopped:
                self._looked.close()
                return
            frames = [event.frame for event in events if isinstance(event, Look)]
            found = self._detector.detect(frames) if frames else None
            self._looked.put(Looked(events, found))

    def _track(self) -> None:
        for looked in self._looked:
            for commit in self._tracked(looked):
                self._commits.put(commit)
        self._commits.close()

    def _tracked(self, looked: Looked) -> Iterable[Commit]:
        index = 0
        for event in looked.events:
            commit: Commit | None = None
            match event:
                case Look(frame) if looked.detections is not None:
                    mine = looked.detections.of_frame(index)
                    index += 1
                    commit = self._cameras[frame.camera_id].look(frame, mine)
                    self._counters.add(frame.camera_id, looked=1)
                case Coast(camera_id, device_ns):
                    commit = self._cameras[camera_id].coast(device_ns)
                    self._counters.add(camera_id, quiet=1)
                case Shed(camera_id, device_ns):
                    self._cameras[camera_id].shed(device_ns)
                    self._counters.add(camera_id, shed=1)
                case End(camera_id):
                    commit = self._cameras[camera_id].end()
            if commit is not None:
                yield commit

    def _keep(self) -> None:
        waiting: list[Commit] = []
        deadline = 0.0
        while True:
            timeout_s = max(deadline - time.monotonic(), 0.0) if waiting else None
            try:
                commit = self._commits.take(timeout_s)
            except Stopped:
                self._write(waiting)
                return
            if commit is not None:
                deadline = deadline if waiting else time.monotonic() + self._commit_s
                waiting.append(commit)
            if commit is None or len(waiting) >= _GROUP:
                self._write(waiting)
                waiting = []

    def _write(self, commits: Sequence[Commit]) -> None:
        if not commits:
            return
        self._writer.write(commits)
        for part in (part for commit in commits for part in commit.parts):
            self._counters.add(part.tracklet.camera_id, parts=1, shots=len(part.shots))


_GROUP = 64  # commits written in one go: an fsync each would bound throughput by the disk


def hole_s(analysis_fps: float) -> float:
    """How far apart two looks may lie and still count as watched throughout."""
    return max(2.0, 3 / analysis_fps)
