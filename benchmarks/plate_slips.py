"""What a reader takes the signs of drawn plates for: the noise that `benchmarks.plates` spoils by.

    python -m benchmarks.plate_slips PACK.npz ... --out FOLDER [--models FOLDER] [--least-px 60]

The packs are of `training.plates.packs`, drawn from numbers that no training saw. Writes
`plate_confusion.json`, counted over plates at least so wide with the confusion that is believed of
any reader as the prior, and `plate_noise.json`, which names it and says how much surer the reader
is than it should be: the temperature at which its chances surprise the least.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar

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
    rows, signs = _aligned(reads, texts)
    void = float(np.exp(rows[:, ABSENT]).sum() / max(len(rows), 1))
    return confusion, NoiseLevel(boast=boast(rows, signs), void=max(void, 1e-3))


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


def _aligned(reads: Sequence[F32], texts: Sequence[str]) -> tuple[F64, I64]:
    """Positions whose true sign is known: of reads as long as their plates."""
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
