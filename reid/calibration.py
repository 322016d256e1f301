"""Cosine to log-likelihood ratio: the curve, its file, and what it was fitted on.

A curve is a few knots, so that one file format serves every way of fitting and a person can read
it. It states its provenance, because a probability without one is a guess.
"""

import json
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import F32
from core.errors import InvalidInput, ModelMismatch, ModelMissing

FORMAT = "casetrace-calibration"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a calibration rests on. `subjects` is how many people or vehicles the pairs are of.

    `fitted_on` names the material in words; `at_ns` is when it was fitted; `same` and `different`
    count the pairs; `cllr_bits` is its loss on them (Brummer & du Preez 2006).
    """

    fitted_on: str
    at_ns: int
    method: str
    subjects: int
    same: int
    different: int
    cllr_bits: float

    def __post_init__(self) -> None:
        if not self.fitted_on.strip():
            raise InvalidInput("fitted_on: want the material in words, got nothing")
        if min(self.subjects, self.same, self.different) < 1:
            raise InvalidInput(
                "calibration: want subjects and pairs of both kinds, got "
                f"{self.subjects} subjects, {self.same} same, {self.different} different"
            )


@dataclass(frozen=True, slots=True)
class KnotCalibration:
    """A `Calibration`: straight lines between knots, flat beyond the first and the last.

    `cosine` ascends strictly, `llr` never falls: more alike is never evidence against. The ends
    are the strongest claims that the amount of material supports.
    """

    model: str
    cosine: tuple[float, ...]
    llr_at: tuple[float, ...]
    provenance: Provenance

    def __post_init__(self) -> None:
        if not self.model:
            raise InvalidInput("model: want the key of an embedder, got nothing")
        if len(self.cosine) != len(self.llr_at) or len(self.cosine) < 2:
            raise InvalidInput(
                f"knots: want 2 or more pairs, got {len(self.cosine)} cosines and "
                f"{len(self.llr_at)} ratios"
            )
        if not np.isfinite([*self.cosine, *self.llr_at]).all():
            raise InvalidInput("knots: want finite numbers")
        if any(b <= a for a, b in pairwise(self.cosine)):
            raise InvalidInput("cosine: want strictly ascending knots")
        if any(b < a for a, b in pairwise(self.llr_at)):
            raise InvalidInput("llr: want knots that never fall")

    def llr(self, cosine: F32) -> F32:
        """Natural-log likelihood ratio of each cosine, same shape."""
        if np.isnan(cosine).any():
            raise InvalidInput("cosine: want numbers, got NaN")
        return np.interp(cosine, self.cosine, self.llr_at).astype(np.float32)


def save_calibration(path: Path, calibration: KnotCalibration) -> None:
    """Write the calibration as JSON that `load_calibration` reads back exactly."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "model": calibration.model,
        "cosine": list(calibration.cosine),
        "llr": list(calibration.llr_at),
        "provenance": asdict(calibration.provenance),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def load_calibration(path: Path, model: str) -> KnotCalibration:
    """The calibration in `path`, if it was fitted for the embedder with key `model`.

    Raises `ModelMissing` if the file cannot be read, `ModelMismatch` if it belongs to another
    model, is of another version, or does not hold together.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelMissing(f"calibration {path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelMismatch(f"calibration {path.name}: want JSON in UTF-8") from error
    try:
        calibration = _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError, OverflowError, InvalidInput, RecursionError) as error:
        raise ModelMismatch(f"calibration {path.name}: {_reason(error)}") from error
    if calibration.model != model:
        raise ModelMismatch(
            f"calibration {path.name}: want one for {model}, got one for {calibration.model}"
        )
    return calibration


def _parsed(content: Any) -> KnotCalibration:
    wanted = {"format", "version", "model", "cosine", "llr", "provenance"}
    _want_keys("file", content, wanted)
    if (content["format"], content["version"]) != (FORMAT, VERSION):
        raise InvalidInput(
            f"want {FORMAT} version {VERSION}, got {content['format']!r} "
            f"version {content['version']!r}"
        )
    names = {field.name for field in fields(Provenance)}
    _want_keys("provenance", content["provenance"], names)
    return KnotCalibration(
        model=_typed("model", content["model"], str),
        cosine=_numbers("cosine", content["cosine"]),
        llr_at=_numbers("llr", content["llr"]),
        provenance=_provenance(content["provenance"]),
    )


def _provenance(found: dict[str, Any]) -> Provenance:
    return Provenance(
        fitted_on=_typed("fitted_on", found["fitted_on"], str),
        at_ns=_typed("at_ns", found["at_ns"], int),
        method=_typed("method", found["method"], str),
        subjects=_typed("subjects", found["subjects"], int),
        same=_typed("same", found["same"], int),
        different=_typed("different", found["different"], int),
        cllr_bits=float(_typed("cllr_bits", found["cllr_bits"], float, int)),
    )


def _want_keys(place: str, found: Any, wanted: set[str]) -> None:
    if not isinstance(found, dict):
        raise InvalidInput(f"{place}: want an object, got {type(found).__name__}")
    if set(found) != wanted:
        missing, unknown = sorted(wanted - set(found)), sorted(set(found) - wanted)
        raise InvalidInput(f"{place}: missing {missing}, unknown {unknown}")


def _typed(name: str, value: Any, *wanted: type) -> Any:
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise InvalidInput(f"{name}: want {wanted[0].__name__}, got {type(value).__name__}")
    return value


def _numbers(name: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list):
        raise InvalidInput(f"{name}: want a list of numbers, got {type(values).__name__}")
    return tuple(float(_typed(name, value, float, int)) for value in values)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"want JSON, line {error.lineno}: {error.msg}"
    return str(error) or type(error).__name__
