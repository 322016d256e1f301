"""From batches to commits: order, what counts as searched, and failures."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import ModelError
from core.ids import IdSource
from core.types import (
    Activity,
    ActivityKind,
    Detections,
    Frame,
    ModelSpec,
    Tracklet,
    TrackletPart,
)
from pipeline.analysis import Analysis, CameraAnalysis
from pipeline.batcher import Batcher, Coast, End, Look
from pipeline.counters import Counters
from pipeline.ledger import Ledger
from pipeline.writer import Commit
from tests.builders import embedder_spec
from tests.pipeline.frames import SECOND, frame


class OneBoxDetector:
    """Sees one box in every frame, its left side at the frame's second."""

    spec: ModelSpec = embedder_spec()

    def detect(self, frames: Sequence[Frame]) -> Detections:
        left = np.array([one.device_ns / SECOND for one in frames], np.float32)
        count = len(frames)
        return Detections(
            np.stack([left, 0 * left, left + 1, 0 * left + 1], axis=1),
            np.ones(count, np.float32),
            np.zeros(count, np.int32),
            np.arange(count, dtype=np.int32),
        )


class BrokenDetector(OneBoxDetector):
    def detect(self, frames: Sequence[Frame]) -> Detections:
        raise ModelError("the model failed")


class OneTrack:
    """Keeps every box it is given and hands them on at the end."""

    def __init__(self, camera_id: int) -> None:
        self._camera_id = camera_id
        self._seen: list[tuple[int, float]] = []

    @property
    def open_since_ns(self) -> int | None:
        return self._seen[0][0] if self._seen else None

    def look(self, frame: Frame, detections: Detections) -> list[TrackletPart]:
        self._seen.append((frame.device_ns, float(detections.xyxy[0, 0])))
        return []

    def coast(self, device_ns: int) -> list[TrackletPart]:
        return []

    def flush(self) -> list[TrackletPart]:
        seen, self._seen = self._seen, []
        if not seen:
            return []
        left = np.array([side for _, side in seen], np.float32)
        boxes = np.stack([left, 0 * left, left + 1, 0 * left + 1], axis=1)
        at_ns = np.array([at for at, _ in seen], np.int64)
        ones = np.ones(len(seen), np.float32)
        whole = Tracklet(self._camera_id, 0, self._camera_id, 1, 0, at_ns, boxes, ones)
        return [TrackletPart(whole, ())]


class KeptCommits:
    """Stands where the writer is; remembers."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []

    def write(self, commits: Sequence[Commit]) -> int:
        self.commits.extend(commits)
        return 0


class Bench:
    """An analysis of two cameras with everything in memory."""

    def __init__(self, detector: OneBoxDetector | None = None) -> None:
        ids = IdSource(1, lambda: 1_800_000_000 * SECOND)
        self.kept = KeptCommits()
        self.counters = Counters()
        self.batcher = Batcher(batch=2, latency_s=0.0, depth=2)
        self.analysis = Analysis(
            self.batcher,
            detector or OneBoxDetector(),
            self.kept,
            cameras={
                key: CameraAnalysis(OneTrack(key), Ledger(key, ids, hole_s=2.0)) for key in (1, 2)
            },
            counters=self.counters,
            commit_s=0.0,
        )

    def run(self, *events: Look | Coast | End) -> None:
        self.analysis.start()
        for event in events:
            camera = event.frame.camera_id if isinstance(event, Look) else event.camera_id
            self.batcher.put(event, camera_id=camera, shed=False)
        self.batcher.close()
        self.analysis.join()

    def tracklets(self) -> list[Tracklet]:
        return [part.tracklet for commit in self.kept.commits for part in commit.parts]

    def activities(self) -> list[Activity]:
        return [row for commit in self.kept.commits for row in commit.activities]


def looks(camera_id: int, count: int) -> list[Look]:
    return [Look(frame(camera_id, at_s=second)) for second in range(count)]


def test_each_camera_gets_its_own_boxes_in_order() -> None:
    bench = Bench()
    mixed = [look for pair in zip(looks(1, 5), looks(2, 5), strict=True) for look in pair]
    bench.run(*mixed, End(1), End(2))
    for whole in bench.tracklets():
        assert whole.xyxy[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert sorted(whole.camera_id for whole in bench.tracklets()) == [1, 2]


def test_the_end_settles_what_was_looked_at() -> None:
    bench = Bench()
    bench.run(*looks(1, 3), End(1))
    last = bench.activities()[-1]
    assert (last.kind, last.span.end_ns) == (ActivityKind.ANALYSED, 2 * SECOND + 1)


def test_nothing_counts_as_searched_while_its_tracklet_is_open() -> None:
    bench = Bench()
    bench.run(*looks(1, 20))
    assert bench.activities() == []


def test_a_quiet_scene_counts_as_searched() -> None:
    bench = Bench()
    bench.run(*[Coast(1, second * SECOND) for second in range(20)])
    assert bench.activities()[-1].span.duration_s > 10


def test_counters_say_what_was_done() -> None:
    bench = Bench()
    bench.run(*looks(1, 3), Coast(1, 4 * SECOND), End(1))
    count = bench.counters.all()[0]
    assert (count.looked, count.quiet, count.parts) == (3, 1, 1)


def test_a_failing_stage_names_itself_and_frees_the_cameras() -> None:
    bench = Bench(BrokenDetector())
    bench.analysis.start()
    bench.batcher.put(looks(1, 1)[0], camera_id=1, shed=False)
    with pytest.raises(ModelError) as raised:
        bench.analysis.join()
    assert raised.value.__notes__ == ["in the detect stage of the analysis"]
    assert bench.analysis.failed
