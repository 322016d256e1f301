"""What the bundled reader takes signs for: `core/plates/slips.json`, from plates it never saw.

    python -m training.plates.slips PACK.npz ... [--models FOLDER] [--out FILE]

The packs are of `training.plates.packs` or `training.plates.streets`, of numbers that were held
out. A read counts where it has as many signs as its plate, and a sign where the reader was sure of
a wrong one: what it did not know itself. Doubt that it states spreads over all signs alike.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.plate_recognition import opened_plate_models
from benchmarks.plate_slips import aligned, read_all
from core.arrays import F32, F64
from core.plates import confusion
from core.plates.alphabet import ABSENT, ALPHABET
from core.plates.confusion import save_slips
from core.runtime.catalogue import BUNDLED
from training.plates.packs import read_reader

_SURE = 0.5
OUT = Path(confusion.__file__).with_name("slips.json")


def slip_counts(reads: Sequence[F32], texts: Sequence[str]) -> F64:
    """How often each sign was surely read as another one, (C true, C seen): by its chance."""
    rows, signs = aligned(reads, texts)
    chances = np.exp(rows[:, :ABSENT])
    seen = chances.argmax(axis=1)
    sure = chances[np.arange(len(seen)), seen]
    wrong = (seen != signs) & (sure >= _SURE)
    counts = np.zeros((len(ALPHABET), len(ALPHABET)))
    np.add.at(counts, (signs[wrong], seen[wrong]), sure[wrong])
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--models", type=Path, default=BUNDLED, help="where the reader lies")
    parser.add_argument("--least-px", type=float, default=45.0)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    samples = [one for one in read_reader(asked.packs) if one.wide_px >= asked.least_px]
    with opened_plate_models("", Path(), asked.models) as models:
        if models is None:
            raise SystemExit(f"no plate models in {asked.models}")
        reads = read_all(models.reader, samples)
        key = models.reader.spec.key
    counts = slip_counts(reads, [one.text for one in samples])
    about = f"{key} on {len(samples)} plates held out, {asked.least_px:g} px wide and more"
    save_slips(counts, asked.out, about)
    print(f"{asked.out}: {counts.sum():.0f} signs' worth of slips; {about}")


if __name__ == "__main__":
    main()
