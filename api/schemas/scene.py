"""Where the case's cameras stand and when something passed them, for a map and a time line."""

from typing import Final, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.cameras import CLOCK_EXAMPLE, ClockIn, Latitude, Longitude
from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Span, Wire
from cases.marks import CameraMarks, Marks
from cases.places import CaseCamera
from core.clocks import s_of
from core.types import Family

_SPAN_EXAMPLE: Final[JsonDict] = {
    "start": "2026-05-03T23:30:00.000Z",
    "end": "2026-05-04T02:30:00.000Z",
}


class CaseCameraOut(Wire):
    """A camera that the case grants; one that was deleted since has neither name nor place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "camera_id": "817263549182736",
                    "name": "Elm Street 12, north",
                    "lon_lat_deg": [116.3975, 39.9087],
                    "kind": "street",
                    "deleted": False,
                    "spans": [_SPAN_EXAMPLE],
                    "clock": CLOCK_EXAMPLE,
                    "distance_m": 182.4,
                    "granted_then": True,
                }
            ]
        }
    )

    camera_id: Id
    name: str
    lon_lat_deg: tuple[Longitude, Latitude] | None
    kind: Literal["street", "checkpoint"] | None
    deleted: bool
    spans: list[Span] = Field(description="Granted, UTC.")
    clock: ClockIn | None = Field(
        description="In force at `at`, or at the end of the grants; null where nobody measured it."
    )
    distance_m: float | None = Field(description="From `near`; null for one that is on no map.")
    granted_then: bool | None = Field(description="Whether `at` is granted; null without `at`.")

    @classmethod
    def of(cls, one: CaseCamera) -> "CaseCameraOut":
        """The camera without its addresses."""
        camera = one.camera
        return cls(
            camera_id=one.camera_id,
            name="" if camera is None else camera.name,
            lon_lat_deg=None if camera is None else camera.lon_lat_deg,
            kind=None if camera is None else camera.kind,
            deleted=camera is None,
            spans=[Span.of(span) for span in one.spans],
            clock=None if one.clock is None else ClockIn.of(one.clock),
            distance_m=one.distance_m,
            granted_then=one.granted_then,
        )


class CameraMarksOut(Wire):
    """Tracklets of a camera that were there in each bucket, by family; one without any is out."""

    camera_id: Id
    seen: dict[Family, list[int]]

    @classmethod
    def of(cls, one: CameraMarks) -> "CameraMarksOut":
        """The marks as they go out."""
        return cls(
            camera_id=one.camera_id,
            seen={family: counts.tolist() for family, counts in one.seen.items()},
        )


class ActivityOut(Wire):
    """Bucket b begins `bucket_s` times b after the start of `span`; a tracklet counts in each
    bucket that it was there in. A bucket without a mark may not have been looked at: `coverage`
    says so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "span": _SPAN_EXAMPLE,
                    "bucket_s": 3600.0,
                    "buckets": 3,
                    "cameras": [
                        {
                            "camera_id": "817263549182736",
                            "seen": {"person": [41, 87, 12], "vehicle": [3, 9, 4]},
                        }
                    ],
                    "coverage": COVERAGE_EXAMPLE,
                }
            ]
        }
    )

    span: Span
    bucket_s: float
    buckets: int
    cameras: list[CameraMarksOut]
    coverage: CoverageOut

    @classmethod
    def of(cls, marks: Marks) -> "ActivityOut":
        """The marks as they go out."""
        return cls(
            span=Span.of(marks.span),
            bucket_s=s_of(marks.bucket_ns),
            buckets=marks.buckets,
            cameras=[CameraMarksOut.of(one) for one in marks.cameras],
            coverage=CoverageOut.of(marks.coverage),
        )
