"""The calibration curve and its file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput, ModelMismatch, ModelMissing
from core.protocols import Calibration
from reid.calibration import KnotCalibration, Provenance, load_calibration, save_calibration

MODEL = "osnet@0123456789ab"


def provenance() -> Provenance:
    return Provenance("synthetic pairs", 7, "logistic", 40, 100, 900, 0.25)


def calibration(
    cosine: tuple[float, ...] = (0.2, 0.6), llr_at: tuple[float, ...] = (-2.0, 6.0)
) -> KnotCalibration:
    return KnotCalibration(MODEL, cosine, llr_at, provenance())


def written(path: Path, **changes: Any) -> Path:
    """A calibration file with top-level keys replaced; a value of `...` removes the key."""
    save_calibration(path, calibration())
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not ...}))
    return path


def test_ratio_between_knots_is_on_the_line() -> None:
    one: Calibration = calibration()
    assert one.model == MODEL
    assert one.llr(np.array([0.4], np.float32)).tolist() == [pytest.approx(2.0)]


def test_ratio_beyond_the_knots_stays_flat() -> None:
    assert calibration().llr(np.array([-1, 1], np.float32)).tolist() == [-2, 6]


def test_ratio_of_nothing_is_nothing() -> None:
    assert calibration().llr(np.empty(0, np.float32)).shape == (0,)


def test_ratio_keeps_the_shape_asked() -> None:
    llr = calibration().llr(np.zeros((2, 3), np.float32))
    assert llr.shape == (2, 3)
    assert llr.dtype == np.float32


def test_nan_cosine_raises() -> None:
    with pytest.raises(InvalidInput, match="NaN"):
        calibration().llr(np.array([np.nan], np.float32))


@pytest.mark.parametrize(
    ("cosine", "llr_at", "message"),
    [
        ((0.2,), (1.0,), "2 or more"),
        ((0.2, 0.6), (1.0,), "2 or more"),
        ((0.6, 0.2), (0.0, 1.0), "strictly ascending"),
        ((0.2, 0.2), (0.0, 1.0), "strictly ascending"),
        ((0.2, 0.6), (1.0, 0.0), "never fall"),
        ((0.2, float("nan")), (0.0, 1.0), "finite"),
    ],
)
def test_knots_that_make_no_curve_raise(
    cosine: tuple[float, ...], llr_at: tuple[float, ...], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        calibration(cosine, llr_at)


def test_provenance_without_material_raises() -> None:
    with pytest.raises(InvalidInput, match="fitted_on"):
        Provenance(" ", 7, "logistic", 40, 100, 900, 0.25)


def test_file_gives_back_the_same_calibration(tmp_path: Path) -> None:
    save_calibration(tmp_path / "c.json", calibration())
    assert load_calibration(tmp_path / "c.json", MODEL) == calibration()


def test_file_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch, match=rf"want one for other@1, got one for {MODEL}"):
        load_calibration(written(tmp_path / "c.json"), "other@1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "something"}, "want casetrace-calibration version 1"),
        ({"version": 2}, "got 'casetrace-calibration' version 2"),
        ({"llr": ...}, r"missing \['llr'\]"),
        ({"watch": 1}, r"unknown \['watch'\]"),
        ({"cosine": "0.2"}, "cosine: want a list"),
        ({"cosine": [0.2, "0.6"]}, "cosine: want float, got str"),
        ({"cosine": [0.2, True]}, "cosine: want float, got bool"),
        ({"llr": [2.0, 1.0]}, "never fall"),
        ({"model": 3}, "model: want str"),
        ({"provenance": {}}, "provenance: missing"),
        ({"provenance": []}, "provenance: want an object"),
    ],
)
def test_malformed_file_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelMismatch, match=message):
        load_calibration(written(tmp_path / "c.json", **changes), MODEL)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b'"text"', b"NaN"])
def test_file_that_is_no_calibration_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(ModelMismatch, match=r"calibration c\.json"):
        load_calibration(tmp_path / "c.json", MODEL)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"calibration c\.json: No such file"):
        load_calibration(tmp_path / "c.json", MODEL)
