"""Model cards, written from the results of the measurements, never by hand.

    python -m training.cards

A figure that was not measured reads "unknown". What goes into a card: `training.detector`,
`training.embedder` and `training.calibrate` leave it as JSON in the work folder; what real footage
says, `benchmarks.recognition --detector city-detector --embedder city-person` writes (`--real`).
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.runtime.catalogue import BUNDLED, declared_in
from core.types import ModelSpec, ObjectClass
from training.declared import NAMES

Results = Mapping[str, Any]

_TRAINED_ON = (
    "Trained from scratch on a synthetic city that `scenes/` renders, and on nothing else: no "
    "photograph, no film, no data set of anybody, none of DukeMTMC or what derives from it. Seeds, "
    "looks and camera views of training are never those of calibration or of tests."
)
_NOT_FOR = (
    "Not for deciding who somebody is. It finds what looks alike; telling strangers in similar "
    'clothes apart is unsolved, and the words are "similar appearance". On real cameras it is '
    "weaker than a model trained on photographs: `casetrace models pull street` gets those."
)
_DRAWN_ON = (
    "Trained from scratch on plates that `training/plates/` draws, and on nothing else: numbers "
    "that nobody owns, in open typefaces and strokes of our own, on vehicles out of a few blocks "
    "of colour and in pictures of the synthetic city. Real photographs are measured on, never "
    "trained on; half of them may have guided the drawing."
)
_NOT_A_REGISTER = (
    "Not for deciding who owns or drives a vehicle, and no single read is evidence: reads keep "
    "their doubt, and only people confirm. Plates of layouts that were not drawn, hand-painted, "
    "covered or forged ones are read as something else."
)
_UNKNOWN = "unknown"


def card(spec: ModelSpec, training: Results, results: Results | None, real: Results | None) -> str:
    """The card of one model as Markdown."""
    of_plates = spec.task in ("plate_find", "plate_read")
    trained_on = _DRAWN_ON if of_plates else _TRAINED_ON
    lines = [f"# {spec.name}", "", _what(spec), "", "## Trained on", "", trained_on, ""]
    lines += list(_trained(training))
    lines += ["", "## Licence", "", f"{spec.licence}, weights as code.", ""]
    if of_plates:
        lines += list(_plate_figures(spec, training))
    elif spec.task == "detect":
        lines += list(_detector_figures(training))
    else:
        lines += list(_embedder_figures(results))
    not_for = _NOT_A_REGISTER if of_plates else _NOT_FOR
    lines += ["", "## On real footage", "", *_real(real), "", "## Not for", "", not_for, ""]
    return "\n".join(lines)


def _what(spec: ModelSpec) -> str:
    height, width = spec.input_hw
    size = f"input {height} x {width}, RGB"
    if spec.task == "detect":
        does = f"Finds {', '.join(spec.labels)} in a picture"
    elif spec.task == "plate_find":
        does = "Finds the four corners of each plate in a crop of a vehicle or rider"
    elif spec.task == "plate_read":
        does = "Reads a plate made level: each position's chances, layout and colour"
    else:
        does = f"Turns a crop of a {spec.family} or rider into {spec.dim} numbers"
    return f"{does}; {size}. Key `{spec.key}`."


def _trained(training: Results) -> Iterator[str]:
    last = training["history"][-1]
    versions = ", ".join(f"{name} {version}" for name, version in training["versions"].items())
    yield f"- seed {training['seed']}, {last['steps']} steps; {versions}"
    if "identities" in training:
        yield f"- {training['identities']} identities"


def _detector_figures(training: Results) -> Iterator[str]:
    yield from ("## How good it is", "")
    none: Results = {}
    last = next((one for one in reversed(training["history"]) if "ap50" in one), none)
    yield "Average precision at half overlap, boxes from 24 px high, in cities held out:"
    yield from ("", "| class | AP50 |", "|---|---|", f"| mean | {_number(last.get('ap50'))} |")
    for kind in ObjectClass:
        yield f"| {kind.label} | {_number(last.get(f'ap50.{kind.label}'))} |"


def _plate_figures(spec: ModelSpec, training: Results) -> Iterator[str]:
    yield from ("## How good it is", "")
    key = "found" if spec.task == "plate_find" else "exact"
    does = "plates found, corners right" if key == "found" else "whole texts read right"
    none: Results = {}
    last = next((one for one in reversed(training["history"]) if key in one), none)
    yield f"Share of {does}, on drawn ones held out, by width in the picture:"
    yield from ("", "| width from | share |", "|---|---|", f"| any | {_number(last.get(key))} |")
    for name, value in last.items():
        if name.startswith(f"{key}."):
            yield f"| {name.removeprefix(f'{key}.').removesuffix('px')} px | {_number(value)} |"


def _embedder_figures(results: Results | None) -> Iterator[str]:
    yield from ("## How good it is", "")
    if results is None:
        yield f"Error rates, ranks and calibration: {_UNKNOWN}."
        return
    errors, ranking, believed = results["errors"], results["ranking"], results["calibration"]
    yield (
        f"On {results['held_out_cities']} synthetic cities held out. Intervals are of 95 %, drawn "
        "by identity."
    )
    yield from ("", "| figure | value |", "|---|---|")
    yield f"| first of another camera's passages is the same subject | {_share(ranking['rank1'])} |"
    yield f"| it is among the first five | {_share(ranking['rank5'])} |"
    yield f"| mean average precision | {_number(ranking['map'])} |"
    odds = f"at a ratio of 10 (llr {errors['threshold_llr']:.2f})"
    yield f"| same subject missed {odds}, hard pairs | {_share(errors['missed'])} |"
    yield f"| another subject accepted {odds}, hard pairs | {_share(errors['misled'])} |"
    absent = f"somebody accepted although the subject is absent, {errors['gallery']:.0f} passages"
    yield f"| {absent} | {_share(errors['absent_alarm'])} |"
    yield f"| calibration: Cllr, bits | {_number(believed['cllr'])} |"
    yield f"| its best case on these pairs | {_number(believed['min_cllr'])} |"
    yield f"| calibration error (ECE) | {_number(believed['ece'])} |"
    if "anybody" in results:
        anybody = _number(results["anybody"]["cllr"])
        yield f"| calibration to anybody who comes by: Cllr, bits | {anybody} |"
    if results["riders"]:
        yield f"| riders: first is the same | {_share(results['riders']['rank1'])} |"
    yield from _slices(ranking)


def _slices(ranking: Results) -> Iterator[str]:
    for kind, parts in ranking["slices"].items():
        yield from ("", f"First is the same, by {kind}:", "", f"| {kind} | share |", "|---|---|")
        for key, share in parts.items():
            yield f"| {key} | {_share(share)} |"
    pairs = ranking["camera_pairs"]
    yield from ("", "By pair of cameras: " + (_pairs(pairs) if pairs else _UNKNOWN))


def _pairs(pairs: Results) -> str:
    shares = ", ".join(f"{name} {_number(pairs[name])}" for name in ("worst", "median", "best"))
    return f"{shares} of {pairs['pairs']} pairs with five queries or more."


def _real(real: Results | None) -> Iterator[str]:
    if not real:
        yield f"{_UNKNOWN.capitalize()}."
        return
    yield from ("| figure | value |", "|---|---|")
    for name, value in real.items():
        yield f"| {name} | {_number(value)} |"


def _share(share: Results) -> str:
    low, high = share["low"], share["high"]
    where = f"{share['n']} of {share['identities']} identities"
    return f"{share['share']:.3f} ({low:.3f} to {high:.3f}; {where})"


def _number(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    return f"{value:.3f}" if value != int(value) or value <= 1 else f"{value:.0f}"


_REAL = {
    "detector": {
        "mmptrack_retail.dev.covered": "share of labelled people covered, MMPTRACK retail, 3 clips",
        "mmptrack_retail.dev.labelled": "labelled people there",
    },
    "person": {
        "market1501.rank1": "rank-1, Market-1501, 120 people of its training part",
        "market1501.map": "mean average precision there",
        "market1501.queries": "queries there",
    },
    "vehicle": {},
}


_REAL_PLATES = {"finder": "found", "reader": "exact"}


def real_figures(kind: str, report: Results | None) -> Results:
    """What a report of `benchmarks.recognition` says of one model, by its name in a card."""
    figures = report["figures"] if report else {}
    if kind in _REAL_PLATES:
        return _plate_shares(figures, _REAL_PLATES[kind])
    return {text: figures[key] for key, text in _REAL[kind].items() if key in figures}


def _plate_shares(figures: Results, share: str) -> Results:
    """That share of each set of photographs of plates."""
    found = {}
    for key, value in figures.items():
        kind, _, rest = key.partition(".")
        name, _, what = rest.partition(".")
        if kind == "plates" and what == share:
            found[f"{share}, {figures[f'plates.{name}.n']:.0f} photographs of {name}"] = value
    return found


def write_cards(work: Path, folder: Path, real: Path | None = None) -> list[Path]:
    """The cards of the models that lie in `folder`, written beside them."""
    declared = declared_in(folder)
    written = []
    for kind, name in NAMES.items():
        if name not in declared:
            continue
        folder_of_work = work / "plates" if kind in _REAL_PLATES else work
        training = json.loads((folder_of_work / f"{kind}.json").read_text())
        results = _read(work / f"{name}.results.json")
        seen = real_figures(kind, _read(real) if real else None)
        path = folder / f"{name}.card.md"
        path.write_text(card(declared[name].spec, training, results, seen), "utf-8")
        written.append(path)
    return written


def _read(path: Path) -> Results | None:
    content: Results | None = json.loads(path.read_text()) if path.is_file() else None
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--folder", type=Path, default=BUNDLED)
    parser.add_argument("--real", type=Path, help="report of benchmarks.recognition")
    asked = parser.parse_args()
    for path in write_cards(asked.work, asked.folder, asked.real):
        print(path)


if __name__ == "__main__":
    main()
