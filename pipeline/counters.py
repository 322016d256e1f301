"""What one camera's ingest has done so far: for the live table, the metrics and the report."""

import threading
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class CameraCount:
    """Frames decoded, looked at, found quiet and shed; tracklet parts and shots kept."""

    camera_id: int
    state: str = "starting"
    decoded: int = 0
    looked: int = 0
    quiet: int = 0
    shed: int = 0
    parts: int = 0
    shots: int = 0
    outages: int = 0
    recorded_bytes: int = 0
    device_ns: int = 0
    error: str = ""


@dataclass(slots=True)
class Counters:
    """Counts of many cameras, added to by many threads."""

    _counts: dict[int, CameraCount] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, camera_id: int, **more: int) -> None:
        """Add to named numbers of a camera."""
        with self._lock:
            now = self._counts.get(camera_id, CameraCount(camera_id))
            sums = {name: getattr(now, name) + step for name, step in more.items()}
            self._counts[camera_id] = replace(now, **sums)

    def note(self, camera_id: int, **values: object) -> None:
        """Set named fields of a camera."""
        with self._lock:
            now = self._counts.get(camera_id, CameraCount(camera_id))
            self._counts[camera_id] = replace(now, **values)  # type: ignore[arg-type]

    def all(self) -> list[CameraCount]:
        """A copy, by camera."""
        with self._lock:
            return [self._counts[key] for key in sorted(self._counts)]
