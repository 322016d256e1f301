"""What ingest writes, as rows and back: arrays are little-endian blobs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Row

from core.arrays import F32, I64
from core.errors import InvalidInput, StorageCorrupt
from core.types import (
    Activity,
    ActivityKind,
    ClockSource,
    Epoch,
    FootageSegment,
    Link,
    Passings,
    Plate,
    Shot,
    TimeSpan,
    Tracklet,
)
from index.plates.packing import ROW_BYTES, packed, unpacked
from index.rows import words
from index.rows.schema import reach_of

TRACKLET_COLUMNS = (
    "tracklet_id",
    "part",
    "camera_id",
    "epoch",
    "class_id",
    "family",
    "start_ns",
    "end_ns",
    "reach",
    "device_ns",
    "xyxy",
    "confidence",
    "links",
)


def tracklet_row(tracklet: Tracklet) -> tuple[Any, ...]:
    """Values of `TRACKLET_COLUMNS`. (A tuple, as of shots: these are written by the thousand.)"""
    start_ns, end_ns = int(tracklet.device_ns[0]), int(tracklet.device_ns[-1]) + 1
    return (
        tracklet.tracklet_id,
        tracklet.part,
        tracklet.camera_id,
        tracklet.epoch,
        tracklet.class_id,
        tracklet.family.value,
        start_ns,
        end_ns,
        reach_of(start_ns, end_ns),
        tracklet.device_ns.astype("<i8", copy=False).tobytes(),
        tracklet.xyxy.astype("<f4", copy=False).tobytes(),
        tracklet.confidence.astype("<f4", copy=False).tobytes(),
        _links(tracklet),
    )


def _links(tracklet: Tracklet) -> str:
    if not tracklet.links:
        return "[]"
    return words.written(
        "links", [[link.kind, link.tracklet_id, link.device_ns] for link in tracklet.links]
    )


def tracklet_of(row: Row[Any]) -> Tracklet:
    try:
        return Tracklet(
            tracklet_id=row.tracklet_id,
            part=row.part,
            camera_id=row.camera_id,
            epoch=row.epoch,
            class_id=row.class_id,
            device_ns=_longs(row.device_ns),
            xyxy=_floats(row.xyxy).reshape(-1, 4),
            confidence=_floats(row.confidence),
            links=tuple(Link(*link) for link in words.read("links", row.links)),
        )
    except (ValueError, InvalidInput) as error:
        what = f"tracklet {row.tracklet_id} part {row.part}"
        raise StorageCorrupt(f"{what}: its row does not hold: {error}") from error


def passings_of(rows: Iterable[Row[Any]]) -> Passings:
    """Parts as rows of `queries.passings_in`, joined to their tracklets.

    A tracklet is of the class of the earliest part given.
    """
    blocks = [[np.fromstring(text, np.int64, sep=" ") for text in row] for row in rows]
    columns = zip(*blocks, strict=True) if blocks else [()] * 5
    ids, camera_ids, class_ids, start_ns, end_ns = (
        np.concatenate([np.empty(0, np.int64), *column]) for column in columns
    )
    order = np.lexsort((start_ns, ids))
    first = np.flatnonzero(np.diff(ids[order], prepend=-1))
    last_ns = np.maximum.reduceat(end_ns[order], first) if len(first) else end_ns
    by_start = np.argsort(start_ns[order[first]], kind="stable")
    chosen = order[first[by_start]]
    return Passings(
        ids[chosen],
        camera_ids[chosen],
        class_ids[chosen].astype(np.int32),
        start_ns[chosen],
        last_ns[by_start],
    )


def _longs(content: bytes) -> I64:
    return np.frombuffer(content, "<i8").astype(np.int64, copy=False)


def _floats(content: bytes) -> F32:
    return np.frombuffer(content, "<f4").astype(np.float32, copy=False)


SHOT_COLUMNS = (
    "shot_id",
    "tracklet_id",
    "part",
    "camera_id",
    "device_ns",
    "x1",
    "y1",
    "x2",
    "y2",
    "quality",
    "key",
)


def shot_rows(tracklet: Tracklet, shots: Sequence[Shot]) -> Iterator[tuple[Any, ...]]:
    """Values of `SHOT_COLUMNS` for a part's shots; `InvalidInput` for a shot of another part."""
    place = (tracklet.tracklet_id, tracklet.part, tracklet.camera_id)
    for shot in shots:
        if (shot.tracklet_id, shot.part, shot.camera_id) != place:
            raise InvalidInput(
                f"shot {shot.shot_id}: want tracklet, part, camera {place}, "
                f"got {(shot.tracklet_id, shot.part, shot.camera_id)}"
            )
        x1, y1, x2, y2 = map(float, shot.xyxy)
        yield (shot.shot_id, *place, shot.device_ns, x1, y1, x2, y2, float(shot.quality), shot.key)


def shot_of(row: Row[Any]) -> Shot:
    return Shot(
        shot_id=row.shot_id,
        tracklet_id=row.tracklet_id,
        part=row.part,
        camera_id=row.camera_id,
        device_ns=row.device_ns,
        xyxy=(row.x1, row.y1, row.x2, row.y2),
        quality=row.quality,
        key=row.key,
    )


PLATE_COLUMNS = (
    "plate_id",
    "tracklet_id",
    "part",
    "camera_id",
    "device_ns",
    "reading",
    "layout",
    "colour",
    "reads",
    "shot_id",
    "corners",
)


def plate_row(plate: Plate) -> tuple[Any, ...]:
    """Values of `PLATE_COLUMNS`; the reading as the index of plates packs it, in 82 bytes."""
    (reading,) = packed(plate.log_probs[None], [plate.layout], [plate.colour])
    corners = b"" if plate.corners is None else plate.corners.astype("<f4", copy=False).tobytes()
    return (
        plate.plate_id,
        plate.tracklet_id,
        plate.part,
        plate.camera_id,
        plate.device_ns,
        reading.tobytes(),
        plate.layout,
        plate.colour,
        plate.reads,
        plate.shot_id,
        corners,
    )


def plate_of(row: Row[Any]) -> Plate:
    if len(row.reading) != ROW_BYTES or len(row.corners) not in (0, 32):
        raise StorageCorrupt(
            f"plate {row.plate_id}: want a reading of {ROW_BYTES} bytes and corners of 32 or 0, "
            f"got {len(row.reading)} and {len(row.corners)}"
        )
    (log_probs,) = unpacked(np.frombuffer(row.reading, np.uint8)[None])
    return Plate(
        plate_id=row.plate_id,
        tracklet_id=row.tracklet_id,
        part=row.part,
        camera_id=row.camera_id,
        device_ns=row.device_ns,
        log_probs=log_probs,
        layout=row.layout,
        colour=row.colour,
        reads=row.reads,
        shot_id=row.shot_id,
        corners=_floats(row.corners).reshape(4, 2) if row.corners else None,
    )


def footage_row(segment: FootageSegment) -> dict[str, Any]:
    return {
        "segment_id": segment.segment_id,
        "camera_id": segment.camera_id,
        "epoch": segment.epoch,
        **span_columns(segment.span),
        "codec": segment.codec,
        "height": segment.size_hw[0],
        "width": segment.size_hw[1],
        "first_pts": segment.first_pts,
        "time_base_num": segment.time_base[0],
        "time_base_den": segment.time_base[1],
        "size_bytes": segment.size_bytes,
        "sha256": segment.sha256,
        "key": segment.key,
    }


def footage_of(row: Row[Any]) -> FootageSegment:
    return FootageSegment(
        segment_id=row.segment_id,
        camera_id=row.camera_id,
        epoch=row.epoch,
        span=TimeSpan(row.start_ns, row.end_ns),
        codec=row.codec,
        size_hw=(row.height, row.width),
        first_pts=row.first_pts,
        time_base=(row.time_base_num, row.time_base_den),
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        key=row.key,
    )


def activity_row(activity: Activity) -> dict[str, Any]:
    return {
        "activity_id": activity.activity_id,
        "camera_id": activity.camera_id,
        "kind": str(activity.kind),
        **span_columns(activity.span),
        "frames": activity.count,
        "detail": activity.detail,
    }


def activity_of(row: Row[Any]) -> Activity:
    return Activity(
        activity_id=row.activity_id,
        camera_id=row.camera_id,
        kind=ActivityKind(row.kind),
        span=TimeSpan(row.start_ns, row.end_ns),
        count=row.frames,
        detail=row.detail,
    )


def epoch_row(epoch: Epoch) -> dict[str, Any]:
    return {
        "camera_id": epoch.camera_id,
        "epoch": epoch.epoch,
        "start_ns": epoch.start_ns,
        "clock": str(epoch.clock),
        "clock_sigma_s": epoch.clock_sigma_s,
        "height": epoch.size_hw[0],
        "width": epoch.size_hw[1],
        "origin": epoch.origin,
    }


def epoch_of(row: Row[Any]) -> Epoch:
    return Epoch(
        epoch=row.epoch,
        camera_id=row.camera_id,
        start_ns=row.start_ns,
        clock=ClockSource(row.clock),
        clock_sigma_s=row.clock_sigma_s,
        size_hw=(row.height, row.width),
        origin=row.origin,
    )


def span_columns(span: TimeSpan) -> dict[str, int]:
    return {
        "start_ns": span.start_ns,
        "end_ns": span.end_ns,
        "reach": reach_of(span.start_ns, span.end_ns),
    }
