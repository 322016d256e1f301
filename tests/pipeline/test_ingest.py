"""Ingest of generated files through the real host with the small fakes: what is kept."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.clocks import NS
from core.errors import Busy, ModelMissing
from core.geometry import interpolated, iou
from core.types import ActivityKind, Camera, Family, merged
from index.rows.store import SqlStore
from ingest.folders import TimedFile
from ingest.stills import Still
from ingest.surface import HostSurface
from pipeline.ingest import IngestReport, Job, opened_host, run_ingest
from pipeline.settings import Settings, checked_settings
from tests.builders import SetClock, at, scope
from tests.street import FPS, SECONDS, pictures, plan_street, render

CAMERA = 1


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    render(plan_street(3), 0, path)
    return path


def settings(folder: Path, **values: object) -> Settings:
    fakes = {"detector": "colour", "person_embedder": "colour", "disk_reserve_mb": 1}
    return checked_settings("test", {"data_dir": folder, **fakes, **values})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open(settings(tmp_path).url)
    opened.cameras.put(Camera(CAMERA, "street A"))
    yield opened
    opened.close()


def ingest(folder: Path, *files: Path, later_s: float = 0, **values: object) -> IngestReport:
    timed = tuple(TimedFile(path, at(row * 60)) for row, path in enumerate(files))
    clock = SetClock(at(86400 + later_s))
    return run_ingest(settings(folder, **values), [Job(CAMERA, timed)], now=clock)


def test_ingest_keeps_who_crossed_the_view(tmp_path: Path, store: SqlStore, clip: Path) -> None:
    crossing = plan_street(3).truth()[0]
    box = np.array([crossing.box(crossing.middle_s)], np.float32)
    middle_ns = np.array([at(crossing.middle_s)], np.int64)
    assert not ingest(tmp_path, clip).failed
    on_it = [
        one.family
        for one in store.tracks.tracklets(scope(cameras=(CAMERA,)))
        if one.span.holds(int(middle_ns[0]))
        and iou(box, interpolated(middle_ns, one.device_ns, one.xyxy))[0, 0] > 0.7
    ]
    assert on_it == [Family.PERSON]


def test_ingest_says_all_of_it_was_analysed(tmp_path: Path, store: SqlStore, clip: Path) -> None:
    ingest(tmp_path, clip)
    rows = store.tracks.activity(scope(cameras=(CAMERA,)))
    spans = merged(row.span for row in rows if row.kind is ActivityKind.ANALYSED)
    assert len(spans) == 1
    assert spans[0].start_ns == at(0)
    assert spans[0].duration_s > SECONDS - 1


def test_ingest_keeps_the_footage_of_the_whole_clip(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    ingest(tmp_path, clip)
    segments = store.tracks.footage(scope(cameras=(CAMERA,)))
    assert sum(segment.span.duration_s for segment in segments) == pytest.approx(SECONDS, abs=0.2)


def test_ingest_looks_at_the_cadence_of_the_camera(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    store.cameras.put(Camera(CAMERA, "street A", analysis_fps=2.0))
    count = ingest(tmp_path, clip).counts[0]
    assert count.decoded == SECONDS * FPS
    assert count.looked + count.quiet == pytest.approx(2 * SECONDS, abs=2)


def test_ingest_of_a_broken_file_keeps_the_sound_one(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    broken = tmp_path / "text.mp4"
    broken.write_text("this is no video")
    report = ingest(tmp_path, broken, clip)
    assert "text.mp4" in report.failed[0].error
    assert store.tracks.tracklets(scope(cameras=(CAMERA,)))


def test_ingest_writes_who_it_reads_to_the_audit_log(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    ingest(tmp_path, clip)
    kinds = [entry.event.kind for entry in store.audit.entries()]
    assert kinds == ["ingest_run"]


def test_ingest_of_a_camera_that_another_has_is_busy(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    clock = SetClock(at(86400))
    jobs = [Job(CAMERA, (TimedFile(clip, at(0)),))]
    with (
        opened_host(settings(tmp_path), jobs, now=clock),
        pytest.raises(Busy, match="camera"),
        opened_host(settings(tmp_path), jobs, name="other", now=clock),
    ):
        pass


def test_ingest_without_its_model_says_how_to_get_it(tmp_path: Path, store: SqlStore) -> None:
    with pytest.raises(ModelMissing, match="casetrace models"):
        ingest(tmp_path, tmp_path / "any.mp4", detector="yolov8n-int8")


def test_ingest_stops_when_it_is_told(tmp_path: Path, store: SqlStore, clip: Path) -> None:
    stop = threading.Event()
    stop.set()
    jobs = [Job(CAMERA, tuple(TimedFile(clip, at(0) + row * 60 * NS) for row in range(50)))]
    report = run_ingest(settings(tmp_path), jobs, stop=stop, now=SetClock(at(86400)))
    assert report.counts[0].decoded < 50 * SECONDS * FPS


def test_ingest_of_stills_gives_tracklets_of_one_box(tmp_path: Path, store: SqlStore) -> None:
    street = plan_street(3)
    number = round(street.truth()[0].middle_s * FPS)
    picture = next(p for n, p in enumerate(pictures(street, 0)) if n == number)
    still = Still("event 1", at(5), HostSurface.of_rgb(picture).jpeg())
    job = Job(CAMERA, stills=(still, replace(still, name="text", content=b"no picture")))
    report = run_ingest(settings(tmp_path), [job], now=SetClock(at(86400)))
    kept = store.tracks.tracklets(scope(cameras=(CAMERA,)))
    assert Family.PERSON in {one.family for one in kept}
    assert {tuple(one.device_ns.tolist()) for one in kept} == {(at(5),)}
    assert "text" in report.failed[0].error


def test_ingest_salvages_the_footage_that_a_killed_run_was_writing(
    tmp_path: Path, store: SqlStore, clip: Path
) -> None:
    ingest(tmp_path, clip)
    (segment,) = store.tracks.footage(scope(cameras=(CAMERA,)))
    kept = tmp_path / "footage" / segment.key
    store.tracks.erase(CAMERA, None, at(86400))
    (staging,) = (tmp_path / "footage" / "staging").iterdir()
    kept.replace(staging / f"{CAMERA}_{segment.segment_id}.mp4")
    ingest(tmp_path, clip, later_s=60)
    starts = [one.span.start_ns for one in store.tracks.footage(scope(cameras=(CAMERA,)))]
    assert starts == [at(0), at(0)]
