"""How well people are covered, found again and ranked, on real clips and crops.

    python -m benchmarks.recognition --data DIR --json FILE [--detector NAME --embedder NAME]
        [--half guide]

For every folder below `video/` with a `gt_tracklets.tsv`: the real ingest runs on its clips, then
each of our tracklets that lies on a labelled identity searches the other cameras through the
reading door of a case. For `reid/market1501_train`: the Market-1501 protocol on its crops. For the
sets below `plates/`: what `benchmarks.plate_reads` says of that half of their photographs.
"""

import shutil
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import arguments, report
from benchmarks.plate_reads import plate_figures
from benchmarks.plate_recognition import add_plate_arguments, opened_plate_models
from benchmarks.scoring import Labelled, joined, read_labels, score
from benchmarks.site import START_NS, Site, model_values
from cases.search import MAX_K, MAX_PROBES, SearchRequest
from core.arrays import F32, I64
from core.clocks import HOUR_NS
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.types import Family, ObjectClass, Shot, Tracklet
from ingest.files import FileSource
from ingest.folders import TimedFile
from ingest.pictures import open_own_jpeg
from pipeline.build import load_embedders
from pipeline.settings import checked_settings
from pipeline.writer import whole_crops
from reid.metrics import Labels, average_precision, rank_metrics

LABELS = "gt_tracklets.tsv"
DETECTOR = "yolov8n-int8"
EMBEDDER = "person-reidentification-retail-0248"
PACKAGES = ("av", "numpy", "onnxruntime", "opencv-python-headless", "faiss-cpu")
_CROPS_AT_ONCE = 64


# --- clips -------------------------------------------------------------------------------------


def labelled_folders(data: Path) -> list[Path]:
    """Folders below `video/` that have labels."""
    return sorted(path.parent for path in (data / "video").rglob(LABELS))


def clip_files(folder: Path, labels: Sequence[Labelled]) -> dict[str, list[TimedFile]]:
    """The labelled clips of each camera; a camera's first at `START_NS`, then one an hour."""
    clips: dict[str, list[str]] = {}
    for label in labels:
        mine = clips.setdefault(label.camera, [])
        if label.video not in mine:
            mine.append(label.video)
    return {
        camera: [
            TimedFile(folder / video, START_NS + place * HOUR_NS)
            for place, video in enumerate(sorted(videos))
        ]
        for camera, videos in clips.items()
    }


def label_times(labels: Sequence[Labelled], clips: Mapping[str, Sequence[TimedFile]]) -> list[I64]:
    """Device times of each label's boxes: those of the very pictures that were labelled."""
    at_ns: dict[str, I64] = {}
    for files in clips.values():
        for file in files:
            source = FileSource(1, file.path, file.start_ns, next_epoch=count(1).__next__)
            at_ns[file.path.name] = np.array([frame.device_ns for frame in source], np.int64)
    return [at_ns[label.video][label.frames] for label in labels]


@dataclass(frozen=True, slots=True)
class Found:
    """Average precision and first rank of each query that has a true match."""

    precisions: tuple[float, ...]
    firsts: tuple[bool, ...]


def searched(site: Site, identities: Mapping[int, str], cameras: Mapping[int, int]) -> Found:
    """Each tracklet with an identity searches the other cameras; unlabelled ones do not count."""
    precisions, firsts = [], []
    for tracklet_id, who in identities.items():
        camera_id = cameras[tracklet_id]
        right = {
            other
            for other, whose in identities.items()
            if whose == who and cameras[other] != camera_id
        }
        if not right:
            continue
        ranked = [i for i in ranking(site, tracklet_id, camera_id) if i in identities]
        missed = len(right - set(ranked))  # beyond the last candidate: as if ranked at the very end
        hits = np.array([i in right for i in ranked] + [False] * missed, np.bool_)
        precisions.append(average_precision(hits) * hits.sum() / len(right) if hits.any() else 0.0)
        firsts.append(bool(len(hits) and hits[0]))
    return Found(tuple(precisions), tuple(firsts))


def ranking(site: Site, tracklet_id: int, camera_id: int) -> list[int]:
    """Tracklets of the other cameras by likeness to that one's best shots.

    None are found for a person who was taken for a vehicle, as those are not embedded here.
    """
    who, case = site.people.investigator, site.case
    assert case is not None
    (first, *_) = site.service.door.tracklets(who, case.case_id, ids=[tracklet_id])
    if ObjectClass(first.class_id).family is Family.VEHICLE:
        return []
    shots = site.service.door.shots(who, case.case_id, tracklet_ids=[tracklet_id])
    best = sorted(shots, key=_quality, reverse=True)[:MAX_PROBES]
    probes = [site.service.search.probe_from_shot(who, case.case_id, one.shot_id) for one in best]
    others = tuple(c.camera_id for c in site.cameras.values() if c.camera_id != camera_id)
    asked = SearchRequest(tuple(probe.probe_id for probe in probes), k=MAX_K, cameras=others)
    answer = site.service.search.search(who, case.case_id, asked)
    return [candidate.tracklet_id for candidate in answer.candidates]


def _quality(shot: Shot) -> float:
    return shot.quality


def clip_figures(folder: Path, name: str, values: Mapping[str, Any]) -> dict[str, float]:
    """Coverage and ranking on one folder of labelled clips."""
    labels = read_labels(folder / LABELS)
    clips = clip_files(folder, labels)
    with Site(**values) as site:
        site.ingest(clips)
        ours = {camera: joined(parts) for camera, parts in site.tracklets().items()}
        result = score(labels, label_times(labels, clips), ours)
        found = searched(site, result.identities, _cameras(ours))
    return {
        f"{name}.labelled": result.labelled,
        f"{name}.covered": result.covered / result.labelled,
        f"{name}.tracklets": sum(map(len, ours.values())),
        f"{name}.queries": len(found.firsts),
        f"{name}.rank1": float(np.mean(found.firsts)) if found.firsts else 0.0,
        f"{name}.map": float(np.mean(found.precisions)) if found.precisions else 0.0,
    }


def _cameras(ours: Mapping[str, Sequence[Tracklet]]) -> dict[int, int]:
    return {one.tracklet_id: one.camera_id for whole in ours.values() for one in whole}


# --- crops -------------------------------------------------------------------------------------


def market_figures(folder: Path, embedder: Embedder) -> dict[str, float]:
    """Rank-1 and mAP: query is the first crop by name of each identity in each camera."""
    paths = sorted(folder.glob("*.jpg"), key=lambda path: path.name)
    labels = market_labels([path.name for path in paths])
    vectors = np.concatenate(
        [
            _embedded(paths[start : start + _CROPS_AT_ONCE], embedder)
            for start in range(0, len(paths), _CROPS_AT_ONCE)
        ]
    )
    pairs = np.stack([labels.identity, labels.camera], axis=1)
    first = np.sort(np.unique(pairs, axis=0, return_index=True)[1])
    queries = Labels(labels.identity[first], labels.camera[first])
    metrics = rank_metrics(vectors[first] @ vectors.T, queries, labels)
    return {
        "market1501.queries": metrics.queries,
        "market1501.rank1": metrics.rank(1),
        "market1501.map": metrics.mean_ap,
    }


def market_labels(names: Sequence[str]) -> Labels:
    """Identity and camera of `0002_c1s1_000451_03.jpg`."""
    identity = np.array([int(name.split("_")[0]) for name in names], np.int64)
    camera = np.array([int(name.split("_")[1][1]) for name in names], np.int64)
    return Labels(identity, camera)


def _embedded(paths: Sequence[Path], embedder: Embedder) -> F32:
    surfaces = [open_own_jpeg(path.read_bytes()) for path in paths]
    return embedder.embed(whole_crops(surfaces, embedder.spec.input_hw))


# --- all ---------------------------------------------------------------------------------------


def figures(data: Path, values: Mapping[str, Any]) -> dict[str, float]:
    """All that the data folder has labels for."""
    found: dict[str, float] = {}
    for folder in labelled_folders(data):
        name = ".".join(folder.relative_to(data / "video").parts)
        found |= clip_figures(folder, name, values)
    market = data / "reid" / "market1501_train"
    if market.is_dir():
        settings = checked_settings("benchmark", {"data_dir": Path("unused"), **values})
        embedders = load_embedders(settings, ModelFolder(settings.models))
        found |= market_figures(market, embedders[Family.PERSON][0])
    return found


def real_plates(asked: Namespace) -> dict[str, float]:
    """Figures of plates; none where there are no photographs or no models of plates."""
    if not (asked.data / "plates").is_dir():
        return {}
    with opened_plate_models(asked.detector, asked.data, asked.models) as models:
        return plate_figures(asked.data, models, asked.half) if models is not None else {}


def parsed() -> Namespace:
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default=DETECTOR, help="a model's name or file")
    parser.add_argument("--embedder", default=EMBEDDER, help="a model's name or file")
    add_plate_arguments(parser)
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    values = model_values(asked.detector, asked.embedder, asked.data)
    try:
        found = figures(asked.data, values) | real_plates(asked)
        report("recognition", found, into=asked.json, packages=PACKAGES)
    finally:
        shutil.rmtree(values["model_dir"])


if __name__ == "__main__":
    main()
