"""Every recipe runs, stops, goes on and is exported; on toys, so nothing is learnt here."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from core.runtime.session import OnnxSession
from detectors.build import build_detector
from reid.embedder import OnnxEmbedder
from tests.detectors.builders import frame
from tests.training.builders import boxes, picture, write_crops, write_pictures
from training import detector, embedder, loop, warm
from training.export import export
from training.loop import Budget

pytestmark = pytest.mark.slow

needs_ultralytics = pytest.mark.skipif(
    find_spec("ultralytics") is None, reason="casetrace[train] is not installed"
)


def quiet(_: str) -> None:
    pass


@needs_ultralytics
@pytest.mark.filterwarnings("default")  # torch's exporter warns of itself
def test_detector_trains_goes_on_and_detects_as_the_product_does(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "pictures")
    for steps in (1, 2):
        recipe = detector.Recipe(pictures, tmp_path, Budget(5, steps), workers=0)
        detector.train(recipe, say=quiet)
    history = json.loads((tmp_path / "detector.json").read_text())["history"]
    assert [figures["steps"] for figures in history] == [1, 2]
    spec = export("detector", tmp_path, tmp_path / "bundled")
    assert spec.version == "seed 1, 2 steps"
    session = OnnxSession(tmp_path / "bundled/city-detector.onnx", spec, threads=1)
    found = build_detector(spec, session).detect([frame(picture(boxes((50, 50, 90, 150))))])
    assert found.xyxy.shape[1] == 4


@pytest.mark.parametrize("family", ["person", "vehicle"])
@pytest.mark.filterwarnings("default")
def test_embedder_trains_and_embeds_as_the_product_does(
    tmp_path: Path, family: embedder.Family
) -> None:
    packs = write_crops(tmp_path / "packs")
    recipe = embedder.Recipe(family, (packs,), tmp_path, Budget(5, 2), workers=0)
    embedder.train(recipe, say=quiet)
    spec = export(family, tmp_path, tmp_path / "bundled")
    session = OnnxSession(tmp_path / f"bundled/{spec.name}.onnx", spec, threads=1)
    crops = np.zeros((3, 3, *spec.input_hw), np.uint8)
    crops[1] = 200
    rows = OnnxEmbedder(spec, session).embed(crops)
    assert rows.shape == (3, spec.dim)
    assert np.allclose(rows[0], rows[2], atol=1e-5)


def test_embedder_begins_with_the_network_of_another_training(tmp_path: Path) -> None:
    few, many = write_crops(tmp_path / "few", people=4), write_crops(tmp_path / "many", people=9)
    first = embedder.Recipe("person", (few,), tmp_path / "one", Budget(5, 1), workers=0)
    path = embedder.train(first, say=quiet)
    second = embedder.Recipe(
        "person", (many,), tmp_path / "two", Budget(5, 1), workers=0, start=path
    )
    embedder.train(second, say=quiet)
    one, two = (embedder.for_export(tmp_path / run / "person.pt") for run in ("one", "two"))
    apart = (one.trunk[0][0].weight - two.trunk[0][0].weight).abs().max()
    assert apart < 0.01  # one careful step away, not another draw


@pytest.mark.parametrize("family", ["person", "vehicle"])
@pytest.mark.filterwarnings("default")
def test_an_exported_embedder_can_learn_on(tmp_path: Path, family: embedder.Family) -> None:
    packs = write_crops(tmp_path / "packs")
    embedder.train(embedder.Recipe(family, (packs,), tmp_path, Budget(5, 2), workers=0), say=quiet)
    spec = export(family, tmp_path, tmp_path / "bundled")
    pictures = warm.KINDS[family].pictures(packs)
    kept = embedder.for_export(tmp_path / f"{family}.pt")

    model = warm.warmed(family, tmp_path / f"bundled/{spec.name}.onnx", pictures)

    with torch.no_grad():
        wanted, got = kept(pictures), model(pictures)
    assert float((got - wanted).abs().max()) < 0.02 * float(wanted.abs().max())
    warm.save(family, model, tmp_path / "start.pt")
    recipe = embedder.Recipe(
        family, (packs,), tmp_path / "on", Budget(5, 1), workers=0, start=tmp_path / "start.pt"
    )
    embedder.train(recipe, say=quiet)
    assert loop.read_checkpoint(tmp_path / f"on/{family}.pt")["steps"] == 1
