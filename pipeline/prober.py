"""Boxed pictures into what the index can be asked with."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from core.arrays import F32
from core.errors import InvalidInput
from core.protocols import Embedder, Surface
from core.types import Embeddings, Family

Embedders = Mapping[Family, Sequence[Embedder]]
"""The models of each family; a rider has the person's and the vehicle's."""


class EmbeddingProber:
    """A `Prober` on the installation's embedders, loaded when first asked."""

    def __init__(self, load: Callable[[], Embedders]) -> None:
        self._load = load
        self._loaded: Embedders | None = None

    def models(self, family: Family) -> Sequence[tuple[Family, str]]:
        """Pairs of segment family and model key; `InvalidInput` if the family has no embedder."""
        return [
            (among, embedder.spec.key)
            for embedder in self._of(family)
            for among, others in self._embedders.items()
            if any(other.spec.key == embedder.spec.key for other in others)
        ]

    def embed(
        self, surface: Surface, xyxy: F32, family: Family, probe_id: int
    ) -> Sequence[Embeddings]:
        """One row per model of the family."""
        ids = np.array([probe_id], np.int64)
        box = np.asarray(xyxy, np.float32).reshape(1, 4)
        return [
            Embeddings(
                embedder.spec.key, ids, embedder.embed(surface.crops(box, embedder.spec.input_hw))
            )
            for embedder in self._of(family)
        ]

    @property
    def _embedders(self) -> Embedders:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _of(self, family: Family) -> Sequence[Embedder]:
        embedders = self._embedders.get(family, ())
        if not embedders:
            known = ", ".join(self._embedders) or "none is set"
            raise InvalidInput(f"family: want one with an embedder ({known}), got {family}")
        return embedders
