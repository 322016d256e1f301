"""The engine on real clips: MMPTRACK's cameras of one shop, from one labelled person to the others.

The real ingest runs; our tracklets take the identity of the labelled one that they lie on. From
each of a person's tracklets, confirmed in a case of its own, the engine ranks and truth decides ten
times. The embedder's own ranking stands beside it: a search with that tracklet, as it comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drill_desk import Doubts, Investigator, Searcher, next_look
from benchmarks.drill_searchers import CaseDesk, Engine
from benchmarks.noise import embedded, market_tracklets
from benchmarks.recognition import LABELS, clip_files, label_times
from benchmarks.reliability import Claims
from benchmarks.scoring import joined, read_labels, score
from benchmarks.site import START_NS, Site
from cases.search import MAX_K, SearchRequest
from core.arrays import F32, F64, I64
from core.clocks import DAY_NS
from core.errors import InvalidInput
from core.protocols import Embedder
from core.runtime.models import ModelFolder
from core.types import CameraGraph, CameraSpan, Family, TimeSpan, Verdict
from pipeline.build import load_embedders
from pipeline.people import open_case
from pipeline.settings import checked_settings
from reid.calibration import KnotCalibration, save_calibration
from reid.fitting import fit_calibration

FOLDER = "video/mmptrack_retail/dev"
CROPS = "reid/market1501_train"
LOOKS = 10
_SEED = 1
_AT_ONCE = 64
_SURE = Doubts(wrong=0.0, unsure=0.0)


@dataclass(frozen=True, slots=True)
class Found:
    """From one tracklet of a person: the shares of that person's others among ten looks.

    `claims` are the probabilities that the engine stated of labelled tracklets that were not
    decided on, and whether each was true.
    """

    person: str
    others: int
    engine: float
    ranking: float
    claims: tuple[tuple[float, bool], ...] = ()


def shop_figures(data: Path, values: Mapping[str, Any]) -> dict[str, float]:
    """The mean over persons of the mean over their tracklets."""
    folder = data / FOLDER
    labels = read_labels(folder / LABELS)
    clips = clip_files(folder, labels)
    calibrate(data, values)
    with Site(**values) as site:
        site.ingest(clips)
        _views_that_overlap(site)
        ours = {camera: joined(parts) for camera, parts in site.tracklets().items()}
        who = score(labels, label_times(labels, clips), ours).identities
        found = [one for start in sorted(who) if (one := from_one(site, who, start)) is not None]
    return mean_figures(found)


def calibrate(data: Path, values: Mapping[str, Any]) -> None:
    """A calibration beside the person embedder, by crops of Market-1501: other people and cameras.

    Nothing is done for an embedder that has one, or without the crops: then ranks are by cosine.
    """
    settings = checked_settings("benchmark", {"data_dir": Path("unused"), **values})
    models = ModelFolder(settings.models)
    paths = sorted((data / CROPS).glob("*.jpg"), key=lambda path: path.name)
    if not paths or models.beside(settings.person_embedder, ".calibration.json") is not None:
        return
    embedder = load_embedders(settings, models)[Family.PERSON][0]
    identity, camera, _ = market_tracklets([path.name for path in paths])
    curve = crops_calibration(embedder.spec.key, in_chunks(paths, embedder), identity, camera)
    save_calibration(settings.models / f"{settings.person_embedder}.calibration.json", curve)


def in_chunks(paths: Sequence[Path], embedder: Embedder) -> F32:
    """A vector of each picture (N, D)."""
    firsts = range(0, len(paths), _AT_ONCE)
    return np.concatenate([embedded(paths[i : i + _AT_ONCE], embedder) for i in firsts])


def crops_calibration(model: str, vectors: F32, identity: I64, camera: I64) -> KnotCalibration:
    """By all pairs of crops from different cameras."""
    row, column = np.triu_indices(len(vectors), 1)
    elsewhere = camera[row] != camera[column]
    row, column = row[elsewhere], column[elsewhere]
    cosine: F64 = (vectors @ vectors.T)[row, column].astype(np.float64)
    same = identity[row] == identity[column]
    return fit_calibration(
        cosine[same],
        cosine[~same],
        model=model,
        subjects=len(np.unique(identity)),
        fitted_on="pairs of Market-1501 crops (train) from different cameras",
        at_ns=START_NS,
        method="isotonic",
    )


def mean_figures(found: Sequence[Found]) -> dict[str, float]:
    """Each person counts once, however many tracklets."""
    persons = sorted({one.person for one in found})
    if not persons:
        raise InvalidInput("clips: want a person with two tracklets, got none")

    def mean(column: str) -> float:
        shares = [
            np.mean([getattr(one, column) for one in found if one.person == person])
            for person in persons
        ]
        return float(np.mean(shares))

    return {
        "drill.mmptrack.persons": float(len(persons)),
        "drill.mmptrack.starts": float(len(found)),
        "drill.mmptrack.found": mean("engine"),
        "drill.mmptrack.found_by_ranking": mean("ranking"),
        **_claims_of(found).figures("drill.mmptrack.probability"),
    }


def _claims_of(found: Sequence[Found]) -> Claims:
    pairs = [pair for one in found for pair in one.claims]
    stated, true = zip(*pairs, strict=True) if pairs else ((), ())
    return Claims(np.array(stated, np.float64), np.array(true, np.bool_))


def from_one(site: Site, who: Mapping[int, str], start: int) -> Found | None:
    """From one of a person's tracklets; None where it is the only one."""
    others = {i for i, name in who.items() if name == who[start]} - {start}
    if not others:
        return None
    desk = _desk(site)
    desk.decide(start, Verdict.CONFIRM)
    shots = desk.service.door.shots(desk.actor, desk.case_id, tracklet_ids=[start])
    best = max(shots, key=lambda shot: (shot.quality, -shot.shot_id))
    probe = desk.service.search.probe_from_shot(desk.actor, desk.case_id, best.shot_id)
    asked = SearchRequest((probe.probe_id,), k=MAX_K)
    answer = desk.service.search.search(desk.actor, desk.case_id, asked)
    ranking = [one.tracklet_id for one in answer.candidates if one.tracklet_id != start]
    engine = Engine(desk, (probe.probe_id,))
    looked = looks_of(engine, others, start=start)
    shown = (pair for answer in engine.answers for pair in answer.shown)
    return Found(
        who[start],
        len(others),
        len(others & set(looked)) / len(others),
        len(others & set(ranking[:LOOKS])) / len(others),
        tuple((chance, i in others) for i, chance in shown if i in who and i != start),
    )


def looks_of(searcher: Searcher, right: set[int], *, start: int) -> list[int]:
    """The ten that are looked at, each decided on before the next; fewer if all is found."""
    investigator = Investigator(right.__contains__, _SEED, _SURE)
    looked: list[int] = []
    while len(looked) < LOOKS and not right <= set(looked):
        ranked = (i for i in searcher.ranked() if i != start and i not in looked)
        tracklet_id = next_look(ranked, [])
        if tracklet_id is None:
            break
        searcher.told(tracklet_id, investigator.look(tracklet_id))
        looked.append(tracklet_id)
    return looked


def _desk(site: Site) -> CaseDesk:
    day = TimeSpan(START_NS, START_NS + DAY_NS)
    grants = tuple(CameraSpan(camera.camera_id, day) for camera in site.cameras.values())
    case = open_case(site.service, site.people, grants)
    return CaseDesk(site.service, site.people.investigator, case)


def _views_that_overlap(site: Site) -> None:
    """One shop: whoever is in one view can be in the next at once."""
    ids = np.array(sorted(one.camera_id for one in site.cameras.values()), np.int64)
    rows = np.array([(a, b) for a in range(len(ids)) for b in range(len(ids)) if a != b], np.int32)
    metres = np.zeros(len(rows), np.float32)
    site.service.cameras.import_roads(site.people.operator, CameraGraph(ids, rows, metres))
