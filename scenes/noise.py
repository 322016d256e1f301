"""How an embedder's vectors lie around the subjects they show: drawn at any scale, without pixels.

A vector is the unit vector along

    mean + subject + camera + passing + shot

Each part is normal, by its own variances per dimension, and of a length that varies by a log-normal
factor from draw to draw: some subjects look distinct, some passings are seen from behind, some
shots are cut badly. Without that factor people are found again far too easily.
`scenes.noise_fit` finds the numbers from vectors of known subjects.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.arrays import F32, F64, I64, same_length
from core.errors import InvalidInput
from scenes.draws import Draws
from scenes.splits import Split

BUNDLED = Path(__file__).with_name("noise.json")
_PURPOSE = 7001
_MEAN_SEED = 7002
_PARTS = ("subject", "camera", "passing", "shot")
_CHUNK_ROWS = 256


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a vector.

    `variance` is its mean squared length as a share of all; `spread` the sigma of the log-normal
    factor of its length; `decay` the power with which its variances fall over its dimensions;
    `overlap` the share of them that lies where the subjects differ.
    """

    variance: float
    spread: float = 0.0
    decay: float = 0.0
    overlap: float = 1.0

    def __post_init__(self) -> None:
        numbers = (self.variance, self.spread, self.decay, self.overlap)
        if min(numbers) < 0 or not np.isfinite(numbers).all() or self.overlap > 1:
            raise InvalidInput(f"noise: want finite numbers from 0 on, overlap to 1, got {self}")


@dataclass(frozen=True)
class EmbeddingNoise:
    """How vectors of `dim` numbers lie.

    `mean` is the squared length of what all vectors share. A share `alike` of the subjects has one
    of `looks` looks each, and `likeness` of its part in common with all others of that look: how
    many look-alikes somebody has grows with the town. A rider and the same person on foot are alike
    by `mounted`.
    """

    dim: int
    mean: float
    subject: Part
    camera: Part
    passing: Part
    shot: Part
    alike: float = 0.0
    likeness: float = 0.0
    looks: int = 1
    mounted: float = 1.0

    def __post_init__(self) -> None:
        names = ("mean", "alike", "likeness", "mounted")
        shares = {name: getattr(self, name) for name in names}
        bad = {name: share for name, share in shares.items() if not 0 <= share <= 1}
        if self.dim < 2 or self.looks < 1 or bad:
            raise InvalidInput(f"noise: want 2 dimensions, a look and shares of 0 to 1, got {self}")

    @cached_property
    def spectra(self) -> Mapping[str, F64]:
        """Each part's variances (D,), of sum 1."""
        subject = power_law(self.dim, self.subject.decay)
        found = {"subject": subject}
        for place, name in enumerate(_PARTS[1:]):
            part: Part = getattr(self, name)
            own = power_law(self.dim, part.decay)[permutation(self.dim, place)]
            found[name] = part.overlap * subject + (1 - part.overlap) * own
        return found

    @cached_property
    def common(self) -> F32:
        """What all vectors share, (D,)."""
        direction = np.random.default_rng(_MEAN_SEED).standard_normal(self.dim)
        scaled = direction * np.sqrt(self.mean) / np.linalg.norm(direction)
        return np.asarray(scaled, np.float32)


def power_law(dim: int, decay: float) -> F64:
    """Variances (D,) that fall as k^-decay, of sum 1."""
    falling = np.arange(1, dim + 1) ** -float(decay)
    return np.asarray(falling / falling.sum())


def permutation(dim: int, place: int) -> I64:
    """The order in which part number `place` uses the dimensions, always the same."""
    return np.random.default_rng((_MEAN_SEED, place)).permutation(dim)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What a batch of vectors is of, all (N,): any numbers that tell one from another."""

    subjects: I64
    cameras: I64
    passings: I64
    shots: I64

    def __post_init__(self) -> None:
        same_length(
            subjects=self.subjects, cameras=self.cameras, passings=self.passings, shots=self.shots
        )

    def __len__(self) -> int:
        return len(self.subjects)


class VectorDraws:
    """The vectors of one embedder in one city; every one a function of its numbers alone."""

    def __init__(
        self,
        noise: EmbeddingNoise,
        seed: int,
        split: Split,
        *,
        model: int = 0,
        riders: Mapping[int, int] | None = None,
    ) -> None:
        """`model` tells embedders apart that see the same city. `riders` are subjects who are
        another one, mounted."""
        self.noise = noise
        self._riders = dict(riders or {})
        self._parts = {
            name: Draws(seed, split, _PURPOSE, model, place) for place, name in enumerate(_PARTS)
        }
        self._lengths = {
            name: Draws(seed, split, _PURPOSE, model, 10 + place)
            for place, name in enumerate(_PARTS)
        }
        self._groups = Draws(seed, split, _PURPOSE, model, 20)
        self._alike = Draws(seed, split, _PURPOSE, 21)

    def vectors(self, of: Drawn) -> F32:
        """Unit rows (N, D)."""
        drawn = np.empty((len(of), self.noise.dim), np.float32)
        for first in range(0, len(of), _CHUNK_ROWS):
            part = slice(first, first + _CHUNK_ROWS)
            rows = drawn[part]
            rows[:] = self.noise.common
            for name, numbers in zip(
                _PARTS, (of.subjects, of.cameras, of.passings, of.shots), strict=True
            ):
                different, place = np.unique(numbers[part], return_inverse=True)
                rows += self._part(name, different)[place]
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return drawn

    def dimness(self, shots: I64) -> F64:
        """How far the shot's own part is from its usual length, standard normal, (N,)."""
        return np.asarray(self._lengths["shot"].normals(shots, 1)[:, 0], np.float64)

    def _part(self, name: str, numbers: I64) -> F32:
        part: Part = getattr(self.noise, name)
        spectrum = np.sqrt(part.variance * self.noise.spectra[name]).astype(np.float32)
        drawn = self._subjects(numbers) if name == "subject" else self._normals(name, numbers)
        drawn *= spectrum
        if part.spread:
            factor = self._lengths[name].normals(numbers, 1)
            # E[factor^2] = 1: the spread leaves the variance as it is.
            drawn *= np.exp(part.spread * factor - part.spread**2)
        return drawn

    def _normals(self, name: str, numbers: I64) -> F32:
        return self._parts[name].normals(numbers, self.noise.dim)

    def _subjects(self, numbers: I64) -> F32:
        """Standard normal rows of subjects, look-alikes and riders correlated as they are."""
        drawn = self._normals("subject", numbers)
        if self.noise.alike:
            self._make_alike(drawn, numbers)
        rows = [row for row, one in enumerate(numbers.tolist()) if one in self._riders]
        if rows:
            persons = np.array([self._riders[int(numbers[row])] for row in rows], np.int64)
            drawn[rows] = _mixed(self._subjects(persons), drawn[rows], self.noise.mounted)
        return drawn

    def _make_alike(self, drawn: F32, numbers: I64) -> None:
        chance = self._alike.uniforms(numbers, 2)
        rows = np.flatnonzero(chance[:, 0] < self.noise.alike)
        looks = (chance[rows, 1] * self.noise.looks).astype(np.int64)
        shared = self._groups.normals(looks, self.noise.dim)
        drawn[rows] = _mixed(shared, drawn[rows], self.noise.likeness**0.5)


def _mixed(shared: F32, own: F32, correlation: float) -> F32:
    """Standard normal rows that correlate so with the `shared` ones."""
    rest = (1 - correlation**2) ** 0.5
    return np.asarray(np.float32(correlation) * shared + np.float32(rest) * own)


# --- kept as JSON --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FittedNoise:
    """Noise with where it came from: the embedder, the material, and how well it resembles it."""

    model: str
    fitted_on: str
    noise: EmbeddingNoise
    real: Mapping[str, float]
    drawn: Mapping[str, float]


def load_noise(path: Path = BUNDLED) -> dict[str, FittedNoise]:
    """The fitted noise of each embedder family (`person`, `vehicle`) in a JSON file.

    Raises `InvalidInput` for what is none.
    """
    try:
        families = json.loads(path.read_text("utf-8"))
        return {name: _read(fields) for name, fields in families.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(f"{path}: want fitted noise by family: {error!r}") from error


def _read(fields: Mapping[str, Any]) -> FittedNoise:
    numbers = dict(fields["noise"])
    numbers |= {name: Part(**numbers[name]) for name in _PARTS}
    return FittedNoise(
        str(fields["model"]),
        str(fields["fitted_on"]),
        EmbeddingNoise(**numbers),
        dict(fields["real"]),
        dict(fields["drawn"]),
    )


def save_noise(fitted: Mapping[str, FittedNoise], path: Path) -> None:
    """Write what `load_noise` reads, rounded to what the fits can tell."""
    content = {name: _rounded(asdict(one)) for name, one in fitted.items()}
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value
