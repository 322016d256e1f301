"""The whole judge on the street of coloured shapes, where the small fakes are nearly right."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.city import as_hardness, city_score, detected, hard_ratios, parsed
from benchmarks.filmed import FilmedCamera, FilmedCity, albums_of
from benchmarks.judging import Finding, TruthBoxes
from benchmarks.models import Models, colour_embedders
from benchmarks.scores import figures_of
from core.arrays import F32
from core.types import Family, ObjectClass
from detectors.fake import ColourDetector
from pipeline.build import FAKE
from reid.fake import ColourEmbedder
from scenes.theft import Appearance, Subject, Theft
from tests.street import FPS, SECONDS, SIZE_HW, Crossing, Street, plan_street, render

SEED = 1
KINDS = {"car": ObjectClass.CAR}


def models() -> Models:
    values = {"detector": FAKE, "person_embedder": FAKE, "vehicle_embedder": FAKE}
    embedder = ColourEmbedder()
    persons = {"person": embedder, **colour_embedders()}
    return Models(values, ColourDetector(), persons, {"vehicle": embedder}, {})


def boxes(street: Street, camera: int) -> TruthBoxes:
    rows = [
        (picture, actor_id(street, one), KINDS.get(one.subject.name, ObjectClass.PERSON), box)
        for picture in range(SECONDS * FPS)
        for one in street.crossings
        if one.camera == camera and (box := one.box(picture / FPS)) is not None
    ]
    return TruthBoxes(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int32),
        np.array([row[3] for row in rows], np.float32),
        np.ones(len(rows), np.float32),
    )


def actor_id(street: Street, crossing: Crossing) -> int:
    names = sorted({one.subject.name for one in street.crossings})
    return names.index(crossing.subject.name)


def street_as_city(folder: Path, *, offset_s: float = 0.0) -> FilmedCity:
    """The street with its wanted subject as a thief; the clocks of its cameras run ahead."""
    street = plan_street(SEED)
    cameras = []
    for row, name in enumerate(street.names):
        clip = folder / f"camera-{row}.mp4"
        render(street, row, clip)
        cameras.append(
            FilmedCamera(
                row,
                name,
                street.lon_lat_deg[row],
                offset_s * row,
                clip,
                SIZE_HW,
                Fraction(FPS),
                SECONDS * FPS,
                boxes(street, row),
            )
        )
    edges = np.array([(0, 1), (1, 0), (1, 2), (2, 1)], np.int32)
    metres: F32 = np.full(len(edges), 20, np.float32)
    theft, subject = stolen(street)
    identities = {actor: actor for actor in range(9)}
    return FilmedCity(SEED, tuple(cameras), identities, edges, metres, theft, subject)


def stolen(street: Street) -> tuple[Theft, Subject]:
    crossings = street.truth()
    thief = actor_id(street, crossings[0])
    seen = tuple(
        Appearance(one.camera, one.start_s + 1, one.start_s + 8, "walk", thief) for one in crossings
    )
    way = tuple(one.camera for one in crossings)
    theft = Theft("thief", "victim", crossings[0].middle_s, (0.0, 0.0), way[0], way, "ebike")
    return theft, Subject("thief", (thief,), seen, ())


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> FilmedCity:
    return street_as_city(tmp_path_factory.mktemp("street"), offset_s=2.0)


@pytest.mark.slow
def test_street_is_scored_from_film_to_trajectory(city: FilmedCity) -> None:
    figures = figures_of([city_score(city, albums_of(city), models())])
    assert figures["detect.ap50"] > 0.8  # half a car at the border looks like a person to the fake
    assert figures["track.idf1"] > 0.9
    assert figures["track.cameras"] == 3
    assert figures["reid.person.rank1"] == 1
    assert figures["case.exact"] == 1
    assert "calibration.cllr" not in figures  # the fakes have no calibration


@pytest.mark.slow
def test_detector_and_crops_see_the_pictures_that_the_truth_is_of(city: FilmedCity) -> None:
    findings = np.concatenate([one.finding for one in detected(city.cameras[0], ColourDetector())])
    assert (findings == Finding.RIGHT).mean() > 0.9
    persons = albums_of(city)[Family.PERSON]
    assert sorted(set(persons.camera.tolist())) == [0, 1, 2]
    assert [camera.at_ns.tolist() for camera in city.cameras] == [
        [frame.device_ns for frame in camera.frames()] for camera in city.cameras
    ]


class Twice:
    """A calibration that says twice the cosine."""

    model = ColourEmbedder().spec.key

    def llr(self, cosine: F32) -> F32:
        return 2 * cosine


@pytest.mark.slow
def test_hard_ratios_are_balanced_and_calibrated(city: FilmedCity) -> None:
    persons = albums_of(city)[Family.PERSON]
    ratios = hard_ratios(persons, ColourEmbedder(), Twice())
    assert len(ratios.same) == len(ratios.different) > 0
    assert ratios.same.mean() > ratios.different.mean() > 0


def test_hardness_takes_its_ranks_from_the_same_figures() -> None:
    figures = {"reid.colour_histogram.rank1": 0.3, "reid.person.rank1": 0.9}
    assert as_hardness(figures) == {"hardness.colour_histogram.rank1": 0.3}


def test_seeds_begin_where_no_other_test_has_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["city", "--json", "city.json"])
    asked = parsed()
    assert (asked.seeds, asked.first_seed, asked.cameras, asked.seconds) == (5, 1000, 5, 75)
