"""How good detector, tracker, embedders, calibration and whole cases are, on unseen cities.

    python -m benchmarks.city --json FILE [--seeds 5] [--first-seed 1000] [--cameras 5]
        [--seconds 75] [--detector NAME] [--person NAME] [--vehicle NAME] [--data DIR]

Each city is filmed once and kept in `--cache`. The real ingest runs over its films, the detector
is judged apart on the same pixels; then the theft is worked on as a case. Embedders are judged on
the passages of longer minutes of the same seeds, painted at every fifth picture. With `--data` the
public embedders of the test data are measured beside ours on the same crops.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np

from benchmarks.common import arguments, print_table, report
from benchmarks.filmed import FilmedCamera, FilmedCity, filmed_city
from benchmarks.hardness import box_figures, broken_bounds, city_arguments, painted_cities
from benchmarks.judging import JudgedBoxes, TruthBoxes, judged_picture
from benchmarks.models import Models, opened_models
from benchmarks.passages import Album, hard_pairs, likeness, pair_scores, ranks
from benchmarks.scores import CityScore, Ratios, figures_of
from benchmarks.scoring import joined
from benchmarks.site import START_NS, Site
from benchmarks.thefts import (
    CameraTruth,
    TheftTruth,
    WayScore,
    laid_out,
    visits_of,
    way_score,
    work_on,
)
from benchmarks.tracks import TrackScore, track_score, track_table
from core.arrays import F32, F64
from core.protocols import Calibration, Detector, Embedder
from core.types import CameraGraph, ClockCorrection, Family
from ingest.folders import TimedFile
from pipeline.cameras import CameraDraft
from pipeline.settings import Settings
from reid.fake import ColourEmbedder
from reid.metrics import RankMetrics

PACKAGES = ("av", "numpy", "onnxruntime", "opencv-python-headless", "faiss-cpu", "trackeval")
_EVERY = 5
"""The detector is judged on every fifth picture: neighbours in time are nearly the same one."""
_CLOCK_SIGMA_S = 0.5
"""The operator read the cameras' clocks off their pictures, to the second."""


def city_score(city: FilmedCity, albums: Mapping[Family, Album], models: Models) -> CityScore:
    """Everything that one city's film, and the passages of one, tell of the models."""
    judged = [one for camera in city.cameras for one in detected(camera, models.detector)]
    with Site(**models.values) as site:
        ingested(site, city)
        tracks = track_scores(site, city)
        worked = theft_score(site, city)
    return CityScore(
        judged=tuple(judged),
        tracks=tracks,
        ranks=tuple(rank_scores(albums, models)),
        ratios=tuple(ratio_scores(albums, models)),
        way=worked[0] if worked else None,
        looked_at=worked[1] if worked else 0,
    )


# --- the detector -------------------------------------------------------------------------------


def detected(camera: FilmedCamera, detector: Detector) -> Iterator[JudgedBoxes]:
    """Every fifth picture of a camera, judged."""
    chosen = islice(enumerate(camera.frames()), 0, None, _EVERY)
    while batch := list(islice(chosen, 8)):
        found = detector.detect([frame for _, frame in batch])
        for index, (number, _) in enumerate(batch):
            yield judged_picture(camera.boxes.of_picture(number), found.of_frame(index))


# --- the embedders ------------------------------------------------------------------------------


def rank_scores(
    albums: Mapping[Family, Album], models: Models
) -> Iterator[tuple[str, RankMetrics]]:
    """Ranks by key. Riders by the person's model and, apart, by the vehicle's."""
    lists = {
        Family.PERSON: models.persons,
        Family.VEHICLE: models.vehicles,
        Family.RIDER: {
            **{_RIDER[key]: one for key, one in models.persons.items() if key in _RIDER},
            **{_RIDER[key]: one for key, one in models.vehicles.items() if key in _RIDER},
        },
    }
    for family, embedders in lists.items():
        for key, embedder in embedders.items():
            if len(albums[family]):
                yield key, ranks(albums[family], likeness(albums[family], embedder))


_RIDER = {
    "person": "rider",
    "vehicle": "rider.by_vehicle",
    "colour_histogram": "rider.colour_histogram",
}


def ratio_scores(albums: Mapping[Family, Album], models: Models) -> Iterator[tuple[str, Ratios]]:
    """Calibrated ratios of hard pairs, of the families whose own model has a calibration."""
    for family, key, embedders in (
        (Family.PERSON, "person", models.persons),
        (Family.VEHICLE, "vehicle", models.vehicles),
    ):
        embedder = embedders.get(key)
        calibration = models.calibrations.get(embedder.spec.key) if embedder else None
        if embedder and calibration and len(albums[family]):
            yield key, hard_ratios(albums[family], embedder, calibration)


def hard_ratios(pages: Album, embedder: Embedder, calibration: Calibration) -> Ratios:
    """Ratios of the balanced pairs whose different halves are nearest in colour."""
    pairs = hard_pairs(pages, likeness(pages, ColourEmbedder()))
    same, different = pair_scores(pairs, likeness(pages, embedder))
    return Ratios(_ratios(calibration, same), _ratios(calibration, different))


def _ratios(calibration: Calibration, cosines: F32) -> F64:
    return calibration.llr(cosines).astype(np.float64)


# --- the whole way ------------------------------------------------------------------------------


def ingested(site: Site, city: FilmedCity) -> None:
    """Cameras, their clocks as read by an operator, the roads between them; and their films."""
    operator, desk = site.people.operator, site.service.cameras
    for camera in city.cameras:
        added = desk.add(operator, CameraDraft(camera.name, lon_lat_deg=camera.lon_lat_deg))
        told_s = float(round(camera.clock_offset_s))
        clock = ClockCorrection(0, told_s, _CLOCK_SIGMA_S)
        site.cameras[camera.name] = desk.correct_clock(operator, added.camera_id, clock)
    ids = np.array([site.cameras[camera.name].camera_id for camera in city.cameras], np.int64)
    desk.import_roads(operator, CameraGraph(ids, city.roads, city.distance_m))
    site.ingest({one.name: [TimedFile(one.clip, one.start_ns)] for one in city.cameras})


def track_scores(site: Site, city: FilmedCity) -> tuple[TrackScore, ...]:
    """One for each camera that somebody passed."""
    ours = site.tracklets()
    tables = [
        track_table(camera.boxes, camera.at_ns, joined(ours[camera.name]))
        for camera in city.cameras
    ]
    return tuple(track_score(table) for table in tables if table.true_boxes)


def theft_score(site: Site, city: FilmedCity) -> tuple[WayScore, int] | None:
    """The theft worked on as a case, and how many tracklets were looked at; None without one."""
    if city.theft is None or city.subject is None:
        return None
    cameras = [
        CameraTruth(site.cameras[one.name].camera_id, one.size_hw, one.boxes, one.at_ns)
        for one in city.cameras
    ]
    truth = TheftTruth(city.theft, city.subject, tuple(cameras), START_NS)
    worked = work_on(site, truth)
    visits = visits_of(city.subject.appearances)
    return way_score(visits, laid_out(truth, worked.trajectory)), worked.looked_at


# --- all ----------------------------------------------------------------------------------------


def measured(asked: Namespace) -> dict[str, float]:
    """All figures over the asked seeds; how far it is is printed as it goes."""
    scores: list[CityScore] = []
    boxes: list[TruthBoxes] = []
    with opened_models(asked.detector, asked.person, asked.vehicle, asked.data) as models:
        for seed, painted in enumerate(painted_cities(asked), asked.first_seed):
            city = filmed_city(seed, asked.cache, cameras=asked.cameras, seconds=asked.seconds)
            albums = {family: painted.album(family) for family in Family}
            scores.append(city_score(city, albums, models))
            boxes += painted.boxes
            print(f"--- seed {seed}")
            print_table(figures_of(scores[-1:]))
    found = figures_of(scores)
    hard = box_figures(boxes) | as_hardness(found)
    for key, figure in broken_bounds(hard).items():
        print(f"the city is not as hard as it was frozen: {key} is {figure:.3f}")
    return {"city.seeds": asked.seeds, **found, **hard}


def as_hardness(figures: Mapping[str, float]) -> dict[str, float]:
    """The ranks of what never saw the city, by their keys as hardness."""
    names = ("colour_histogram", "colour_stripes", "retail_0248")
    keys = [(f"reid.{name}.rank1", f"hardness.{name}.rank1") for name in names]
    return {hard: figures[key] for key, hard in keys if key in figures}


def parsed() -> Namespace:
    defaults = Settings.model_fields
    parser = arguments(__doc__ or "")
    city_arguments(parser)
    parser.add_argument("--cameras", type=int, default=5, help="filmed")
    parser.add_argument("--seconds", type=int, default=75, help="of film, each camera")
    parser.add_argument("--detector", default=defaults["detector"].default)
    parser.add_argument("--person", default=defaults["person_embedder"].default)
    parser.add_argument("--vehicle", default=defaults["vehicle_embedder"].default)
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    report("city", measured(asked), into=asked.json, packages=PACKAGES)


if __name__ == "__main__":
    main()
