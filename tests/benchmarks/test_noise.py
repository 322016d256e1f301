"""The fit of the embedding noise from a file: one family changes, the others stay."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import noise
from benchmarks.pages import Page, PaintedCity
from core.arrays import F32
from core.errors import InvalidInput
from core.types import Family
from ingest.surface import HostSurface
from reid.fake import ColourEmbedder
from scenes.noise import BUNDLED, Drawn, VectorDraws, load_noise
from scenes.splits import Split


def labelled(path: Path) -> Path:
    """Twelve subjects, each three times in each of four cameras."""
    shots = np.arange(12 * 4 * 3)
    identities, cameras, tracklets = shots // 12, shots // 3 % 4, shots // 3
    draws = VectorDraws(load_noise()["person"].noise, 3, Split.TEST)
    vectors = draws.vectors(Drawn(identities, cameras, tracklets, shots))
    np.savez(path, vectors=vectors, identities=identities, cameras=cameras, tracklets=tracklets)
    return path


def test_fit_of_a_file_changes_its_family_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "noise.json"
    into.write_bytes(BUNDLED.read_bytes())
    vectors = labelled(tmp_path / "vectors.npz")
    words = ["--family", "vehicle", "--model", "cars@1", "--fitted-on", "drawn cars"]
    monkeypatch.setattr(
        sys, "argv", ["noise", "--vectors", str(vectors), "--into", str(into), *words]
    )

    noise.main()

    found = load_noise(into)
    assert found["person"] == load_noise()["person"]
    assert found["vehicle"].model == "cars@1"
    assert found["vehicle"].fitted_on == (
        "drawn cars: 144 crops of 12 subjects, 4 cameras, 48 tracklets"
    )


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    np.savez(path, vectors=np.zeros((3, 4), np.float32))

    with pytest.raises(InvalidInput, match="want labelled vectors"):
        noise.fitted_file(path, "", "")


# --- painted cities ------------------------------------------------------------------------------


def shots(vectors: F32, *labels: Sequence[int]) -> noise.PaintedShots:
    return noise.PaintedShots(vectors, *(np.array(column, np.int64) for column in labels))


def test_how_alike_a_rider_is_counts_between_strangers_and_the_same_on_foot() -> None:
    # Two subjects on axes of their own, each on foot in two cameras; the first one rides in a third
    # at 60 degrees from how it looks on foot.
    east, north = np.array([1.0, 0, 0, 0]), np.array([0, 1.0, 0, 0])
    riding = np.array([0.5, 0, 0.75**0.5, 0])
    vectors = np.stack([east, east, riding, north, north]).astype(np.float32)

    found = shots(vectors, [0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 1, 2, 3, 4], [0, 0, 1, 0, 0])

    assert noise.mounted(found) == pytest.approx(0.5)


def test_nobody_who_rides_too_leaves_riders_as_they_are_on_foot() -> None:
    vectors = np.eye(4, dtype=np.float32)

    assert noise.mounted(shots(vectors, [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 2, 3], [0] * 4)) == 1.0


def test_shots_of_two_cities_share_no_identity_and_no_camera() -> None:
    page = Page(Family.PERSON, 3, 1, "day", "clear", 90.0, (jpeg(), jpeg()))
    cities = [PaintedCity((page,), ()), PaintedCity((page,), ())]

    found = noise.painted_shots(cities, (Family.PERSON,), ColourEmbedder())

    assert len(found.vectors) == 4
    for column in (found.identities, found.cameras, found.tracklets):
        assert len(np.unique(column)) == 2
    assert len(noise.painted_shots(cities, (Family.VEHICLE,), ColourEmbedder()).vectors) == 0


def jpeg() -> bytes:
    return HostSurface.of_rgb(np.full((32, 16, 3), 90, np.uint8)).jpeg()
