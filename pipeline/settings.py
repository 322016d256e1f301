"""What an operator may set: frozen, read once, unknown keys refused; each says why it exists."""

import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InvalidInput, NotFound

FILE_NAME = "casetrace.toml"
PRIVATE_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("fc00::/7"),
)

Share = Annotated[float, Field(gt=0, lt=1)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """One installation. A value comes from `casetrace.toml`, or from `CASETRACE_<NAME>` over it."""

    model_config = SettingsConfigDict(
        env_prefix="CASETRACE_", frozen=True, extra="forbid", validate_default=True
    )

    data_dir: Path = Field(description="Folder of everything kept: rows, vectors, shots, footage.")
    database_url: str = Field(
        "", description="SQLAlchemy URL of a PostgreSQL; empty keeps rows in SQLite in `data_dir`."
    )
    model_dir: Path | None = Field(
        None, description="Folder of model files; empty is `models` in `data_dir`."
    )

    detector: str = Field(
        "city-detector",
        description="Name of the detector. The bundled one learnt from a synthetic city: on real "
        "cameras set what `models pull street` got. `colour` is the small honest fake of tests.",
    )
    detector_in_float: bool = Field(
        True,
        description="Run a dynamically quantised detector in float on a CPU: the same weights, "
        "measured 1.5 times as fast. Off runs the file as it is.",
    )
    person_embedder: str = Field(
        "city-person",
        description="Name of the person embedder; empty keeps persons without vectors.",
    )
    vehicle_embedder: str = Field(
        "city-vehicle",
        description="Name of the vehicle embedder; empty keeps vehicles without vectors.",
    )
    plate_finder: str = Field(
        "plate-finder",
        description="Name of the model that finds plates; empty, as `plate_reader`, reads none.",
    )
    plate_reader: str = Field(
        "plate-reader",
        description="Name of the model that reads plates; both are named, or neither is.",
    )
    device: Literal["cpu", "cuda", "tensorrt"] = Field(
        "cpu",
        description="Where models run. A device that is absent is an error, never a fallback.",
    )
    threads: int = Field(
        0, ge=0, description="Threads for models on the CPU; 0 takes one per core."
    )

    analysis_fps: float = Field(
        6.0,
        gt=0,
        le=60,
        description="Looks per second and camera where the camera does not say: people move less "
        "than their own width between two looks, at a third of the cost of every frame.",
    )
    motion_gate: bool = Field(
        True, description="Skip looks at a scene in which nothing moves; a subject at rest is kept."
    )
    batch_size: Count = Field(4, description="Frames per detector batch, collected across cameras.")
    batch_latency_s: Seconds = Field(
        0.05, description="Longest wait, seconds, for a batch to fill: bounds delay when few look."
    )
    queue_depth: Count = Field(
        4, description="Frames one camera may have waiting; live cameras shed beyond, files wait."
    )
    confidence_floor: Share = Field(
        0.1, description="Detections below are dropped; low, for tracking uses the doubtful ones."
    )
    part_s: Seconds = Field(
        10.0, description="A longer tracklet is handed on in parts of this many seconds."
    )
    commit_s: Seconds = Field(
        1.0, description="Longest time, seconds, that finished tracklets wait to be committed."
    )

    record: bool = Field(True, description="Keep the cameras' own packets as footage.")
    segment_s: Seconds = Field(
        60.0, description="Length of a footage segment, seconds; cut at the next keyframe."
    )
    retention_days: Count = Field(
        30, description="Days everything is kept where the camera does not say (order 799 art 17)."
    )
    disk_reserve_mb: Count = Field(
        1024, description="Free megabytes under which ingest stops, so that the audit can go on."
    )
    audit_days: int = Field(
        400, ge=365, description="Days the audit log is kept; under a year is refused."
    )

    camera_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        PRIVATE_NETWORKS, description="Networks that camera addresses may resolve into."
    )
    open_timeout_s: Seconds = Field(
        8.0, le=10, description="Seconds until an open that hangs is given up."
    )
    read_timeout_s: Seconds = Field(
        8.0, le=10, description="Seconds without a packet until a stream counts as stalled."
    )

    case_cameras: Count = Field(500, le=500, description="Cameras that one case may name.")
    case_hours: Count = Field(72, le=72, description="Hours that one case may span.")
    session_hours: Count = Field(12, le=24, description="Hours until a login ends.")

    map_tiles: str = Field(
        "",
        description="URL of map tiles with `{z}`, `{x}` and `{y}`, best on a host of your own; "
        "empty draws only cameras, roads and `map_file`.",
    )
    map_attribution: str = Field("", description="Whose tiles they are, shown on the map.")
    map_file: Path | None = Field(
        None,
        description="GeoJSON of streets and houses, drawn under the cameras; empty is "
        "`map.geojson` in `data_dir`, where there is one.",
    )

    host: str = Field("127.0.0.1", description="Address that `casetrace serve` listens on.")
    port: int = Field(8470, ge=0, le=65535, description="Port that `casetrace serve` listens on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level of log lines."
    )

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'casetrace.db'}"

    @property
    def ground_map(self) -> Path:
        """The GeoJSON that is drawn under the cameras, if the file is there."""
        return self.map_file or self.data_dir / "map.geojson"

    @property
    def models(self) -> Path:
        """The folder of model files."""
        return self.model_dir or self.data_dir / "models"


def load_settings(data_dir: Path, **overrides: Any) -> Settings:
    """The settings of the installation in `data_dir`; `NotFound` if it was not initialised."""
    path = data_dir / FILE_NAME
    if not path.is_file():
        raise NotFound(f"no {FILE_NAME} in {data_dir}; make one with: casetrace init {data_dir}")
    try:
        written = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path}: not TOML: {error}") from error
    return checked_settings(str(path), {**written, **overrides, "data_dir": data_dir})


def checked_settings(origin: str, values: dict[str, Any]) -> Settings:
    """Settings from `values`, under what the environment says; `InvalidInput` names each fault."""
    try:
        from_environment = Settings(data_dir=values["data_dir"]).model_dump(exclude_unset=True)
        return Settings(**{**values, **from_environment})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidInput(f"{origin}: {faults}") from error
