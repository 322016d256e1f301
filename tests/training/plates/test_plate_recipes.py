"""Both recipes of plates run, stop, go on and are exported; on toys, so nothing is learnt here."""

import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from core.errors import ModelMismatch
from core.runtime.catalogue import BUNDLED
from core.runtime.session import OnnxSession
from detectors.plate_finder import OnnxPlateFinder
from detectors.plate_reader import OnnxPlateReader
from tests.detectors.plate_models import street, vehicles
from tests.training.plates.builders import letters
from training import warm
from training.cards import write_cards
from training.declared import COLOURS, LAYOUT_NAMES
from training.export import export
from training.loop import Budget
from training.plates import train
from training.plates.batches import as_input, stacked
from training.plates.packs import (
    decoded,
    draw_finder,
    draw_reader,
    write_finder,
    write_reader,
)

pytestmark = pytest.mark.slow


def quiet(_: str) -> None:
    pass


def written_packs(folder: Path, kind: str) -> Path:
    """One pack to look at and one to learn from."""
    folder.mkdir(parents=True)
    for number in (0, 1):
        path = folder / f"{number:06}.npz"
        if kind == "reader":
            write_reader(path, draw_reader(letters(), number, count=8))
        else:
            write_finder(path, draw_finder(letters(), number, count=4))
    return folder


def trained(tmp_path: Path, kind: Literal["reader", "finder"]) -> list[int]:
    """The steps after each round of a run that was stopped once, at `tmp_path`/plates."""
    packs = written_packs(tmp_path / "packs", kind)
    for steps in (1, 2):
        recipe = train.Recipe(kind, packs, tmp_path / "plates", Budget(5, steps), workers=0, rows=4)
        train.train(recipe, say=quiet)
    history = json.loads((tmp_path / "plates" / f"{kind}.json").read_text())["history"]
    return [figures["steps"] for figures in history]


@pytest.mark.filterwarnings("default")  # torch's exporter warns of itself
def test_reader_trains_goes_on_and_reads_as_the_product_does(tmp_path: Path) -> None:
    assert trained(tmp_path, "reader") == [1, 2]
    spec = export("reader", tmp_path / "plates", tmp_path / "bundled")
    assert (spec.version, spec.name) == ("seed 1, 2 steps", "plate-reader")
    session = OnnxSession(tmp_path / "bundled/plate-reader.onnx", spec, threads=1)
    reads = OnnxPlateReader(session).read(np.zeros((3, 3, *spec.input_hw), np.uint8))
    assert [read.layout in LAYOUT_NAMES and read.colour in COLOURS for read in reads] == [True] * 3


@pytest.mark.filterwarnings("default")
def test_finder_trains_goes_on_and_finds_as_the_product_does(tmp_path: Path) -> None:
    assert trained(tmp_path, "finder") == [1, 2]
    spec = export("finder", tmp_path / "plates", tmp_path / "bundled")
    session = OnnxSession(tmp_path / "bundled/plate-finder.onnx", spec, threads=1)
    corners, _, _ = OnnxPlateFinder(session).find([street()], vehicles((10, 10, 300, 300)))
    assert corners.shape[1:] == (4, 2)
    (card,) = write_cards(tmp_path, tmp_path / "bundled")
    assert "four corners of each plate" in card.read_text("utf-8")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("kind", ["reader", "finder"])
def test_an_exported_network_can_learn_on(
    tmp_path: Path, kind: Literal["reader", "finder"]
) -> None:
    trained(tmp_path, kind)
    export(kind, tmp_path / "plates", tmp_path / "bundled")
    way = train.WAYS[kind]
    jpegs = [one.jpeg for one in way.read(sorted((tmp_path / "packs").glob("*.npz")))]
    pictures = as_input(stacked([decoded(jpeg) for jpeg in jpegs]))
    kept = train.for_export(kind, tmp_path / "plates" / f"{kind}.pt")

    model = warm.warmed(kind, tmp_path / f"bundled/plate-{kind}.onnx", pictures)

    with torch.no_grad():
        wanted, got = (one(pictures) for one in (kept, model))
    wanted, got = (one[0] if isinstance(one, tuple) else one for one in (wanted, got))
    assert float((got - wanted).abs().max()) < 0.02 * float(wanted.abs().max())
    warm.save(kind, model, tmp_path / "start.pt")
    recipe = train.Recipe(
        kind, tmp_path / "packs", tmp_path / "on", Budget(5, 1), workers=0, rows=4,
        start=tmp_path / "start.pt",
    )  # fmt: skip
    assert train.train(recipe, say=quiet).is_file()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    pictures = torch.zeros((1, 3, 192, 256))
    with pytest.raises(ModelMismatch, match="plate-reader"):
        warm.warmed("finder", BUNDLED / "plate-reader.onnx", pictures)
