"""The search benchmark, small: every key is there, and exact engines find everything."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import search
from benchmarks.engines import CaseTrace, make_engine, recall
from benchmarks.gallery import (
    FILTERS,
    SHOTS,
    City,
    camera_starts,
    make_gallery,
    make_requests,
    open_gallery,
    ranges,
    true_tracklets,
)
from core.errors import InvalidInput

SMALL = City(rows=4000, dim=16, cameras=9, hours=3)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The figures of one small run of our index, the door and the exact peer."""
    folder = tmp_path_factory.mktemp("search")
    written = folder / "search.json"
    size = ["--rows", "4000", "--dim", "16", "--cameras", "9", "--hours", "3", "--queries", "3"]
    engines = ["--engines", "casetrace,door,faiss_flat", "--folder", str(folder / "work")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["search", "--json", str(written), *size, *engines])
        search.main()
    figures: dict[str, float] = json.loads(written.read_text("utf-8"))["figures"]
    return figures


@pytest.mark.parametrize("engine", ["casetrace", "door", "faiss_flat"])
@pytest.mark.parametrize("filter_name", FILTERS)
def test_report_has_every_figure_of_an_engine_and_filter(
    report: dict[str, float], engine: str, filter_name: str
) -> None:
    prefix = f"search.{engine}.{filter_name}"

    assert report[f"{prefix}.recall"] == 1
    assert 0 < report[f"{prefix}.p50_ms"] <= report[f"{prefix}.p99_ms"]


@pytest.mark.parametrize("engine", ["casetrace", "door", "faiss_flat"])
def test_report_has_adds_and_memory_of_an_engine(report: dict[str, float], engine: str) -> None:
    assert report[f"search.{engine}.adds_per_s"] > 0
    assert f"search.{engine}.memory_mb" in report


def test_report_has_the_ratio_to_a_peer(report: dict[str, float]) -> None:
    ours, theirs = (report[f"search.{name}.1pct.p50_ms"] for name in ("casetrace", "faiss_flat"))

    assert report["search.faiss_flat.1pct.ratio"] == pytest.approx(theirs / ours)


def test_a_peer_that_is_not_installed_is_left_out_with_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faiss")
    if _installed("pymilvus"):
        pytest.skip("pymilvus is installed here")
    make_gallery(SMALL, tmp_path)

    assert list(search.started(["milvus_lite"], tmp_path, {})) == []

    assert "milvus_lite: left out, it is not installed" in capsys.readouterr().out


def _installed(package: str) -> bool:
    try:
        __import__(package)
    except ImportError:
        return False
    return True


def test_gallery_is_in_order_of_time_with_unit_vectors(tmp_path: Path) -> None:
    make_gallery(SMALL, tmp_path)
    gallery = open_gallery(tmp_path)

    assert (np.diff(gallery.device_ns) >= 0).all()
    assert np.linalg.norm(gallery.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (np.bincount(gallery.tracklet_ids)[1:] == SHOTS).all()


@pytest.mark.parametrize("share", FILTERS.values())
def test_requests_hold_about_their_share_of_the_rows(tmp_path: Path, share: float) -> None:
    make_gallery(SMALL, tmp_path)
    gallery = open_gallery(tmp_path)
    order = gallery.by_camera
    starts = camera_starts(gallery.camera_ids[order], SMALL.cameras)

    requests = make_requests(SMALL, gallery, share, 40)

    held = [
        sum(high - low for low, high in ranges(starts, gallery.device_ns[order], request))
        for request in requests
    ]
    assert np.mean(held) / SMALL.rows == pytest.approx(share, rel=0.35)


def test_true_tracklets_are_those_of_a_search_by_hand(tmp_path: Path) -> None:
    make_gallery(SMALL, tmp_path)
    gallery = open_gallery(tmp_path)
    (request,) = make_requests(SMALL, gallery, 0.1, 1)
    scores = gallery.vectors @ request.query
    inside = np.zeros(SMALL.rows, np.bool_)
    for camera, start, end in zip(
        request.camera_ids, request.start_ns, request.end_ns, strict=True
    ):
        at_camera = gallery.camera_ids == camera
        inside |= at_camera & (gallery.device_ns >= start) & (gallery.device_ns < end)
    ranked = [int(gallery.tracklet_ids[row]) for row in np.argsort(-scores) if inside[row]]

    assert true_tracklets(gallery, [request], 5) == [list(dict.fromkeys(ranked))[:5]]


def test_recall_is_the_share_that_was_found() -> None:
    assert recall([1, 2, 3], [1, 2, 4, 5]) == 0.5
    assert recall([], []) == 1


def test_make_engine_refuses_an_unknown_name() -> None:
    assert isinstance(make_engine("casetrace"), CaseTrace)
    with pytest.raises(InvalidInput, match="engine: want one of casetrace"):
        make_engine("oracle")
