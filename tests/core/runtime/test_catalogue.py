"""Declarations of models: what is read, and what is refused with a reason."""

from pathlib import Path

import pytest

from core.errors import InvalidInput, ModelMismatch, NotFound
from core.runtime.catalogue import (
    BUNDLED,
    CatalogueEntry,
    bundled_catalogue,
    parse_catalogue,
    parse_declaration,
    render_declaration,
)
from tests.core.runtime.builders import declaration


def parsed(text: str) -> CatalogueEntry:
    return parse_catalogue(text, origin="test.toml").entries["mine"]


def test_known_models_have_a_size_a_licence_and_an_address_or_lie_in_the_package() -> None:
    for name, entry in bundled_catalogue().entries.items():
        assert entry.spec.name == name
        assert entry.size_bytes > 0
        assert entry.spec.licence
        inside = (BUNDLED / f"{name}.onnx").is_file()
        assert inside != entry.address.startswith("https://")


def test_known_addresses_name_a_commit() -> None:
    # https://raw.githubusercontent.com/OWNER/REPO/COMMIT/...
    for entry in bundled_catalogue().entries.values():
        assert not entry.address or len(entry.address.split("/")[5]) == 40


def test_model_in_the_package_is_known_by_the_declaration_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(declaration(), "utf-8")
    assert bundled_catalogue(tmp_path).entry("mine").spec.name == "mine"
    assert "yolox-nano" in bundled_catalogue(tmp_path).entries


def test_group_street_is_a_detector_and_an_embedder_with_permissive_licences() -> None:
    catalogue = bundled_catalogue()
    specs = [catalogue.entry(name).spec for name in catalogue.members("street")]
    assert [spec.task for spec in specs] == ["detect", "embed"]
    assert all(spec.licence.startswith("Apache-2.0") for spec in specs)


def test_labels_named_once_are_shared() -> None:
    catalogue = bundled_catalogue()
    labels = catalogue.entry("yolox-nano").spec.labels
    assert len(labels) == 80
    assert labels[0] == "person"
    assert catalogue.entry("nanodet-m").spec.labels is labels


def test_members_of_a_model_are_itself() -> None:
    assert bundled_catalogue().members("yolox-nano") == ("yolox-nano",)


def test_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(NotFound, match=r"yolox-nano.*street"):
        bundled_catalogue().entry("yolo99")


def test_found_by_hash() -> None:
    catalogue = bundled_catalogue()
    entry = catalogue.entry("nanodet-m")
    assert catalogue.by_sha256(entry.spec.sha256) is entry
    assert catalogue.by_sha256("0" * 64) is None


def test_declaration_is_read_into_its_fields() -> None:
    spec = parsed(declaration(address='"https://x.example/m.onnx"', size_bytes="7")).spec
    assert (spec.name, spec.task, spec.family, spec.dim) == ("mine", "embed", "person", 4)
    assert spec.input_hw == (8, 6)
    assert spec.std == (1.0, 1.0, 1.0)


def test_rendered_declaration_reads_back_the_same() -> None:
    for entry in bundled_catalogue().entries.values():
        again = parse_catalogue(render_declaration(entry), origin="again")
        assert again.entries == {entry.spec.name: entry}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": '"YUV"'}, "colour: want one of"),
        ({"colour": None}, "colour: want one of"),
        ({"layout": '"CHW"'}, "layout: want one of"),
        ({"task": '"faces"'}, "task: want one of"),
        ({"scale": "1"}, "scale: want float, got 1"),
        ({"dim": "true"}, "dim: want int, got True"),
        ({"dim": "0"}, "wants family and dim"),
        ({"family": None}, "wants family and dim"),
        ({"task": '"detect"'}, "wants decoder and labels"),
        ({"mean": "[0.0, 0.0]"}, "mean: want a list of 3"),
        ({"std": "[1.0, 0.0, 1.0]"}, "std: want no zero"),
        ({"input_hw": "[0, 6]"}, "input_hw: want pixels"),
        ({"sha256": '"abc"'}, "sha256: want 64"),
        ({"sha256": f'"{"A" * 64}"'}, "sha256: want 64"),
        ({"address": '"http://x.example/m"'}, "address: want https"),
        ({"size_bytes": "-1"}, "size_bytes: want 0 or more"),
        ({"labels": '"coco81"'}, "labels: want a set of"),
        ({"labels": "[1]"}, "labels: want str, got 1"),
        ({"version": None}, "version: want str"),
        ({"colour_order": '"RGB"'}, "unknown keys.*colour_order"),
    ],
)
def test_wrong_declaration_is_refused_by_place_and_key(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=rf"test.toml: models: mine: .*{message}"):
        parsed(declaration(**changes))


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all",
        "surprise = 1",
        "models = 3",
        "[models]\nmine = 3",
        declaration().replace("[models.mine]", '[models."../mine"]'),
        declaration().replace("[models.mine]", "[models.Mine]"),
        declaration() + '[groups.g]\nmodels = ["yours"]',
        declaration() + "[groups.g]\nmodels = []",
        declaration() + '[groups.mine]\nmodels = ["mine"]',
    ],
)
def test_wrong_catalogue_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"test\.toml"):
        parse_catalogue(text, origin="test.toml")


def test_own_declaration_may_leave_the_hash_out() -> None:
    entry = parse_declaration(declaration(sha256=None), sha256="c" * 64)
    assert entry.spec.sha256 == "c" * 64


def test_own_declaration_with_another_hash_names_both() -> None:
    with pytest.raises(ModelMismatch, match=f"want SHA-256 {'b' * 64}, got {'c' * 64}"):
        parse_declaration(declaration(), sha256="c" * 64)


@pytest.mark.parametrize("text", ["", declaration() + declaration().replace("mine", "other")])
def test_own_declaration_of_other_than_one_model_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="exactly one"):
        parse_declaration(text, sha256="b" * 64)
