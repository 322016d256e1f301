"""Our ingest against YOLO.track of ultralytics: same model file, same clips, two threads each.

    python -m benchmarks.pipeline --data DIR --json FILE [--runs 3] [--soak-minutes 60]

Each run is a process of its own, ours and the peer's in turn, so that the machine's moods hit
both; ratios are medians of pairs. Models are loaded and warm before a clock is read. Ours does
all that the product does (records, tracks, embeds, commits); the peer detects and tracks.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.peer import THREADS, open_peer, track_clip
from benchmarks.quiet import write_quiet_clip
from benchmarks.recognition import DETECTOR, EMBEDDER, LABELS, clip_files, labelled_folders
from benchmarks.scoring import joined, read_labels, score
from benchmarks.site import START_NS, Site, model_values
from core.clocks import NS, ns_of
from core.types import Tracklet
from ingest.files import FileSource
from ingest.folders import TimedFile
from ingest.media import summary_of

PACKAGES = ("av", "numpy", "onnxruntime", "torch", "ultralytics-opencv-headless")
_MB = 1024  # ru_maxrss counts KiB


@dataclass(frozen=True, slots=True)
class Run:
    """One process over one set of clips."""

    pictures: int
    footage_s: float
    wall_s: float
    cpu_s: float
    peak_mb: float
    covered: float

    @property
    def fps(self) -> float:
        return self.pictures / self.wall_s


# --- the two contestants, each inside a process of its own --------------------------------------


def run_ours(clips: Sequence[Path], values: Mapping[str, Any]) -> dict[str, Any]:
    """Ingest every clip as a camera of its own."""
    with Site(threads=THREADS, **values) as site:
        cpu_s = time.process_time()
        wall_s = site.ingest({path.name: [TimedFile(path, START_NS)] for path in clips})
        figures = {
            "wall_s": wall_s,
            "cpu_s": time.process_time() - cpu_s,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB,
        }
        tracks = {name: joined(parts) for name, parts in site.tracklets().items()}
    return {**figures, "tracks": {name: list(map(_plain, kept)) for name, kept in tracks.items()}}


def run_peer(clips: Sequence[Path], model: Path, stride: int) -> dict[str, Any]:
    """YOLO.track over every clip, one after the other."""
    peer = open_peer(model)
    since_s, cpu_s = time.perf_counter(), time.process_time()
    tracks = {
        path.name: track_clip(peer, path, row, stride=stride) for row, path in enumerate(clips)
    }
    return {
        "wall_s": time.perf_counter() - since_s,
        "cpu_s": time.process_time() - cpu_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB,
        "tracks": {name: list(map(_plain, kept)) for name, kept in tracks.items()},
    }


def _plain(tracklet: Tracklet) -> list[Any]:
    return [tracklet.device_ns.tolist(), tracklet.xyxy.tolist()]


# --- one set of clips, both in turn -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """Clips that are run together, and their labels where there are some."""

    name: str
    clips: tuple[Path, ...]
    labels: Path | None = None


def measured(course: Course, contestant: Mapping[str, Any]) -> Run:
    """Run one contestant over a course in a process of its own."""
    order = json.dumps({**contestant, "clips": [str(path) for path in course.clips]})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pipeline", "--child", order],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "YOLO_VERBOSE": "False", "OMP_NUM_THREADS": str(THREADS)},
    )
    told = json.loads(done.stdout.decode().splitlines()[-1])
    pictures, footage_s = _length(course.clips)
    numbers = {name: told[name] for name in ("wall_s", "cpu_s", "peak_mb")}
    return Run(pictures, footage_s, covered=_covered(course, told["tracks"], contestant), **numbers)


def _length(clips: Sequence[Path]) -> tuple[int, float]:
    summaries = [summary_of(path) for path in clips]
    return sum(one.pictures for one in summaries), sum(one.duration_s for one in summaries)


def _covered(course: Course, told: Mapping[str, Any], contestant: Mapping[str, Any]) -> float:
    """How many labelled tracklets are covered; 0 where the course has no labels."""
    if course.labels is None:
        return 0.0
    labels = read_labels(course.labels)
    cameras = {label.video: label.camera for label in labels}
    ours = {
        cameras[video]: [_tracklet(row, plain) for row, plain in enumerate(kept)]
        for video, kept in told.items()
    }
    if contestant["who"] == "ours":
        clips = {path.name: _picture_times(path) for path in course.clips}
        at_ns = [clips[label.video][label.frames] for label in labels]
    else:
        at_ns = [label.frames * NS for label in labels]
    return float(score(labels, at_ns, ours).covered)


def _picture_times(path: Path) -> Any:
    source = FileSource(1, path, START_NS, next_epoch=count(1).__next__)
    return np.array([frame.device_ns for frame in source], np.int64)


def _tracklet(row: int, plain: Sequence[Any]) -> Tracklet:
    at_ns, xyxy = np.array(plain[0], np.int64), np.array(plain[1], np.float32)
    return Tracklet(row, 0, 1, 1, 0, at_ns, xyxy, np.ones(len(at_ns), np.float32))


def duel(course: Course, ours: Any, peer: Any, runs: int) -> tuple[list[Run], list[Run], float]:
    """Both in turn `runs` times; their runs and the median ratio of our speed to the peer's."""
    pairs = [(measured(course, ours), measured(course, peer)) for _ in range(runs)]
    ratio = median(mine.fps / theirs.fps for mine, theirs in pairs)
    return [mine for mine, _ in pairs], [theirs for _, theirs in pairs], ratio


def courses(data: Path, scratch: Path) -> dict[str, Course]:
    """Labelled clips, Intel's long quiet ones, and a generated one that is quiet."""
    labelled = labelled_folders(data)[0]
    files = clip_files(labelled, read_labels(labelled / LABELS))
    clips = tuple(file.path for kept in files.values() for file in kept)
    quiet = scratch / "quiet.mp4"
    write_quiet_clip(quiet)
    intel = tuple(sorted((data / "video" / "intel").glob("*.mp4")))
    return {
        "labelled": Course("labelled", clips, labelled / LABELS),
        "intel": Course("intel", intel),
        "quiet": Course("quiet", (quiet,)),
    }


def figures(
    asked: Namespace, values: Mapping[str, Any], scratch: Path
) -> Iterator[dict[str, float]]:
    """All ratios, with what they came from; as they grow, so that a broken run loses little."""
    ours = {"who": "ours", "values": {**values, "model_dir": str(values["model_dir"])}}
    model = next(Path(values["model_dir"]).glob(f"{values['detector']}*.onnx"))
    peer = {"who": "peer", "model": str(model), "stride": 1}
    tracks = courses(asked.data, scratch)
    found: dict[str, float] = {}
    mine, theirs, found["pipeline.fps_ratio"] = duel(tracks["labelled"], ours, peer, asked.runs)
    found |= _described("ours", mine) | _described("peer", theirs)
    stride = _stride(tracks["labelled"], ours)
    strided, slower, ratio = duel(tracks["labelled"], ours, {**peer, "stride": stride}, asked.runs)
    found |= {"pipeline.same_stride_ratio": ratio, "pipeline.same_stride": stride}
    found |= _described("peer_same_stride", slower)
    found["pipeline.covered_ours"] = median(run.covered for run in [*mine, *strided])
    found["pipeline.covered_peer"] = median(run.covered for run in theirs)
    found["pipeline.peak_mb"] = max(run.peak_mb for run in mine)
    yield found
    for name in ("quiet", "intel"):  # long, and far from their thresholds: half as often
        runs = max(1, asked.runs // 2)
        _, _, found[f"pipeline.{name}_fps_ratio"] = duel(tracks[name], ours, peer, runs)
        yield found
    if asked.soak_minutes:
        yield found | soak(asked, values)


def _described(who: str, runs: Sequence[Run]) -> dict[str, float]:
    return {
        f"pipeline.{who}_fps": median(run.fps for run in runs),
        f"pipeline.{who}_cpu_per_source_s": median(run.cpu_s / run.footage_s for run in runs),
        f"pipeline.{who}_peak_mb": max(run.peak_mb for run in runs),
    }


def _stride(course: Course, ours: Mapping[str, Any]) -> int:
    """Every how manieth picture our default cadence looks at on these clips."""
    cadence = float(ours["values"].get("analysis_fps", 6.0))
    rates = [one.pictures / one.duration_s for one in map(summary_of, course.clips)]
    return max(1, round(median(rates) / cadence))


# --- memory over an hour ------------------------------------------------------------------------


def soak(asked: Namespace, values: Mapping[str, Any]) -> dict[str, float]:
    """Peak memory growth, MB, from the first tenth to the end of footage looped for minutes."""
    labelled = labelled_folders(asked.data)[0]
    clip = next(iter(clip_files(labelled, read_labels(labelled / LABELS)).values()))[0].path
    length_s = summary_of(clip).duration_s
    rounds = max(10, round(asked.soak_minutes * 60 / length_s))
    files = [TimedFile(clip, START_NS + row * ns_of(length_s + 1)) for row in range(rounds)]
    sampled: list[float] = []
    slower = {**values, "analysis_fps": asked.soak_fps}
    with Site(threads=THREADS, **slower) as site:
        site.ingest({"looped": files}, watch=lambda: sampled.append(_resident_mb()))
    early = max(sampled[: max(1, len(sampled) // 10)])
    return {
        "pipeline.soak_minutes": rounds * length_s / 60,
        "pipeline.soak_analysis_fps": asked.soak_fps,
        "pipeline.soak_early_mb": early,
        "pipeline.soak_growth_mb": max(sampled[len(sampled) // 2 :]) - early,
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


# --- the command --------------------------------------------------------------------------------


def child(order: Mapping[str, Any]) -> None:
    """What a child process does; its last line of output is the result."""
    clips = [Path(path) for path in order["clips"]]
    if order["who"] == "ours":
        told = run_ours(clips, order["values"])
    else:
        told = run_peer(clips, Path(order["model"]), order["stride"])
    print(json.dumps(told))


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(json.loads(sys.argv[2]))
        return
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default=DETECTOR, help="a model's name or file")
    parser.add_argument("--embedder", default=EMBEDDER, help="a model's name or file")
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs per ratio")
    parser.add_argument("--soak-minutes", type=float, default=0.0, help="looped footage, minutes")
    parser.add_argument("--soak-fps", type=float, default=6.0, help="looks a second meanwhile")
    asked = parser.parse_args()
    values = model_values(asked.detector, asked.embedder, asked.data)
    scratch = Path(tempfile.mkdtemp(prefix="casetrace-clips-"))
    try:
        for found in figures(asked, values, scratch):
            report("pipeline", found, into=asked.json, packages=PACKAGES)
    finally:
        shutil.rmtree(scratch)
        shutil.rmtree(values["model_dir"])


if __name__ == "__main__":
    main()
