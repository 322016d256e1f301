"""Cameras, their clocks and the roads between them. A camera's password goes in, never out."""

from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from api.schemas.scalars import Id, Instant, Wire
from core.errors import InvalidInput
from core.geometry import haversine_m
from core.types import Account, Camera, CameraGraph, ClockCorrection, Role, SpeedPrior
from pipeline.cameras import CameraDraft

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Url = Annotated[str, Field(max_length=2000, examples=["rtsp://10.0.3.21/stream1"])]

CAMERA_EXAMPLE: Final[JsonDict] = {
    "name": "Elm Street 12, north",
    "lon_lat_deg": [116.3975, 39.9087],
    "kind": "street",
    "main_url": "rtsp://10.0.3.21/stream1",
    "sub_url": "rtsp://10.0.3.21/stream2",
    "transport": "tcp",
    "username": "viewer",
    "password": "the camera's own",
    "retention_days": 30,
    "analysis_fps": 6,
    "recorded": True,
}

CLOCK_EXAMPLE: Final[JsonDict] = {
    "since": "2026-05-01T00:00:00.000Z",
    "offset_s": 92.4,
    "sigma_s": 0.5,
}


class CameraFields(Wire):
    """What an operator says of a camera; 0 days and 0 looks a second take the defaults."""

    name: Annotated[str, Field(min_length=1, max_length=120, examples=["Elm Street 12, north"])]
    lon_lat_deg: tuple[Longitude, Latitude] | None = None
    kind: Literal["street", "checkpoint"] = "street"
    main_url: Url = ""
    sub_url: Url = ""
    transport: Literal["tcp", "udp"] = "tcp"
    username: Annotated[str, Field(max_length=200)] = ""
    retention_days: Annotated[int, Field(ge=0, le=3650)] = 0
    analysis_fps: Annotated[float, Field(ge=0, le=60)] = 0.0
    recorded: bool = True


class CameraIn(CameraFields):
    """A camera to be; `password` is kept encrypted and never shown again."""

    model_config = ConfigDict(json_schema_extra={"examples": [CAMERA_EXAMPLE]})

    password: Annotated[SecretStr, Field(max_length=200)] = SecretStr("")

    def to_core(self) -> CameraDraft:
        """The draft as the desk takes it."""
        fields = self.model_dump(exclude={"password"})
        return CameraDraft(**fields, password=self.password.get_secret_value() or None)


class CameraChangeIn(Wire):
    """What is to change; a field left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Elm Street 12, south", "retention_days": 14}]}
    )

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    lon_lat_deg: tuple[Longitude, Latitude] | None = None
    kind: Literal["street", "checkpoint"] | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    transport: Literal["tcp", "udp"] | None = None
    username: Annotated[str, Field(max_length=200)] | None = None
    password: Annotated[SecretStr, Field(max_length=200)] | None = None
    retention_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    analysis_fps: Annotated[float, Field(ge=0, le=60)] | None = None
    recorded: bool | None = None

    def to_core(self, before: Camera) -> CameraDraft:
        """The camera as it was with what was sent in its place; the password only if it was."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        empty = sorted(name for name, value in sent.items() if value is None)
        if empty and empty != ["lon_lat_deg"]:
            raise InvalidInput(f"camera: want a value or nothing sent for {', '.join(empty)}")
        if self.password is not None:
            sent["password"] = self.password.get_secret_value()
        kept = {name: getattr(before, name) for name in CameraFields.model_fields}
        return CameraDraft(**{**kept, **sent})


class ClockIn(Wire):
    """From `since` on, the device's clock ran `offset_s` ahead of UTC, give or take `sigma_s`."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLOCK_EXAMPLE]})

    since: Instant
    offset_s: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    sigma_s: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]

    def to_core(self) -> ClockCorrection:
        """The correction for the camera's clock history."""
        return ClockCorrection(self.since, self.offset_s, self.sigma_s)

    @classmethod
    def of(cls, correction: ClockCorrection) -> "ClockIn":
        """The correction as it goes out."""
        return cls(
            since=correction.since_ns,
            offset_s=correction.offset_s,
            sigma_s=correction.sigma_s,
        )


class CameraOut(CameraFields):
    """A camera without its password; `has_password` says whether one is kept.

    Addresses and user are empty for those who neither operate nor administer cameras.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **{key: value for key, value in CAMERA_EXAMPLE.items() if key != "password"},
                    "camera_id": "817263549182736",
                    "has_password": True,
                    "clocks": [CLOCK_EXAMPLE],
                }
            ]
        }
    )

    camera_id: Id
    has_password: bool
    clocks: list[ClockIn]

    @classmethod
    def of(cls, camera: Camera, viewer: Account) -> "CameraOut":
        """The camera as that account may see it."""
        operates = bool(viewer.roles & {Role.OPERATOR, Role.ADMIN})
        return cls(
            camera_id=camera.camera_id,
            name=camera.name,
            lon_lat_deg=camera.lon_lat_deg,
            kind=camera.kind,
            main_url=camera.main_url if operates else "",
            sub_url=camera.sub_url if operates else "",
            transport=camera.transport,
            username=camera.username if operates else "",
            retention_days=camera.retention_days,
            analysis_fps=camera.analysis_fps,
            recorded=camera.recorded,
            has_password=bool(camera.secret),
            clocks=[ClockIn.of(correction) for correction in camera.clocks],
        )


class EdgeIn(Wire):
    """A road from one camera to another, one way, metres along the road."""

    start: Id
    end: Id
    distance_m: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


class SpeedIn(Wire):
    """Slowest, usual and fastest speed of a family that is worth belief, metres a second."""

    family: Literal["person", "rider", "vehicle"]
    slow_mps: Annotated[float, Field(gt=0, le=100)]
    usual_mps: Annotated[float, Field(gt=0, le=100)]
    fast_mps: Annotated[float, Field(gt=0, le=100)]


class GraphIn(Wire):
    """The roads between cameras; replaces what was there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "edges": [
                        {"start": "817263549182736", "end": "817263549182737", "distance_m": 410}
                    ],
                    "speeds": [
                        {"family": "person", "slow_mps": 0.5, "usual_mps": 1.4, "fast_mps": 7}
                    ],
                }
            ]
        }
    )

    edges: Annotated[list[EdgeIn], Field(max_length=100_000)]
    speeds: Annotated[tuple[SpeedIn, ...], Field(max_length=3)] = ()

    def to_core(self) -> CameraGraph:
        """The graph as arrays; cameras are numbered by ascending id."""
        ids = sorted({end for edge in self.edges for end in (edge.start, edge.end)})
        row = {camera_id: number for number, camera_id in enumerate(ids)}
        rows = [(row[edge.start], row[edge.end]) for edge in self.edges]
        return CameraGraph(
            camera_ids=np.array(ids, np.int64),
            edges=np.array(rows, np.int32).reshape(-1, 2),
            distance_m=np.array([edge.distance_m for edge in self.edges], np.float32),
            speeds=tuple(SpeedPrior(**speed.model_dump()) for speed in self.speeds),
        )

    @classmethod
    def of(cls, graph: CameraGraph) -> "GraphIn":
        """The graph as it goes out, in the form that it comes in."""
        ids = graph.camera_ids.tolist()
        pairs = zip(graph.edges.tolist(), graph.distance_m.tolist(), strict=True)
        return cls(
            edges=[
                EdgeIn(start=ids[start], end=ids[end], distance_m=metres)
                for (start, end), metres in pairs
            ],
            speeds=tuple(
                SpeedIn.model_validate(
                    {
                        "family": speed.family,
                        "slow_mps": speed.slow_mps,
                        "usual_mps": speed.usual_mps,
                        "fast_mps": speed.fast_mps,
                    }
                )
                for speed in graph.speeds
            ),
        )


class LineString(Wire):
    """The geometry of a road; its length counts where the properties name no distance."""

    type: Literal["LineString"]
    coordinates: Annotated[list[tuple[Longitude, Latitude]], Field(min_length=2, max_length=10_000)]


class RoadProperties(Wire):
    model_config = ConfigDict(extra="ignore", frozen=True)

    start: Id
    end: Id
    distance_m: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)] | None = None


class RoadFeature(Wire):
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["Feature"]
    geometry: LineString
    properties: RoadProperties


class GeoGraphIn(Wire):
    """The same roads as a GeoJSON FeatureCollection (RFC 7946) of LineStrings."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "geometry": {
                                "type": "LineString",
                                "coordinates": [[116.3975, 39.9087], [116.4012, 39.9091]],
                            },
                            "properties": {"start": "817263549182736", "end": "817263549182737"},
                        }
                    ],
                }
            ]
        },
    )

    type: Literal["FeatureCollection"]
    features: Annotated[list[RoadFeature], Field(max_length=100_000)]

    def to_plain(self) -> GraphIn:
        """The roads as edges with their distance."""
        return GraphIn(edges=[_edge_of(feature) for feature in self.features])


def _edge_of(feature: RoadFeature) -> EdgeIn:
    from_properties = feature.properties
    metres = from_properties.distance_m
    if metres is None:
        metres = length_m(feature.geometry.coordinates)
    return EdgeIn(start=from_properties.start, end=from_properties.end, distance_m=metres)


def length_m(lon_lat_deg: list[tuple[float, float]]) -> float:
    """Metres along a line of points."""
    points = np.array(lon_lat_deg, np.float64)
    return float(haversine_m(points[:-1], points[1:]).sum())


def graph_in(value: dict[str, Any]) -> GraphIn:
    """A graph from plain JSON or GeoJSON, told apart by `type`."""
    if value.get("type") == "FeatureCollection":
        return GeoGraphIn.model_validate(value).to_plain()
    if "type" in value:
        raise InvalidInput(f"graph: want edges or a FeatureCollection, got {value['type']!r}")
    return GraphIn.model_validate(value)
