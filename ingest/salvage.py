"""Segments that nobody finished: what a killed recorder left is kept up to its last fragment.

At start, before the footage store sweeps its staging area, give `recover_staged` the files that
dead writers left there.
"""

import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from core.clocks import NS
from core.errors import MediaCorrupt
from core.protocols import FootageStore
from core.types import FootageSegment, TimeSpan
from ingest.segment import Origin, codec_of

_BOX = 8
_LARGE_BOX = 16


def recover_staged(
    paths: Iterable[Path], store: FootageStore, on_segment: Callable[[FootageSegment], None]
) -> list[FootageSegment]:
    """The segments that could be kept, each handed to `on_segment` as a recorder would.

    A file without one whole fragment is left for the store's sweep.
    """
    kept = []
    for path in paths:
        segment = salvaged(path)
        if segment is None:
            continue
        # A store takes back only what it staged itself since it was opened.
        staged = store.stage(segment.camera_id, segment.segment_id)
        if staged != path:
            path.replace(staged)
        kept.append(store.keep(staged, segment))
        on_segment(kept[-1])
    return kept


def salvaged(path: Path) -> FootageSegment | None:
    """What an unfinished file holds, cut behind its last whole fragment; None if nothing."""
    try:
        _cut_torn_end(path)
        with av.open(f"file:{path}", options={"protocol_whitelist": "file"}) as container:
            return _described(container)
    except (av.error.FFmpegError, OSError, MediaCorrupt, IndexError):
        return None


def _described(container: InputContainer) -> FootageSegment | None:
    comment = {name.lower(): text for name, text in container.metadata.items()}.get("comment", "")
    origin = Origin.decoded(comment)
    stream = container.streams.video[0]
    first = last = end = None
    for packet in container.demux(stream):
        if packet.pts is None or not packet.size:
            continue
        first = packet.pts if first is None else first
        step = packet.pts - (packet.pts if last is None else last)
        last = packet.pts
        end = max(end or 0, packet.pts + (packet.duration or max(step, 1)))
    if first is None or end is None or stream.time_base is None:
        return None
    time_base = Fraction(stream.time_base)
    shown_ns = max(1, int((end - first) * time_base * NS))
    return FootageSegment(
        segment_id=origin.segment_id,
        camera_id=origin.camera_id,
        epoch=origin.epoch,
        span=TimeSpan(origin.start_ns, origin.start_ns + shown_ns),
        codec=codec_of(stream),
        size_hw=(stream.codec_context.height, stream.codec_context.width),
        first_pts=first,
        time_base=(time_base.numerator, time_base.denominator),
        size_bytes=0,
        sha256="",
        key="",
    )


def _cut_torn_end(path: Path) -> None:
    """Shorten an MP4 to its last whole fragment: `moof` with its `mdat` (ISO/IEC 14496-12, 4.2)."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        at = whole = 0
        while at + _BOX <= size:
            file.seek(at)
            head = file.read(_LARGE_BOX)
            kind, length = head[4:8], int.from_bytes(head[:4])
            if at == 0 and kind != b"ftyp":
                return  # another container; its reader copes with a torn end
            if length == 1:
                length = int.from_bytes(head[8:])
            if length < _BOX or at + length > size:
                break
            at += length
            if kind != b"moof":
                whole = at
        file.truncate(whole)
