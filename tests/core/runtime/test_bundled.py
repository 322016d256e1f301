"""The models inside the package: small, whole, declared, each with its card and calibration."""

from pathlib import Path

import pytest

from core.runtime.catalogue import BUNDLED, bundled_catalogue, declared_in
from core.runtime.models import sha256_of
from core.types import ModelSpec

LARGEST_BYTES = 16 << 20
SPECS = [entry.spec for entry in declared_in(BUNDLED).values()]


def test_all_models_together_fit_into_sixteen_megabytes() -> None:
    assert sum(file.stat().st_size for file in BUNDLED.iterdir()) <= LARGEST_BYTES


def test_every_file_belongs_to_a_declared_model() -> None:
    known = {".onnx", ".toml", ".calibration.json", ".anybody.json", ".card.md"}
    names = {f"{spec.name}{suffix}" for spec in SPECS for suffix in known}
    assert {file.name for file in BUNDLED.iterdir()} - {".keep"} <= names


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_bundled_model_has_the_declared_hash_and_our_licence(spec: ModelSpec) -> None:
    assert sha256_of(BUNDLED / f"{spec.name}.onnx") == spec.sha256
    assert spec.licence == "AGPL-3.0-or-later"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_card_of_a_bundled_model_names_just_that_file(spec: ModelSpec) -> None:
    assert f"Key `{spec.key}`" in (BUNDLED / f"{spec.name}.card.md").read_text("utf-8")


def test_page_of_models_names_every_known_model_with_its_licence() -> None:
    page = (Path(__file__).parents[3] / "docs/models.md").read_text("utf-8")
    inside = {spec.name for spec in SPECS}
    for name, entry in bundled_catalogue().entries.items():
        assert f"`{name}`" in page
        assert name in inside or entry.spec.licence.split(" ")[0] in page
