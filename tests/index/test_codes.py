"""Codes and the first pass over them: never a different answer, however the vectors lie."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np
import pytest

from core.arrays import F32
from core.clocks import HOUR_NS
from core.types import Embeddings, Family, Hits, VectorRows
from index import coarse
from index.codes import Codes, Scale, fitted
from index.exact import NumpyIndex
from index.faiss_index import FaissIndex
from tests.builders import MODEL_KEY, T0_NS, scope, unit_rows, vector_rows

LATER_NS = T0_NS + HOUR_NS


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FaissIndex]:
    opened = FaissIndex(tmp_path / "vectors", writer=1, reserve_bytes=0, threads=3)
    yield opened
    opened.close()


def crowded(count: int, dim: int, *, spread: float, seed: int = 0) -> F32:
    """Unit rows (count, dim) that all lie near one direction."""
    centre = unit_rows(1, dim=dim, seed=seed)
    rows = centre + spread * unit_rows(count, dim=dim, seed=seed + 1)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def rows_of(vectors: F32, *, first: int = 1) -> VectorRows:
    """Two shots to a tracklet, spread over an hour of five cameras."""
    shots = np.arange(first, first + len(vectors))
    return VectorRows(
        Family.PERSON,
        Embeddings(MODEL_KEY, shots, vectors),
        shots // 2,
        shots % 5 + 1,
        T0_NS + shots * (HOUR_NS // (len(vectors) + first + 1)),
    )


def encode(blocks: Sequence[F32]) -> Codes:
    """The codes of all blocks, by the scale that holds them."""
    scale, error = fitted(lambda: blocks)
    return Codes(scale, np.concatenate([scale.encoded(block) for block in blocks]), error)


def searched(index: FaissIndex | NumpyIndex, queries: F32, k: int = 10) -> Hits:
    everything = scope((1, 2, 3, 4, 5), 0, 7200)
    return index.search(everything, Family.PERSON, MODEL_KEY, queries, k)


def same(one: Hits, other: Hits) -> bool:
    fields = ("ids", "shots", "scores")
    return all(np.array_equal(getattr(one, field), getattr(other, field)) for field in fields)


@pytest.mark.parametrize("dim", [1, 7, 8, 16, 33, 256])
def test_no_decoded_row_lies_further_away_than_the_error(dim: int) -> None:
    vectors = unit_rows(300, dim=dim)

    codes = encode([vectors[:100], vectors[100:]])

    apart = np.linalg.norm(codes.scale.decoded(codes.codes) - vectors, axis=1)
    assert apart.max() == pytest.approx(codes.error, rel=1e-5)
    assert codes.error < 0.05


@pytest.mark.parametrize("dim", [1, 7, 8, 16, 33, 256])
def test_faiss_decodes_to_the_same(dim: int) -> None:
    vectors = unit_rows(50, dim=dim)
    codes = encode([vectors])
    quantizer = faiss.ScalarQuantizer(dim, faiss.ScalarQuantizer.QT_8bit_uniform)
    trained = np.array([codes.scale.low, codes.scale.width], np.float32)
    faiss.copy_array_to_vector(trained, quantizer.trained)

    assert quantizer.decode(codes.codes) == pytest.approx(
        codes.scale.decoded(codes.codes), abs=1e-6
    )


def test_vectors_that_are_all_alike_are_coded() -> None:
    vectors = np.zeros((4, 8), np.float32)
    vectors[:, 3] = 1

    assert encode([vectors]).error < 0.02


def test_hours_of_the_same_model_share_a_scale() -> None:
    scales = [encode([unit_rows(3000, dim=64, seed=seed)]).scale for seed in range(6)]

    assert len(set(scales)) <= 4


@pytest.mark.parametrize("spread", [0.0, 1e-6, 1e-4, 1e-2, 1.0])
@pytest.mark.parametrize("dim", [8, 33])
def test_a_crowd_of_alike_vectors_is_searched_exactly(
    index: FaissIndex, tmp_path: Path, spread: float, dim: int
) -> None:
    """More rows than a pass keeps may lie within the codes' error of the best."""
    vectors = crowded(5000, dim, spread=spread)
    index.add(rows_of(vectors))
    index.seal(LATER_NS)
    queries = np.concatenate([vectors[:2], unit_rows(1, dim=dim, seed=77)])

    assert same(searched(index, queries), searched(NumpyIndex(tmp_path / "vectors"), queries))


@pytest.mark.parametrize("k", [1, 40, 2000, 4000])
def test_any_number_of_neighbours_is_found_exactly(
    index: FaissIndex, tmp_path: Path, k: int
) -> None:
    vectors = unit_rows(5000, dim=16)
    index.add(rows_of(vectors))
    index.seal(LATER_NS)

    hits = searched(index, vectors[:1], k)

    assert same(hits, searched(NumpyIndex(tmp_path / "vectors"), vectors[:1], k))


def test_threads_that_share_a_search_answer_as_one(index: FaissIndex, tmp_path: Path) -> None:
    vectors = unit_rows(40_000, dim=128)
    index.add(rows_of(vectors))
    index.seal(LATER_NS)
    alone = FaissIndex(tmp_path / "vectors", threads=1)

    assert same(searched(index, vectors[:3]), searched(alone, vectors[:3]))


def test_segments_of_different_scales_are_searched_together(
    index: FaissIndex, tmp_path: Path
) -> None:
    for number, spread in enumerate((0.01, 1.0, 0.3)):
        index.add(rows_of(crowded(300, 16, spread=spread, seed=number), first=1 + 1000 * number))
        index.seal(LATER_NS)
    queries = unit_rows(4, dim=16)

    assert same(searched(index, queries), searched(NumpyIndex(tmp_path / "vectors"), queries))


def test_many_queries_at_once_answer_as_one_by_one(index: FaissIndex) -> None:
    index.add(rows_of(crowded(3000, 16, spread=1e-5)))
    index.seal(LATER_NS)
    queries = crowded(12, 16, spread=1e-5, seed=3)

    together = searched(index, queries)

    alone = [searched(index, query[None]) for query in queries]
    assert together.ids.tolist() == [hits.ids[0].tolist() for hits in alone]


def test_a_scanner_is_lent_to_one_thread_at_a_time() -> None:
    scale, scanners = Scale(-0.5, 1.0), coarse.Scanners()
    first, second = scanners.borrow(scale, 8), scanners.borrow(scale, 8)
    scanners.give_back(first)

    assert first is not second
    assert scanners.borrow(scale, 8) is first


def test_an_open_and_a_sealed_segment_are_searched_together(
    index: FaissIndex, tmp_path: Path
) -> None:
    vectors = unit_rows(900, dim=16)
    index.add(rows_of(vectors[:400]))
    index.seal(LATER_NS)
    index.add(rows_of(vectors[400:], first=1001))

    hits = searched(index, vectors[::300])

    assert same(hits, searched(NumpyIndex(tmp_path / "vectors"), vectors[::300]))
    assert hits.shots[:, 0].tolist() == [1, 301, 1201]


def test_the_open_rows_of_a_scope_are_gathered_or_scored_whole_alike(index: FaissIndex) -> None:
    vectors = unit_rows(200)
    index.add(vector_rows(range(1, 201), vectors=vectors))

    few = index.search(scope(end_s=3), Family.PERSON, MODEL_KEY, vectors[:1], 3)
    most = index.search(scope(end_s=199), Family.PERSON, MODEL_KEY, vectors[:1], 200)

    ranked = [tracklet for tracklet in most.ids[0].tolist() if tracklet in {1, 2, 3}]
    assert few.ids[0].tolist() == ranked
