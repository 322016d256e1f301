"""The population benchmark, small: every key is there, and what it kept can be read again."""

import json
import shutil
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks import population
from benchmarks.noise import market_tracklets
from benchmarks.population import TRUTH, County, batches_of, loaded
from core.errors import StorageError
from core.types import CameraSpan, Family, Scope
from index.faiss_index import FaissIndex
from index.rows.store import SqlStore
from scenes.population import Population, PopulationPlan

SIZE = ["--cameras", "30", "--hours", "0.2", "--passings", "300", "--rows", "500"]
SEARCHES = ["--scope-rows", "800", "--queries", "5"]


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> dict[str, float]:
    """The figures of a small run."""
    written = folder / "population.json"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["population", "--json", str(written), *SIZE, *SEARCHES, *more])
        population.main()
    figures: dict[str, float] = json.loads(written.read_text("utf-8"))["figures"]
    return figures


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, float], Path]:
    """The figures of a small run, and a folder that was not deleted."""
    folder = tmp_path_factory.mktemp("population")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        return run(patch, folder, "--folder", str(folder / "work")), folder / "work"


@pytest.mark.parametrize(
    "key",
    [
        "tracklets",
        "shots",
        "tracklets_per_s",
        "drawn_per_cpu_s",
        "cpu_us_per_tracklet",
        "peak_mb",
        "compact_s",
        "search_2m.rows",
        "search_2m.p50_ms",
        "search_2m.p95_ms",
        "door.rows",
        "door.p95_ms",
    ],
)
def test_report_has_the_figure(kept: tuple[dict[str, float], Path], key: str) -> None:
    assert kept[0][f"population.{key}"] > 0


def test_scope_holds_about_the_rows_that_were_asked_for(
    kept: tuple[dict[str, float], Path],
) -> None:
    assert 800 <= kept[0]["population.search_2m.rows"] < 1300


def test_rows_and_truth_are_those_of_the_population(kept: tuple[dict[str, float], Path]) -> None:
    figures, folder = kept
    one = Population(PopulationPlan(30, 0.2, passings_per_camera_hour=300, writer=1))
    wanted = np.concatenate([np.column_stack([b.tracklet_ids, b.subjects]) for b in one.batches()])

    assert np.fromfile(folder / TRUTH, np.int64).reshape(-1, 2).tolist() == wanted.tolist()
    assert figures["population.tracklets"] == len(wanted)


def test_every_shot_has_its_row_and_its_vector(kept: tuple[dict[str, float], Path]) -> None:
    one = Population(PopulationPlan(30, 0.2, passings_per_camera_hour=300, writer=1))
    batch = next(one.batches(200))
    (vehicles,) = [rows for rows in one.vector_rows(batch) if rows.family is Family.VEHICLE]
    store = SqlStore.open(f"sqlite:///{kept[1] / 'rows.db'}")
    index = FaissIndex(kept[1] / "vectors")
    every = tuple(CameraSpan(camera, one.plan.span) for camera in range(1, 31))
    scope = Scope(1, 1, 1, every, 0)
    probes, model = vehicles.embeddings.vectors[:20], vehicles.embeddings.model

    known = store.tracks.known_shots(batch.shot_ids)
    found = index.search(scope, Family.VEHICLE, model, probes, 1)

    index.close()
    store.close()
    assert known.all()
    assert found.shots[:, 0].tolist() == vehicles.embeddings.shot_ids[:20].tolist()


def test_a_run_may_stop_after_so_many_tracklets() -> None:
    one = Population(PopulationPlan(30, 0.2))

    assert sum(map(len, batches_of(one, 100, 250))) == 300


def test_a_size_out_of_range_is_a_plain_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match="cameras: want 2 to 66000, got 1"):
        run(monkeypatch, tmp_path, "--cameras", "1")


def test_an_error_of_the_drawing_process_is_raised_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "vectors").write_text("in the way of a folder")
    one = Population(PopulationPlan(30, 0.1))

    county = County(one, tmp_path / "work")

    with closing(county), pytest.raises(StorageError, match="vectors"):
        loaded(county, one, (100, 0))


def test_market_tracklets_are_cut_at_cameras_sequences_and_gaps() -> None:
    names = [
        "0002_c1s1_000100_01.jpg",
        "0002_c1s1_000150_01.jpg",
        "0002_c1s1_000900_01.jpg",  # a gap
        "0002_c1s2_000950_01.jpg",  # another sequence
        "0002_c2s1_000100_01.jpg",
        "0007_c2s1_000101_01.jpg",
    ]

    identity, camera, tracklet = market_tracklets(names)

    assert identity.tolist() == [2, 2, 2, 2, 2, 7]
    assert camera.tolist() == [1, 1, 1, 1, 2, 2]
    assert tracklet.tolist() == [0, 0, 1, 2, 3, 4]
