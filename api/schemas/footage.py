"""What is kept of a camera: footage segments, tracklets and their shots."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.scalars import Id, Instant, Span, Wire
from api.schemas.searches import PlateOut
from core.types import FootageSegment, ObjectClass, Shot, Tracklet

_HASH_EXAMPLE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class SegmentOut(Wire):
    """About a minute of the camera's own packets. Times are the device's own, uncorrected."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "segment_id": "817263549182738",
                    "camera_id": "817263549182737",
                    "device_span": {
                        "start": "2026-05-03T23:57:00.000Z",
                        "end": "2026-05-03T23:58:00.040Z",
                    },
                    "codec": "h264",
                    "height": 1080,
                    "width": 1920,
                    "size_bytes": 14_816_224,
                    "sha256": _HASH_EXAMPLE,
                }
            ]
        }
    )

    segment_id: Id
    camera_id: Id
    device_span: Span
    codec: str = Field(examples=["h264"])
    height: int = Field(examples=[1080])
    width: int = Field(examples=[1920])
    size_bytes: int = Field(examples=[14_816_224])
    sha256: str = Field(examples=[_HASH_EXAMPLE])

    @classmethod
    def of(cls, segment: FootageSegment) -> "SegmentOut":
        """The segment without the place where it lies."""
        height, width = segment.size_hw
        return cls(
            segment_id=segment.segment_id,
            camera_id=segment.camera_id,
            device_span=Span.of(segment.span),
            codec=segment.codec,
            height=height,
            width=width,
            size_bytes=segment.size_bytes,
            sha256=segment.sha256,
        )


class ShotOut(Wire):
    """A picture of a tracklet; its JPEG is at `/cases/{case_id}/shots/{shot_id}.jpg`."""

    shot_id: Id
    tracklet_id: Id
    camera_id: Id
    device_time: Instant
    box: tuple[float, float, float, float]
    quality: float

    @classmethod
    def of(cls, shot: Shot) -> "ShotOut":
        """The shot without the place where it lies."""
        return cls(
            shot_id=shot.shot_id,
            tracklet_id=shot.tracklet_id,
            camera_id=shot.camera_id,
            device_time=shot.device_ns,
            box=shot.xyxy,
            quality=shot.quality,
        )


TRACKLET_PART_EXAMPLE: Final[JsonDict] = {
    "tracklet_id": "817263549182801",
    "part": 0,
    "camera_id": "817263549182737",
    "class_label": "person",
    "device_times": ["2026-05-03T23:57:02.120Z", "2026-05-03T23:57:02.286666666Z"],
    "boxes": [[812.0, 204.5, 901.0, 433.0], [815.5, 204.0, 904.0, 433.5]],
    "confidence": [0.83, 0.86],
}


class TrackletPartOut(Wire):
    """One part of a tracklet: where the subject was in the picture, and when by the device."""

    model_config = ConfigDict(json_schema_extra={"examples": [TRACKLET_PART_EXAMPLE]})

    tracklet_id: Id
    part: int
    camera_id: Id
    class_label: str = Field(examples=["ebike_rider"])
    device_times: list[Instant]
    boxes: list[tuple[float, float, float, float]]
    confidence: list[float]

    @classmethod
    def of(cls, tracklet: Tracklet) -> "TrackletPartOut":
        """The part as it goes out."""
        return cls(
            tracklet_id=tracklet.tracklet_id,
            part=tracklet.part,
            camera_id=tracklet.camera_id,
            class_label=ObjectClass(tracklet.class_id).label,
            device_times=tracklet.device_ns.tolist(),
            boxes=tracklet.xyxy.tolist(),
            confidence=tracklet.confidence.tolist(),
        )


class TrackletOut(Wire):
    """A tracklet whole: its parts and its best shots, in device time order, and its plate."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parts": [TRACKLET_PART_EXAMPLE],
                    "shots": [
                        {
                            "shot_id": "817263549182999",
                            "tracklet_id": "817263549182801",
                            "camera_id": "817263549182737",
                            "device_time": "2026-05-03T23:57:02.286666666Z",
                            "box": [815.5, 204.0, 904.0, 433.5],
                            "quality": 0.72,
                        }
                    ],
                    "plate": None,
                }
            ]
        }
    )

    parts: list[TrackletPartOut]
    shots: list[ShotOut]
    plate: PlateOut | None = Field(description="Null where none was read.")
