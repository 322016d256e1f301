"""What a reader sees where a plate says something else.

`seen_given_true[t, s]` is the chance that a sign t is seen as s; besides, a sign may be missed or
one seen that is not there. Learned from pairs of truth and reading by counting their alignments
with Dirichlet smoothing; without pairs, `default_confusion` is how the bundled reader errs.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.arrays import F64, I64, checked
from core.errors import InvalidInput, StorageCorrupt
from core.plates.alignment import NONE, align
from core.plates.alphabet import ALPHABET, DIGITS, LETTERS, PROVINCES, SPECIALS, index_of

_FORMAT = "casetrace-plate-confusion-1"
_SLIPS_FORMAT = "casetrace-plate-slips-1"
_SLIPS = Path(__file__).with_name("slips.json")
_STATED = 20.0  # signs' worth of slips that the stated look-alikes count for
_SIZE = len(ALPHABET)


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Chances of a reader's slips: `seen_given_true` (C, C) with rows that sum to one and no zero;
    `missing` per sign of the plate, `extra` per sign seen."""

    seen_given_true: F64
    missing: float
    extra: float

    def __post_init__(self) -> None:
        checked("seen_given_true", self.seen_given_true, np.float64, _SIZE, _SIZE)
        sums = self.seen_given_true.sum(axis=1)
        if not np.allclose(sums, 1.0, atol=1e-6) or self.seen_given_true.min() <= 0:
            raise InvalidInput(
                "seen_given_true: want rows of chances above 0 that sum to 1,"
                f" got sums {sums.min():.6f} to {sums.max():.6f}"
            )
        for name, rate in (("missing", self.missing), ("extra", self.extra)):
            if not 0.0 < rate < 0.5:
                raise InvalidInput(f"{name}: want a chance above 0 and below 0.5, got {rate}")

    def true_given_seen(self) -> F64:
        """The chance of each true sign where one was seen, (C seen, C true), all signs alike
        beforehand."""
        return np.asarray((self.seen_given_true / self.seen_given_true.sum(axis=0)).T)


@lru_cache(maxsize=1)
def default_confusion() -> Confusion:
    """What is believed of a reader that nobody measured.

    A sign is taken for another with the chance `_ERROR` of its class; of that, seven parts in ten
    go to what readers take it for, two to its class, one to anything. Doubt that a reader states
    itself comes on top: this is what it does not know of, so its size is stated, not learned; on
    which signs it falls is learned (`slips`).
    """
    chances = np.zeros((_SIZE, _SIZE))
    for signs, error in _ERROR:
        rows = index_of(signs)
        chances[np.ix_(rows, rows)] += 0.2 * error / (len(signs) - 1)
        chances[rows] += 0.1 * error / (_SIZE - 1)
        chances[rows] += 0.7 * error * _shares_of_slips(signs)
        chances[rows, rows] = 0.0
        chances[rows, rows] = 1.0 - chances[rows].sum(axis=1)
    chances.flags.writeable = False
    return Confusion(chances, missing=0.02, extra=0.01)


_ERROR = ((DIGITS + LETTERS, 0.05), (PROVINCES, 0.10), (SPECIALS, 0.10))

_ALIKE: tuple[tuple[float, str], ...] = (
    (6, "0O 1I"),
    (5, "8B 5S 2Z"),
    (4, "0D 0Q OQ 6G"),
    (3, "OD IL IT UV MN EF FP PR CG 17"),
    (2, "DQ 1L 1T 7T 4A VY MH NH MW KX BD BR 56 38 3B 9P 京琼 津浙 沪浙 鲁晋 桂挂 学宁 苏赣 贵赣"),
    (1, "0C 0U 0G OC OU 1J IJ 7Z 7Y 68 08 89 8S 35 3S 9G 69 UJ UL VW XY HK RK BE CO GQ 06 27 4H"),
    (1, "沪津 湘浙 渝湘 渝豫 蒙豫 蒙冀 黑鲁 黑冀 豫赣 皖陕 吉青 青晋 贵黑 川皖 云甘 闽粤 粤鄂"),
    (1, "港津 港渝 澳港 警蒙 使应 领鄂 藏湘 新皖"),
)
"""Pairs of signs that look alike, with how much, relative to each other."""


@lru_cache(maxsize=1)
def slips() -> F64:
    """How often the bundled reader surely took each sign for another one, (C true, C seen), 0 for
    the true one: counted over plates that no training saw (`training.plates.slips`), each by the
    chance that it gave.

    Raises `StorageCorrupt` where the package's file is not what it should be.
    """
    try:
        record = json.loads(_SLIPS.read_text(encoding="utf-8"))
        if record["format"] != _SLIPS_FORMAT:
            raise StorageCorrupt(f"{_SLIPS}: want {_SLIPS_FORMAT}, got {record['format']}")
        counts = np.zeros((_SIZE, _SIZE))
        for true, seen in record["slips"].items():
            counts[index_of(true)[0], index_of("".join(seen))] = list(seen.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidInput) as error:
        raise StorageCorrupt(f"{_SLIPS}: want {_SLIPS_FORMAT}, got {error}") from error
    counts.flags.writeable = False
    return counts


def save_slips(counts: F64, path: Path, about: str) -> None:
    """Write counts (C, C) as `slips` reads them, a sign a line; `about` says what was counted."""
    plain = json.JSONEncoder(ensure_ascii=False)
    lines = [
        f"{plain.encode(sign)}: {plain.encode(_worth(counts[row]))}"
        for row, sign in enumerate(ALPHABET)
    ]
    head = f'"format": "{_SLIPS_FORMAT}", "about": {json.dumps(about)}'
    text = f'{{{head}, "slips": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.write_text(text, encoding="utf-8")


def _worth(counts: F64) -> dict[str, float]:
    """The signs that make up all but a hundredth of some counts (C,), the most first."""
    order = np.argsort(-counts, kind="stable")
    kept = order[: 1 + int(np.searchsorted(counts[order].cumsum(), 0.99 * counts.sum()))]
    return {ALPHABET[row]: round(float(counts[row]), 2) for row in kept.tolist() if counts[row] > 0}


def _shares_of_slips(signs: str) -> F64:
    """How the mistakes about each of `signs` fall on others, (len(signs), C): what was counted,
    with what is known of shapes beforehand (a Dirichlet prior)."""
    counted = slips()[index_of(signs)] + _STATED * _shares_of_neighbours(signs)
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))


def _shares_of_neighbours(signs: str) -> F64:
    """How the mistakes about each of `signs` fall on its look-alikes, (len(signs), C); a sign that
    has none is taken for any of its class."""
    weights = np.zeros((_SIZE, _SIZE))
    for weight, pairs in _ALIKE:
        for first, second in map(index_of, pairs.split()):
            weights[first, second] = weights[second, first] = weight
    rows = index_of(signs)
    lonely = rows[weights[rows].sum(axis=1) == 0]
    weights[np.ix_(lonely, rows)] = 1.0
    weights[lonely, lonely] = 0.0
    return np.asarray(weights[rows] / weights[rows].sum(axis=1, keepdims=True))


def learned(
    pairs: Iterable[tuple[str, str]], *, prior: Confusion | None = None, strength: float = 50.0
) -> Confusion:
    """The confusion that pairs of canonical texts (true, read) show.

    `strength` is how many signs' worth of evidence the prior counts for: that many for each true
    sign, and twenty times that for the rates of missing and extra ones.
    """
    prior = prior or default_confusion()
    counts = np.zeros((_SIZE, _SIZE))
    missing, extra, true_signs, seen_signs = 0, 0, 0, 0
    for true, read in pairs:
        true_columns, read_columns = index_of(true), index_of(read)
        for i, j in _aligned(true_columns, read_columns, prior):
            if i != NONE and j != NONE:
                counts[true_columns[i], read_columns[j]] += 1
            missing += j == NONE
            extra += i == NONE
        true_signs, seen_signs = true_signs + len(true), seen_signs + len(read)
    smoothed = counts + strength * prior.seen_given_true
    ballast = 20 * strength
    return Confusion(
        smoothed / smoothed.sum(axis=1, keepdims=True),
        missing=_rate(missing + ballast * prior.missing, true_signs + ballast),
        extra=_rate(extra + ballast * prior.extra, seen_signs + ballast),
    )


def _rate(count: float, total: float) -> float:
    return min(count / total, 0.49)


def _aligned(true: I64, read: I64, prior: Confusion) -> list[tuple[int, int]]:
    match = np.log(prior.seen_given_true[np.ix_(true, read)])
    drop = np.full(len(true), np.log(prior.missing))
    # An invented sign costs its rate and what it happens to be.
    add = np.full((len(true) + 1, len(read)), np.log(prior.extra / _SIZE))
    return align(match, drop, add)


def save_confusion(confusion: Confusion, path: Path) -> None:
    """Write `confusion` as JSON; what is unlikely is written too, so that nothing is rounded."""
    record = {
        "format": _FORMAT,
        "alphabet": ALPHABET,
        "missing": confusion.missing,
        "extra": confusion.extra,
        "seen_given_true": confusion.seen_given_true.tolist(),
    }
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def load_confusion(path: Path) -> Confusion:
    """The confusion kept at `path`.

    Raises `StorageCorrupt` for what is no such file, or one of another alphabet.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != _FORMAT or record["alphabet"] != ALPHABET:
            raise StorageCorrupt(f"{path}: want {_FORMAT} over this alphabet, got another")
        matrix = np.array(record["seen_given_true"], dtype=np.float64)
        return Confusion(matrix, missing=float(record["missing"]), extra=float(record["extra"]))
    except (OSError, ValueError, KeyError, TypeError, InvalidInput) as error:
        raise StorageCorrupt(f"{path}: want {_FORMAT}, got {error}") from error
