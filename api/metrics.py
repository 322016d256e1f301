"""What Prometheus reads. Each app or ingest run has a registry of its own; nothing is global."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.clocks import s_of

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class CameraNumbers(Protocol):
    """What one camera's ingest has done so far (`pipeline.counters.CameraCount`)."""

    @property
    def camera_id(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def decoded(self) -> int: ...
    @property
    def looked(self) -> int: ...
    @property
    def quiet(self) -> int: ...
    @property
    def shed(self) -> int: ...
    @property
    def parts(self) -> int: ...
    @property
    def shots(self) -> int: ...
    @property
    def outages(self) -> int: ...
    @property
    def recorded_bytes(self) -> int: ...
    @property
    def device_ns(self) -> int: ...


CAMERA_COUNTERS: Final = {
    "decoded": ("casetrace_camera_frames_decoded", "Frames decoded."),
    "looked": ("casetrace_camera_frames_analysed", "Frames that the detector looked at."),
    "quiet": ("casetrace_camera_frames_quiet", "Frames skipped because nothing moved."),
    "shed": ("casetrace_camera_frames_shed", "Frames not looked at under load."),
    "parts": ("casetrace_camera_tracklet_parts", "Tracklet parts kept."),
    "shots": ("casetrace_camera_shots", "Shots kept."),
    "outages": ("casetrace_camera_outages", "Times that the stream broke off."),
    "recorded_bytes": ("casetrace_camera_recorded_bytes", "Bytes of footage kept."),
}
CAMERA_UP: Final = "casetrace_camera_up"
CAMERA_DEVICE_TIME: Final = "casetrace_camera_device_time_seconds"
HTTP_REQUESTS: Final = "casetrace_http_requests"
HTTP_SECONDS: Final = "casetrace_http_request_seconds"


class HttpMetrics:
    """Counts requests by route, never by path: a path holds ids and would grow without end."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            HTTP_REQUESTS,
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            HTTP_SECONDS,
            "Time until the answer was sent.",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class CameraMetrics(Collector):
    """Each camera's numbers at the moment of asking."""

    def __init__(self, numbers: Callable[[], Sequence[CameraNumbers]]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """One family per kind of number, one sample per camera."""
        rows = self._numbers()
        for field, (name, words) in CAMERA_COUNTERS.items():
            counter = CounterMetricFamily(name, words, labels=["camera"])
            for row in rows:
                counter.add_metric([str(row.camera_id)], getattr(row, field))
            yield counter
        up = GaugeMetricFamily(CAMERA_UP, "1 while pictures come.", labels=["camera"])
        newest = GaugeMetricFamily(
            CAMERA_DEVICE_TIME, "Device time of the newest frame, Unix seconds.", labels=["camera"]
        )
        for row in rows:
            up.add_metric([str(row.camera_id)], float(row.state == "running"))
            newest.add_metric([str(row.camera_id)], s_of(row.device_ns))
        yield from (up, newest)


def camera_registry(numbers: Callable[[], Sequence[CameraNumbers]]) -> CollectorRegistry:
    """A registry for one ingest run."""
    registry = CollectorRegistry()
    registry.register(CameraMetrics(numbers))
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """The registry in the text format of Prometheus."""
    return generate_latest(registry)


def metric_names() -> list[str]:
    """Every metric of ours as it is scraped, for the docs and their test."""
    counters = [f"{name}_total" for name, _ in CAMERA_COUNTERS.values()]
    return [*counters, CAMERA_UP, CAMERA_DEVICE_TIME, f"{HTTP_REQUESTS}_total", HTTP_SECONDS]
