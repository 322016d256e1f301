"""What a reader takes the signs of drawn plates for: the noise that `benchmarks.plates` spoils by.

    python -m benchmarks.plate_slips PACK.npz ... --out FOLDER [--models FOLDER] [--least-px 60]

The packs are of `training.plates.packs`, drawn from numbers that no training saw. Writes
`plate_confusion.json`, counted over plates at least so wide with the confusion that is believed of
any reader as the prior, and `plate_noise.json`, which names it and says how much surer the reader
is than it should be: the temperature at which its chances surprise the least. Slips come together,
on plates that are hard to see: `spread` is such that as many plates are read right as were, and the
confusion is that of a plate of middling quality.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, ndtri

from benchmarks.plate_noise import NoiseLevel
from benchmarks.plate_recognition import opened_plate_models
from core.arrays import F32, F64, I64
from core.plates.alphabet import ABSENT, COLUMNS, index_of, likeliest_text
from core.plates.confusion import Confusion, learned, save_confusion
from core.protocols import PlateReader
from core.runtime.catalogue import BUNDLED
from training.plates.packs import ReaderSample, decoded, read_reader

_AT_ONCE = 64
_MOST_BOAST = 4.0
_SPREADS = (0.05, 1.0)
_QUALITIES = 400


def read_all(reader: PlateReader, samples: Sequence[ReaderSample]) -> list[F32]:
    """The log-probabilities (P, A) of each sample."""
    found: list[F32] = []
    for start in range(0, len(samples), _AT_ONCE):
        pictures = [decoded(one.jpeg) for one in samples[start : start + _AT_ONCE]]
        level = np.stack(pictures).transpose(0, 3, 1, 2)
        found += [one.log_probs for one in reader.read(np.ascontiguousarray(level))]
    return found


def slips(reads: Sequence[F32], texts: Sequence[str]) -> tuple[Confusion, NoiseLevel]:
    """The confusion that reads of known plates show, and how far they can be believed."""
    said = [likeliest_text(read) for read in reads]
    confusion = learned(zip(texts, said, strict=True))
    rows, signs = aligned(reads, texts)
    void = float(np.exp(rows[:, ABSENT]).sum() / max(len(rows), 1))
    error = float((rows.argmax(axis=1) != signs).mean()) if len(rows) else 0.0
    whole = [a == b for a, b in zip(texts, said, strict=True) if len(a) == len(b)]
    length = float(np.mean([len(text) for text in texts]))
    middling, spread = clustered(error, float(np.mean(whole)) if whole else 1.0, length)
    level = NoiseLevel(spread=spread, boast=boast(rows, signs), void=max(void, 1e-3))
    return scaled(confusion, middling / error if error else 1.0), level


def clustered(error: float, exact: float, length: float) -> tuple[float, float]:
    """The chance of a slip at middling quality and the `spread` of quality at which a share `error`
    of signs is wrong and a share `exact` of plates of that `length` is right.

    As `benchmarks.plate_noise` draws them: at quality q a sign is wrong with the chance
    Phi(q Phi^-1(e)), and ln q is normal. Where slips come no more together than by chance the
    spread is the least.
    """
    low, high = _SPREADS
    if not 0 < error < 0.45 or not 0 < exact < 1:
        return error, low
    if _exact(_middling(error, high), high, length) <= exact:
        return _middling(error, high), high
    if _exact(_middling(error, low), low, length) >= exact:
        return _middling(error, low), low

    def missed(spread: float) -> float:
        return _exact(_middling(error, spread), spread, length) - exact

    spread = float(brentq(missed, low, high, xtol=1e-4))
    return _middling(error, spread), spread


def _middling(error: float, spread: float) -> float:
    """The chance of a slip at quality 1 if `error` is that over all qualities."""
    return float(brentq(lambda e: float(_chances(e, spread).mean()) - error, 1e-200, 0.49))


def _exact(middling: float, spread: float, length: float) -> float:
    return float(((1 - _chances(middling, spread)) ** length).mean())


def _chances(middling: float, spread: float) -> F64:
    """Of a slip, at evenly likely qualities."""
    qualities = np.exp(spread * ndtri((np.arange(_QUALITIES) + 0.5) / _QUALITIES))
    return np.asarray(ndtr(qualities * ndtri(middling)), np.float64)


def scaled(confusion: Confusion, share: float) -> Confusion:
    """The confusion with each chance of a slip times `share`."""
    seen = confusion.seen_given_true * share
    np.fill_diagonal(seen, 0.0)
    np.fill_diagonal(seen, 1 - seen.sum(axis=1))
    return Confusion(seen, confusion.missing, confusion.extra)


def boast(rows: F64, signs: I64) -> float:
    """The temperature at which log-probabilities (N, A) of true `signs` (N,) surprise the least; at
    least 1, and that where there are none."""
    if not len(rows):
        return 1.0

    def surprise(temperature: float) -> float:
        cooled = rows / temperature
        whole = np.logaddexp.reduce(cooled, axis=1)
        return float((whole - cooled[np.arange(len(rows)), signs]).mean())

    best = minimize_scalar(surprise, bounds=(1.0, _MOST_BOAST), method="bounded")
    return float(best.x)


def aligned(reads: Sequence[F32], texts: Sequence[str]) -> tuple[F64, I64]:
    """What was said (N, A) at positions whose true sign (N,) is known: of reads that have as many
    signs as their plates."""
    rows, signs = [np.empty((0, COLUMNS))], [np.empty(0, np.int64)]
    for read, text in zip(reads, texts, strict=True):
        real = read[read.argmax(axis=1) != ABSENT]
        if len(real) == len(text):
            rows.append(real.astype(np.float64))
            signs.append(index_of(text))
    return np.concatenate(rows), np.concatenate(signs)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=BUNDLED, help="where the reader lies")
    parser.add_argument("--least-px", type=float, default=60.0)
    asked = parser.parse_args()
    samples = [one for one in read_reader(asked.packs) if one.wide_px >= asked.least_px]
    with opened_plate_models("", Path(), asked.models) as models:
        if models is None:
            raise SystemExit(f"no plate models in {asked.models}")
        reads = read_all(models.reader, samples)
    texts = [one.text for one in samples]
    confusion, level = slips(reads, texts)
    asked.out.mkdir(parents=True, exist_ok=True)
    save_confusion(confusion, asked.out / "plate_confusion.json")
    noise = {"confusion": "plate_confusion.json", **asdict(level)}
    (asked.out / "plate_noise.json").write_text(json.dumps(noise, indent=2) + "\n", "utf-8")
    exact = np.mean([likeliest_text(a) == b for a, b in zip(reads, texts, strict=True)])
    kept = np.diag(confusion.seen_given_true).mean()
    print(f"{len(samples)} plates, {exact:.3f} exact; signs seen as they are: {kept:.3f}; {level}")


if __name__ == "__main__":
    main()
