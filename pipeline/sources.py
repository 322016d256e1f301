"""A camera's source with what hears of it: the recorder, the outage rows, the counts."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor

from core.clocks import Now
from core.errors import SourceError
from core.ids import IdSource
from core.protocols import FrameSource
from core.types import Activity, ActivityKind, Camera, FootageSegment, Frame, TimeSpan
from ingest.addresses import Login
from ingest.connection import StreamLimits
from ingest.files import FileSource
from ingest.folders import FolderSource, TimedFile
from ingest.recorder import Recorder
from ingest.rtsp import RtspSource, StreamHooks
from ingest.stills import Still, StillSource
from ingest.uploads import UploadOpener
from pipeline.build import Kept
from pipeline.counters import Counters
from pipeline.secrets import SecretBox
from pipeline.settings import Settings


class EndedSource:
    """A source with something that ends when it does, whatever ends it."""

    def __init__(self, source: FrameSource, end: Callable[[], None]) -> None:
        self._source = source
        self._end = end

    @property
    def camera_id(self) -> int:
        return self._source.camera_id

    def __iter__(self) -> Iterator[Frame]:
        try:
            yield from self._source
        finally:
            self._end()

    def close(self) -> None:
        """Make the iterator end soon."""
        self._source.close()


class SourceMaker:
    """Makes the sources of an ingest process."""

    def __init__(
        self,
        settings: Settings,
        kept: Kept,
        ids: IdSource,
        now: Now,
        *,
        finishing: Executor,
        counters: Counters,
    ) -> None:
        self._settings = settings
        self._kept = kept
        self._ids = ids
        self._now = now
        self._finishing = finishing
        self._counters = counters
        self._secrets = SecretBox(settings.data_dir / "secret.key")

    def files(self, camera: Camera, files: Sequence[TimedFile]) -> FrameSource:
        """Recorded files, one after the other."""
        recorder = self._recorder(camera)

        def opened(file: TimedFile) -> FrameSource:
            return FileSource(
                camera.camera_id,
                file.path,
                file.start_ns,
                next_epoch=self._ids.next,
                now=self._now,
                on_packet=recorder.on_packet if recorder else None,
            )

        source = FolderSource(camera.camera_id, files, opened)
        return EndedSource(source, recorder.close) if recorder else source

    def stills(self, camera: Camera, stills: Sequence[Still]) -> FrameSource:
        """A checkpoint's pictures, decoded like everything that others hand in."""
        opener = UploadOpener()
        source = StillSource(
            camera.camera_id, stills, opener, next_epoch=self._ids.next, now=self._now
        )
        return EndedSource(source, opener.close)

    def stream(self, camera: Camera) -> FrameSource:
        """The camera's stream, reconnected until it is closed."""
        settings, recorder = self._settings, self._recorder(camera)
        source = RtspSource(
            camera,
            settings.camera_networks,
            login=lambda: self._login(camera),
            next_epoch=self._ids.next,
            hooks=StreamHooks(
                packet=recorder.on_packet if recorder else None,
                outage=self._noted(camera.camera_id, ActivityKind.OUTAGE),
                trouble=self._troubled(camera.camera_id),
            ),
            limits=StreamLimits(open_s=settings.open_timeout_s, read_s=settings.read_timeout_s),
            now=self._now,
        )
        return EndedSource(source, recorder.close) if recorder else source

    def _login(self, camera: Camera) -> Login | None:
        if not camera.username:
            return None
        return Login(camera.username, self._secrets.open(camera.secret))

    def _recorder(self, camera: Camera) -> Recorder | None:
        if not (self._settings.record and camera.recorded):
            return None
        return Recorder(
            camera.camera_id,
            self._kept.footage,
            next_id=self._ids.next,
            on_segment=self._recorded,
            on_gap=self._noted(camera.camera_id, ActivityKind.UNRECORDED),
            segment_s=self._settings.segment_s,
            reserve_bytes=self._settings.disk_reserve_mb << 20,
            finishing=self._finishing,
        )

    def _recorded(self, segment: FootageSegment) -> None:
        self._kept.store.tracks.put_footage(segment)
        self._counters.add(segment.camera_id, recorded_bytes=segment.size_bytes)

    def _noted(self, camera_id: int, kind: ActivityKind) -> Callable[[TimeSpan, str], None]:
        def note(span: TimeSpan, reason: str) -> None:
            row = Activity(self._ids.next(), camera_id, kind, span, detail=reason)
            self._kept.store.tracks.put_activity([row])
            if kind is ActivityKind.OUTAGE:
                self._counters.add(camera_id, outages=1)
                self._counters.note(camera_id, state="running", error="")

        return note

    def _troubled(self, camera_id: int) -> Callable[[SourceError, float], None]:
        def note(error: SourceError, wait_s: float) -> None:
            text = f"{error.code}: {error}; again in {wait_s:.0f} s"
            self._counters.note(camera_id, state="away", error=text)

        return note
