"""Which thefts are fair questions, and that every seed leads to one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput
from pipeline.demo import DemoPlan, Share, Steps, prepared_film, story
from pipeline.demo.city import VARIATIONS, check_plan, seed_of, variations, weakness
from pipeline.demo.way import stops_of
from scenes.city import City
from scenes.film import FPS
from scenes.splits import MAX_SEED
from scenes.truth import CITY_FILE, Boxes, boxes_path, clip_path, described, write_boxes

SEED = 3


@pytest.fixture(scope="module")
def fair() -> City:
    """The first city of a seed that is a fair question."""
    return next(city for city, weak in variations(SEED, 5, 90.0) if city and not weak)


@pytest.mark.parametrize(
    ("seed", "cameras", "seconds", "message"),
    [
        (-1, 5, 90.0, f"seed: want 0 to {MAX_SEED}, got -1"),
        (MAX_SEED + 1, 5, 90.0, f"seed: want 0 to {MAX_SEED}"),
        (1, 2, 90.0, "cameras: want 3 to 12, got 2"),
        (1, 13, 90.0, "cameras: want 3 to 12, got 13"),
        (1, 5, 60.0, "seconds: want 75 to 300, got 60"),
        (1, 5, float("nan"), "seconds: want 75 to 300, got nan"),
    ],
)
def test_plan_out_of_range_names_wanted_and_got(
    seed: int, cameras: int, seconds: float, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_plan(seed, cameras, seconds)


def test_plan_at_the_ends_of_the_range_is_taken() -> None:
    check_plan(0, 3, 75.0)
    check_plan(MAX_SEED, 12, 300.0)


def test_seed_varies_the_same_way_each_time() -> None:
    varied = [seed_of(7, variation) for variation in range(VARIATIONS)]
    assert varied == [seed_of(7, variation) for variation in range(VARIATIONS)]
    assert varied[0] == 7
    assert len(set(varied)) == VARIATIONS


def test_fair_theft_is_seen_at_three_stops_at_least(fair: City) -> None:
    assert weakness(fair) == ""
    assert len({one.camera for one in fair.subjects[0].appearances}) >= 3


def test_thief_of_the_demo_leaves_by_ebike(fair: City) -> None:
    assert fair.theft is not None
    assert fair.theft.vehicle == "ebike"


def test_glimpse_is_no_fair_question(fair: City) -> None:
    (subject,) = fair.subjects
    last = subject.appearances[-1].camera
    *before, one = [x for x in subject.appearances if x.camera != last or x.mode == "ride"]
    seen = replace(subject, appearances=(*before, replace(one, out_s=one.in_s + 0.9)))
    assert "only in good size" in weakness(replace(fair, subjects=(seen,)))


def test_two_cameras_at_once_are_no_fair_question(fair: City) -> None:
    (subject,) = fair.subjects
    first, second, *rest = subject.appearances
    early = replace(second, in_s=first.in_s + 0.5)
    seen = replace(subject, appearances=(first, early, *rest))
    assert "while another one does" in weakness(replace(fair, subjects=(seen,)))


# --- filmed ------------------------------------------------------------------------------------


class Sketch:
    """Films a city without pictures: its truth, with the thief as visible as `visible` says."""

    def __init__(self, *visible: float) -> None:
        self.cities: list[int] = []
        self._visible = visible

    def __call__(self, city: City, folder: Path, share: Share) -> None:
        share(1.0)
        visibility = self._visible[min(len(self.cities), len(self._visible) - 1)]
        self.cities.append(city.seed)
        (folder / CITY_FILE).write_text(described(city, fps=FPS))
        for camera in city.cameras:
            clip_path(folder, camera.row).write_bytes(b"no pictures")
            write_boxes(boxes_path(folder, camera.row), sketched(city, camera.row, visibility))


def sketched(city: City, camera: int, visibility: float) -> Boxes:
    """A box 60 px high in each picture in which the truth says that the thief is there."""
    seen = [one for one in city.subjects[0].appearances if one.camera == camera]
    numbers = [n for one in seen for n in range(int(one.in_s * FPS), int(one.out_s * FPS))]
    count = len(numbers)
    return Boxes(
        np.sort(np.array(numbers, np.int64)),
        np.full(count, city.subjects[0].actor_ids[0], np.int64),
        np.zeros(count, np.int32),
        np.tile(np.array([100, 100, 130, 160], np.float32), (count, 1)),
        np.full(count, visibility, np.float32),
    )


class Told:
    """A `Telling` that keeps what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextmanager
    def showing(self, _step: str) -> Iterator[Share]:
        yield lambda _share: None


@pytest.fixture
def planned(fair: City, monkeypatch: pytest.MonkeyPatch) -> tuple[City, City]:
    """The seed's variations: one that is no fair question, and two that are."""
    another = replace(fair, seed=fair.seed + 1)
    found = [(None, "no theft"), (fair, ""), (another, "")]
    monkeypatch.setattr(story, "variations", lambda *_: iter(found))
    return fair, another


def test_film_shows_the_first_fair_city_of_the_seed(
    planned: tuple[City, City], tmp_path: Path
) -> None:
    told, sketch = Told(), Sketch(1.0)
    film = prepared_film(DemoPlan(SEED), tmp_path, sketch, Steps(told))
    assert sketch.cities == [planned[0].seed]
    assert film.stops == stops_of(planned[0].subjects[0].appearances)
    assert told.said[0] == f"seed {SEED}, variation 0: no theft; passed over"
    assert told.said[1].startswith(f"seed {SEED}, variation 1: 5 cameras, 90 s, day, ")


@pytest.mark.usefixtures("planned")
def test_theft_that_is_hidden_on_film_is_passed_over(tmp_path: Path) -> None:
    told, sketch = Told(), Sketch(0.2, 1.0)
    film = prepared_film(DemoPlan(SEED), tmp_path, sketch, Steps(told))
    assert film.city.seed == sketch.cities[1]
    assert any("clearly in 0 pictures only; passed over" in line for line in told.said)


@pytest.mark.usefixtures("planned")
def test_second_run_takes_the_films_that_are_there(tmp_path: Path) -> None:
    sketch = Sketch(0.2, 1.0)
    films = [prepared_film(DemoPlan(SEED), tmp_path, sketch, Steps(Told())) for _ in range(2)]
    assert len(sketch.cities) == 2
    assert films[0].city.seed == films[1].city.seed


@pytest.mark.usefixtures("planned")
def test_seed_without_any_fair_theft_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="seed: want one whose cameras can see a theft, got 3"):
        prepared_film(DemoPlan(SEED), tmp_path, Sketch(0.2), Steps(Told()))
