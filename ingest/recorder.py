"""Keeps a camera's own packets as footage: files of about a minute, from keyframe to keyframe.

Nothing is transcoded and nothing is shed. A file ends early where its straight time line would no
longer be true: a new epoch, other stream parameters, or a clock that slid. Packets that no file
can hold (before the first keyframe of an epoch, or while the disk is full) are a gap, and said.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path

from core.clocks import NS, ns_of
from core.errors import StorageFull
from core.protocols import FootageStore
from core.types import FootageSegment, TimeSpan
from ingest.packets import VideoPacket
from ingest.salvage import salvaged
from ingest.segment import Origin, SegmentFile, sets_of

OnSegment = Callable[[FootageSegment], None]
OnGap = Callable[[TimeSpan, str], None]
FreeBytes = Callable[[Path], int]

_STRAIGHT_NS = 1_000_000  # a segment's line may be off by this much before a new one begins
_GAP_NS = NS // 10  # less is a slow camera's own pace
_USUAL_SEGMENT_BYTES = 64 << 20


def free_bytes(folder: Path) -> int:
    """Bytes that a file in that folder can still take."""
    return shutil.disk_usage(folder).free


class Recorder:
    """One camera's footage; call it on the camera's own thread.

    `on_segment` gets each finished file's row, `on_gap` each span that no file holds.
    `reserve_bytes` stay free for everything else that must be written (rows, the audit). With
    `finishing`, files are hashed and moved there, so that a slow disk does not hold up the
    camera; its errors come from the next call.
    """

    def __init__(
        self,
        camera_id: int,
        store: FootageStore,
        *,
        next_id: Callable[[], int],
        on_segment: OnSegment,
        on_gap: OnGap | None = None,
        segment_s: float = 60.0,
        reserve_bytes: int = 1 << 30,
        free: FreeBytes = free_bytes,
        finishing: Executor | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._store = store
        self._next_id = next_id
        self._on_segment = on_segment
        self._on_gap = on_gap
        self._segment_ns = ns_of(segment_s)
        self._reserve_bytes = reserve_bytes
        self._free = free
        self._finishing = finishing
        self._pending: list[Future[None]] = []
        self._open: SegmentFile | None = None
        self._latest_ns = 0
        self._usual_bytes = _USUAL_SEGMENT_BYTES
        self._held_until_ns: int | None = None
        self._unheld = 0
        self._reason = ""

    def on_packet(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> None:
        """Keep one packet; `device_ns` None places it after the one before.

        Raises `StorageFull` at the keyframe that found no room, and whatever the store raised.
        """
        if not packet.size:
            return
        self._collect()
        reason = self._why_cut(packet, device_ns, epoch)
        if reason is not None:
            self._cut(device_ns if not reason else None, reason)
        if self._open is None and not self._begin(packet, device_ns, epoch):
            return
        self._write(packet, device_ns)

    def close(self) -> None:
        """Finish the open file and wait for all that are being finished."""
        self._cut(None, "the recorder stopped")
        self._collect(wait=True)

    # --- cutting -------------------------------------------------------------------------------

    def _why_cut(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> str | None:
        """None to go on; "" for a cut without a break; else what broke."""
        file = self._open
        if file is None:
            return None
        if epoch != file.origin.epoch:
            return "the time line broke"
        if packet.stream is not file.stream:
            return "another stream began"
        if not packet.is_keyframe or device_ns is None:
            return None
        sets = sets_of(packet)
        if sets and file.sets and sets != file.sets:
            return "the stream's parameters changed"
        bent_ns = abs(file.device_ns(file.pts_of(packet, device_ns)) - device_ns)
        long = device_ns - file.origin.start_ns >= self._segment_ns
        return "" if long or bent_ns > _STRAIGHT_NS else None

    def _cut(self, next_ns: int | None, reason: str) -> None:
        file, self._open = self._open, None
        if file is None:
            return
        # Up to the next picture; across a break, up to where the last one's showing ends.
        end_ns = file.end_ns if next_ns is None else next_ns
        self._held_until_ns, self._reason = end_ns, reason
        if self._finishing is None:
            self._finish(file, end_ns)
        else:
            self._pending.append(self._finishing.submit(self._finish, file, end_ns))

    def _finish(self, file: SegmentFile, end_ns: int) -> None:
        segment = file.finish(end_ns)
        self._usual_bytes = max(self._usual_bytes, file.path.stat().st_size)
        self._on_segment(self._store.keep(file.path, segment))

    def _collect(self, *, wait: bool = False) -> None:
        while self._pending and (wait or self._pending[0].done()):
            self._pending.pop(0).result()

    # --- beginning -----------------------------------------------------------------------------

    def _begin(self, packet: VideoPacket, device_ns: int | None, epoch: int) -> bool:
        if device_ns is not None:
            self._latest_ns = device_ns
        if not packet.is_keyframe:
            if self._held_until_ns is None:
                self._held_until_ns = self._latest_ns
            self._unheld += 1
            return False
        origin = Origin(self._next_id(), self._camera_id, epoch, self._latest_ns)
        path = self._store.stage(self._camera_id, origin.segment_id)
        self._check_room(path.parent)
        try:
            self._open = SegmentFile(path, origin, packet)
        except StorageFull:
            path.unlink(missing_ok=True)
            self._refused("the disk was full")
            raise
        self._say_gap(origin.start_ns)
        return True

    def _check_room(self, folder: Path) -> None:
        free, wanted = self._free(folder), self._reserve_bytes + 2 * self._usual_bytes
        if free < wanted:
            self._refused("the disk was full")
            raise StorageFull(
                f"camera {self._camera_id}: recording stopped, {free >> 20} MiB are free and "
                f"{wanted >> 20} MiB are wanted ({self._reserve_bytes >> 20} MiB of it in reserve)"
            )

    def _refused(self, reason: str) -> None:
        if self._held_until_ns is None:
            self._held_until_ns = self._latest_ns
        self._unheld += 1
        self._reason = reason

    def _say_gap(self, start_ns: int) -> None:
        since_ns, self._held_until_ns = self._held_until_ns, None
        unheld, self._unheld = self._unheld, 0
        if since_ns is None or self._on_gap is None or start_ns <= since_ns:
            return
        if not unheld and start_ns - since_ns < _GAP_NS:
            return
        reason = self._reason or "no keyframe had come yet"
        kept = f"; {unheld} packets not kept" if unheld else ""
        self._on_gap(TimeSpan(since_ns, start_ns), reason + kept)

    # --- writing -------------------------------------------------------------------------------

    def _write(self, packet: VideoPacket, device_ns: int | None) -> None:
        file = self._open
        if file is None:
            return
        try:
            file.write(packet, device_ns)
        except StorageFull:
            self._open = None
            self._rescue(file)
            self._refused("the disk was full")
            raise
        self._latest_ns = file.end_ns

    def _rescue(self, file: SegmentFile) -> None:
        """Keep what did get written before the disk was full: a move needs no room."""
        file.abandon()
        self._held_until_ns = file.origin.start_ns
        segment = salvaged(file.path)
        if segment is None:
            file.path.unlink(missing_ok=True)
            return
        self._held_until_ns = segment.span.end_ns
        self._on_segment(self._store.keep(file.path, segment))
