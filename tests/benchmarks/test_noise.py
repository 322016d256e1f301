"""The fit of the embedding noise from a file: one family changes, the others stay."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import noise
from core.errors import InvalidInput
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
