"""What a probe of a family is compared with."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.protocols import Embedder
from core.types import Family
from ingest.surface import HostSurface
from pipeline.prober import EmbeddingProber
from reid.fake import COLOUR_SPEC, ColourEmbedder


def prober(*families: Family) -> EmbeddingProber:
    embedder: Embedder = ColourEmbedder()
    return EmbeddingProber(lambda: {family: [embedder] for family in families})


def test_models_of_a_person_are_those_of_riders_too() -> None:
    pairs = prober(Family.PERSON, Family.RIDER).models(Family.PERSON)
    assert pairs == [(Family.PERSON, COLOUR_SPEC.key), (Family.RIDER, COLOUR_SPEC.key)]


def test_models_of_a_family_without_an_embedder_says_which_have_one() -> None:
    with pytest.raises(InvalidInput, match="person"):
        prober(Family.PERSON).models(Family.VEHICLE)


def test_embed_gives_a_unit_row_with_the_probes_id() -> None:
    surface = HostSurface.of_rgb(np.full((96, 48, 3), (20, 200, 20), np.uint8))
    box = np.array([0, 0, 48, 96], np.float32)
    (made,) = prober(Family.PERSON).embed(surface, box, Family.PERSON, probe_id=9)
    assert made.shot_ids.tolist() == [9]
    assert np.linalg.norm(made.vectors[0]) == pytest.approx(1)


def test_models_are_loaded_when_first_asked() -> None:
    loaded: list[bool] = []

    def load() -> dict[Family, list[Embedder]]:
        loaded.append(True)
        return {Family.PERSON: [ColourEmbedder()]}

    lazy = EmbeddingProber(load)
    assert loaded == []
    lazy.models(Family.PERSON)
    lazy.models(Family.PERSON)
    assert loaded == [True]
