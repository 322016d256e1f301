"""What every `VectorIndex` promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.arrays import F32, I64, Bool
from core.clocks import HOUR_NS, NS
from core.errors import Conflict, DuplicateId, InvalidInput
from core.types import Embeddings, Family, Hits, Scope, VectorRows
from index.exact import NumpyIndex
from index.faiss_index import FaissIndex
from tests.builders import MODEL_KEY, T0_NS, at, scope, scope_of, span, unit_rows, vector_rows

Index = NumpyIndex | FaissIndex
Open = Callable[..., Index]
PERSON, VEHICLE = Family.PERSON, Family.VEHICLE
LATER_NS = T0_NS + HOUR_NS


@pytest.fixture(params=[NumpyIndex, FaissIndex])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the index of this test; opening it again first closes what was open."""
    opened: list[Index] = []

    def opener(writer: int | None = 1) -> Index:
        for earlier in opened:
            earlier.close()
        opened.append(request.param(tmp_path / "vectors", writer=writer, reserve_bytes=0))
        return opened[-1]

    yield opener
    for index in opened:
        index.close()


@pytest.fixture(params=[NumpyIndex, FaissIndex])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    made: Index = request.param(tmp_path / "vectors", writer=1, reserve_bytes=0)
    yield made
    made.close()


def found(index: Index, query: F32, *, k: int = 10, cameras: tuple[int, ...] = (1,)) -> Hits:
    return index.search(scope(cameras), PERSON, MODEL_KEY, query, k)


def ids(hits: Hits) -> list[int]:
    """The tracklets of the first query, without padding."""
    return [tracklet for tracklet in hits.ids[0].tolist() if tracklet != -1]


def city(count: int = 400, *, seed: int = 7) -> VectorRows:
    """Rows of ten cameras over three hours, four shots to a tracklet."""
    rng = np.random.default_rng(seed)
    shots = np.arange(1, count + 1)
    return VectorRows(
        PERSON,
        Embeddings(MODEL_KEY, shots, unit_rows(count, dim=16, seed=seed)),
        shots // 4,
        rng.integers(1, 11, count),
        T0_NS + rng.integers(0, 3 * HOUR_NS, count),
    )


def by_hand(rows: VectorRows, query: F32, k: int, inside: Bool) -> list[tuple[int, int]]:
    """The (tracklet, shot) pairs that a search must give."""
    scores = rows.embeddings.vectors.astype(np.float64) @ query.astype(np.float64)
    best: dict[int, tuple[float, int]] = {}
    for row in np.flatnonzero(inside).tolist():
        rank = (-float(np.float32(scores[row])), int(rows.embeddings.shot_ids[row]))
        tracklet = int(rows.tracklet_ids[row])
        best[tracklet] = min(best.get(tracklet, rank), rank)
    ranked = sorted((rank[0], tracklet, rank[1]) for tracklet, rank in best.items())
    return [(tracklet, shot) for _, tracklet, shot in ranked[:k]]


# --- searching ---------------------------------------------------------------------------------


def test_search_of_an_empty_index_returns_padding(index: Index) -> None:
    hits = found(index, unit_rows(2), k=3)

    assert hits.ids.tolist() == [[-1] * 3] * 2
    assert np.isneginf(hits.scores).all()


def test_search_without_queries_returns_no_rows(index: Index) -> None:
    index.add(vector_rows([1]))

    assert found(index, np.empty((0, 8), np.float32), k=3).ids.shape == (0, 3)


def test_search_without_spans_returns_padding(index: Index) -> None:
    index.add(vector_rows([1]))

    assert ids(index.search(scope(()), PERSON, MODEL_KEY, unit_rows(1), 3)) == []


def test_search_finds_the_nearest_first_with_its_cosine(index: Index) -> None:
    vectors = unit_rows(3)
    index.add(vector_rows([1, 2, 3], vectors=vectors))

    hits = found(index, vectors[1:2])

    assert ids(hits)[0] == 2
    assert hits.scores[0, 0] == pytest.approx(1, abs=1e-6)
    assert hits.scores[0, :3].tolist() == sorted(hits.scores[0, :3].tolist(), reverse=True)


def test_search_gives_a_tracklet_once_with_its_best_shot(index: Index) -> None:
    vectors = unit_rows(4)
    index.add(vector_rows([11, 12, 13, 14], tracklet_ids=[1, 1, 2, 2], vectors=vectors))

    hits = found(index, vectors[1:2])

    assert sorted(ids(hits)) == [1, 2]
    assert hits.shots[0, ids(hits).index(1)] == 12


def test_search_breaks_ties_by_tracklet_then_by_shot(index: Index) -> None:
    vectors = np.repeat(unit_rows(1), 4, axis=0)
    index.add(vector_rows([14, 13, 12, 11], tracklet_ids=[9, 3, 9, 3], vectors=vectors))

    hits = found(index, vectors[:1])

    assert ids(hits) == [3, 9]
    assert hits.shots[0, :2].tolist() == [11, 12]


def test_search_with_one_tracklet_of_many_shots_still_finds_the_others(index: Index) -> None:
    near, far = unit_rows(1), unit_rows(2, seed=5)
    vectors = np.concatenate([np.repeat(near, 300, axis=0), far])
    tracklets = [1] * 300 + [2, 3]
    index.add(vector_rows(range(1, 303), tracklet_ids=tracklets, vectors=vectors))

    assert sorted(ids(found(index, near, k=3))) == [1, 2, 3]


def test_search_stays_inside_cameras_and_spans(index: Index) -> None:
    index.add(vector_rows([1, 2, 3, 4], camera_id=1))
    index.add(vector_rows([5, 6], camera_id=2))

    narrow = scope_of([(1, 1, 3), (2, 1, 2)])

    assert sorted(ids(index.search(narrow, PERSON, MODEL_KEY, unit_rows(1), 9))) == [2, 3, 6]


def test_search_takes_the_start_of_a_span_and_not_its_end(index: Index) -> None:
    index.add(vector_rows([1, 2, 3]))
    index.seal(LATER_NS)
    index.add(vector_rows([4, 5, 6]))

    hits = index.search(scope_of([(1, 1, 2)]), PERSON, MODEL_KEY, unit_rows(1), 9)

    assert sorted(ids(hits)) == [2, 5]


def test_search_never_mixes_models_or_families(index: Index) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([2], model="other@ba9876543210"))
    index.add(vector_rows([3], family=VEHICLE))

    assert ids(found(index, unit_rows(1))) == [1]


def test_search_of_many_queries_equals_many_searches(index: Index) -> None:
    rows, queries = city(), unit_rows(9, dim=16, seed=3)
    index.add(rows)
    whole = scope(tuple(range(1, 11)), 0, 3 * 3600)

    together = index.search(whole, PERSON, MODEL_KEY, queries, 5)

    for row, query in enumerate(queries):
        alone = index.search(whole, PERSON, MODEL_KEY, query[None], 5)
        assert together.ids[row].tolist() == alone.ids[0].tolist()
        assert together.shots[row].tolist() == alone.shots[0].tolist()
        assert together.scores[row].tolist() == alone.scores[0].tolist()


@pytest.mark.parametrize("sealed_until", [0, 1, 2, 3])
def test_search_equals_a_search_by_hand(index: Index, sealed_until: int) -> None:
    rows, queries = city(), unit_rows(3, dim=16, seed=4)
    index.add(rows)
    index.seal(T0_NS + sealed_until * HOUR_NS)
    parts = [(2, 600.0, 900.0), (2, 3000.0, 8000.0), (5, 0.0, 10800.0), (9, 3600.0, 7200.0)]
    allowed = scope_of(parts)
    inside = np.array(
        [
            allowed.holds(camera, time)
            for camera, time in zip(rows.camera_ids.tolist(), rows.device_ns.tolist(), strict=True)
        ]
    )

    hits = index.search(allowed, PERSON, MODEL_KEY, queries, 7)

    for row, query in enumerate(queries):
        pairs = list(zip(hits.ids[row].tolist(), hits.shots[row].tolist(), strict=True))
        assert pairs == by_hand(rows, query, 7, inside)


@pytest.mark.parametrize("k", [0, -1])
def test_search_refuses_fewer_than_one_neighbour(index: Index, k: int) -> None:
    with pytest.raises(InvalidInput, match="k: want at least 1"):
        found(index, unit_rows(1), k=k)


def test_search_refuses_another_dimension(index: Index) -> None:
    index.add(vector_rows([1]))

    with pytest.raises(InvalidInput, match=r"queries: want float32 \(Q, 8\)"):
        found(index, unit_rows(1, dim=9))


def test_search_refuses_a_query_that_is_no_unit_vector(index: Index) -> None:
    with pytest.raises(InvalidInput, match="unit"):
        found(index, 2 * unit_rows(1))


# --- adding ------------------------------------------------------------------------------------


def test_add_of_nothing_changes_nothing(index: Index) -> None:
    index.add(vector_rows([], vectors=np.empty((0, 8), np.float32)))

    assert ids(found(index, unit_rows(1))) == []


def test_add_of_a_batch_equals_adds_of_one(open_index: Open, tmp_path: Path) -> None:
    vectors = unit_rows(5)
    index = open_index()
    for row in range(5):
        index.add(vector_rows([row + 1], start_s=row, vectors=vectors[row : row + 1]))
    index.add(vector_rows(range(11, 16), vectors=vectors, camera_id=2))

    one, batch = found(index, vectors[:1]), found(index, vectors[:1], cameras=(2,))

    assert [tracklet + 10 for tracklet in ids(one)] == ids(batch)


def test_add_into_several_hours_finds_all(index: Index) -> None:
    rows = city()
    index.add(rows)

    hits = index.search(
        scope(tuple(range(1, 11)), 0, 3 * 3600), PERSON, MODEL_KEY, unit_rows(1, dim=16), 500
    )

    assert sorted(ids(hits)) == sorted(set(rows.tracklet_ids.tolist()))


def duplicates() -> list[list[int]]:
    return [[1], [5, 1], [7, 7]]


@pytest.mark.parametrize("shots", duplicates())
@pytest.mark.parametrize("sealed", [False, True])
def test_add_of_a_known_shot_raises_and_changes_nothing(
    index: Index, shots: list[int], sealed: bool
) -> None:
    index.add(vector_rows([1, 2]))
    if sealed:
        index.seal(LATER_NS)

    with pytest.raises(DuplicateId):
        index.add(vector_rows(shots))

    assert sorted(ids(found(index, unit_rows(1)))) == [1, 2]


@pytest.mark.parametrize("sealed", [False, True])
def test_add_of_a_known_shot_raises_after_reopening(open_index: Open, sealed: bool) -> None:
    index = open_index()
    index.add(vector_rows([1, 2]))
    if sealed:
        index.seal(LATER_NS)

    with pytest.raises(DuplicateId, match="shot 2 "):
        open_index().add(vector_rows([2]))


def test_add_of_the_same_shot_for_another_model_is_kept(index: Index) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([1], model="other@ba9876543210"))

    hits = index.search(scope(), PERSON, "other@ba9876543210", unit_rows(1), 3)
    assert ids(hits) == [1]


def test_add_of_another_dimension_is_refused(index: Index) -> None:
    index.add(vector_rows([1]))

    with pytest.raises(InvalidInput, match=r"vectors: want \(N, 8\)"):
        index.add(vector_rows([2], vectors=unit_rows(1, dim=9)))


def test_add_without_a_writer_is_refused(open_index: Open) -> None:
    with pytest.raises(Conflict):
        open_index(writer=None).add(vector_rows([1]))


@pytest.mark.parametrize("model", ["", ".", "..", "a" * 300])
def test_add_refuses_a_model_key_that_names_no_folder(index: Index, model: str) -> None:
    with pytest.raises(InvalidInput, match="model"):
        index.add(vector_rows([1], model=model))


def test_add_with_a_slash_in_the_model_key_stays_below_the_root(
    index: Index, tmp_path: Path
) -> None:
    index.add(vector_rows([1], model="../../x@0123456789ab"))

    assert {path.name for path in tmp_path.iterdir()} == {"vectors"}


# --- the life of a segment ---------------------------------------------------------------------


def test_seal_changes_no_answer(index: Index) -> None:
    index.add(city())
    query, whole = unit_rows(1, dim=16), scope(tuple(range(1, 11)), 0, 3 * 3600)
    before = index.search(whole, PERSON, MODEL_KEY, query, 20)

    sealed = index.seal(T0_NS + 3 * HOUR_NS)

    after = index.search(whole, PERSON, MODEL_KEY, query, 20)
    assert sealed == 3
    assert after.ids.tolist() == before.ids.tolist()
    assert after.scores.tolist() == before.scores.tolist()


def test_seal_leaves_an_hour_that_has_not_ended(index: Index) -> None:
    index.add(vector_rows([1]))

    assert index.seal(LATER_NS - 1) == 0
    assert index.seal(LATER_NS) == 1
    assert index.seal(LATER_NS) == 0


def test_rows_that_come_after_the_seal_are_found_beside_the_sealed(index: Index) -> None:
    for shot in range(1, 4):
        index.add(vector_rows([shot], start_s=shot))
        index.seal(LATER_NS)
    index.add(vector_rows([4]))

    assert sorted(ids(found(index, unit_rows(1)))) == [1, 2, 3, 4]


@pytest.mark.parametrize("sealed", [False, True])
def test_reopening_gives_the_same_answer(open_index: Open, sealed: bool) -> None:
    index = open_index()
    index.add(vector_rows([1, 2, 3]))
    if sealed:
        index.seal(LATER_NS)
    before = found(index, unit_rows(1))

    after = found(open_index(), unit_rows(1))

    assert after.ids.tolist() == before.ids.tolist()
    assert after.scores.tolist() == before.scores.tolist()


def test_a_reader_sees_each_change_at_its_next_search(open_index: Open, tmp_path: Path) -> None:
    writer = open_index()
    reader = type(writer)(tmp_path / "vectors")
    query = unit_rows(1)

    assert ids(found(reader, query)) == []
    writer.add(vector_rows([1]))
    assert sorted(ids(found(reader, query))) == [1]
    writer.add(vector_rows([2], start_s=1))
    assert sorted(ids(found(reader, query))) == [1, 2]
    writer.seal(LATER_NS)
    writer.add(vector_rows([3], start_s=2))
    assert sorted(ids(found(reader, query))) == [1, 2, 3]
    writer.seal(LATER_NS)
    writer.compact()
    assert sorted(ids(found(reader, query))) == [1, 2, 3]
    writer.erase(1, span(0, 1))
    assert sorted(ids(found(reader, query))) == [2, 3]
    writer.drop(LATER_NS)
    assert ids(found(reader, query)) == []


def test_drop_deletes_the_hours_that_ended_before(index: Index) -> None:
    index.add(vector_rows([1, 2]))
    index.add(vector_rows([3], start_s=3600))
    index.seal(LATER_NS)

    assert index.drop(LATER_NS) == 1

    assert ids(index.search(scope((1,), 0, 7200), PERSON, MODEL_KEY, unit_rows(1), 5)) == [3]


def test_drop_of_an_open_hour_lets_new_rows_of_it_in(index: Index) -> None:
    index.add(vector_rows([1]))

    assert index.drop(LATER_NS) == 1
    index.add(vector_rows([2]))

    assert ids(found(index, unit_rows(1))) == [2]


def test_drop_by_another_process_does_not_lose_later_rows(open_index: Open, tmp_path: Path) -> None:
    writer = open_index()
    writer.add(vector_rows([1]))
    type(writer)(tmp_path / "vectors").drop(LATER_NS)

    writer.add(vector_rows([2]))

    assert ids(found(writer, unit_rows(1))) == [2]


@pytest.mark.parametrize("sealed", [False, True])
def test_erase_hides_a_span_of_a_camera_at_once(index: Index, sealed: bool) -> None:
    index.add(vector_rows([1, 2, 3, 4]))
    index.add(vector_rows([5], camera_id=2))
    if sealed:
        index.seal(LATER_NS)

    index.erase(1, span(1, 3))

    assert sorted(ids(found(index, unit_rows(1), cameras=(1, 2)))) == [1, 4, 5]


def test_erase_without_a_span_hides_all_of_a_camera(index: Index) -> None:
    index.add(vector_rows([1], start_s=0))
    index.add(vector_rows([2], start_s=7200))
    index.add(vector_rows([3], camera_id=2))

    index.erase(1)

    hits = index.search(scope((1, 2), 0, 4 * 3600), PERSON, MODEL_KEY, unit_rows(1), 5)
    assert ids(hits) == [3]


@pytest.mark.parametrize("when", ["before the rows", "open", "sealed", "compacted"])
def test_erase_holds_for_ever(open_index: Open, when: str) -> None:
    index = open_index()
    if when == "before the rows":
        index.erase(1, span(0, 2))
    index.add(vector_rows([1, 2, 3]))
    if when in {"sealed", "compacted"}:
        index.seal(LATER_NS)
    index.erase(1, span(0, 2))
    if when == "compacted":
        index.compact()

    index = open_index()
    index.add(vector_rows([4], start_s=1))

    assert ids(found(index, unit_rows(1))) == [3]


@pytest.mark.parametrize("sealed", [False, True])
def test_compact_leaves_no_byte_of_an_erased_vector(
    index: Index, tmp_path: Path, sealed: bool
) -> None:
    vectors = unit_rows(3)
    index.add(vector_rows([1, 2, 3], vectors=vectors))
    if sealed:
        index.seal(LATER_NS)
    index.erase(1, span(1, 2))

    freed = index.compact()

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert freed > 0
    assert [row.tobytes() in kept for row in vectors] == [True, False, True]
    assert sorted(ids(found(index, vectors[:1]))) == [1, 3]


def test_compact_joins_the_segments_of_an_hour(index: Index, tmp_path: Path) -> None:
    for shot in (1, 2, 3):
        index.add(vector_rows([shot], start_s=shot))
        index.seal(LATER_NS)
    before = found(index, unit_rows(1))

    index.compact()

    assert len(list(tmp_path.rglob("*.seg"))) == 1
    assert found(index, unit_rows(1)).ids.tolist() == before.ids.tolist()


def test_compact_of_an_empty_index_frees_nothing(index: Index) -> None:
    assert index.compact() == 0


def test_compact_seals_what_a_dead_writer_left(open_index: Open, tmp_path: Path) -> None:
    open_index(writer=1).add(vector_rows([1, 2]))
    index = open_index(writer=2)
    index.erase(1, span(0, 1))

    index.compact()

    assert not list(tmp_path.rglob("*.open"))
    assert ids(found(index, unit_rows(1))) == [2]


def none_but(*kept: int) -> Callable[[I64], Bool]:
    return lambda shot_ids: np.isin(shot_ids, kept)


@pytest.mark.parametrize("sealed", [False, True])
def test_sweep_cuts_off_the_rows_that_the_store_does_not_know(
    open_index: Open, sealed: bool
) -> None:
    index = open_index()
    index.add(vector_rows([1, 2, 3, 4]))
    if sealed:
        index.seal(LATER_NS)
    index = open_index()

    assert index.sweep(none_but(1, 4)) == 2

    assert sorted(ids(found(index, unit_rows(1)))) == [1, 4]
    assert index.sweep(none_but(1, 4)) == 0


def test_sweep_lets_the_cut_rows_be_added_again(open_index: Open) -> None:
    open_index().add(vector_rows([1, 2]))
    index = open_index()
    index.sweep(none_but())

    index.add(vector_rows([1, 2]))

    assert sorted(ids(found(index, unit_rows(1)))) == [1, 2]


def test_sweep_asks_only_for_what_was_written_since_the_last(open_index: Open) -> None:
    asked: list[int] = []

    def known(shot_ids: I64) -> Bool:
        asked.extend(shot_ids.tolist())
        return np.ones(len(shot_ids), np.bool_)

    index = open_index()
    index.add(vector_rows([1]))
    index.seal(LATER_NS)
    index.sweep(known)
    asked.clear()
    index.add(vector_rows([2], start_s=3600))
    index.seal(LATER_NS + HOUR_NS)

    open_index().sweep(known)

    assert asked == [2]


def test_sweep_leaves_the_rows_of_other_writers(open_index: Open) -> None:
    open_index(writer=1).add(vector_rows([1]))
    index = open_index(writer=2)

    assert index.sweep(none_but()) == 0

    assert ids(found(index, unit_rows(1))) == [1]


def test_two_indexes_of_different_writers_search_each_other(
    open_index: Open, tmp_path: Path
) -> None:
    first = open_index(writer=1)
    second = type(first)(tmp_path / "vectors", writer=2, reserve_bytes=0)
    first.add(vector_rows([1]))
    second.add(vector_rows([2]))

    assert sorted(ids(found(first, unit_rows(1)))) == [1, 2]
    second.close()


def test_verify_of_a_sound_index_says_nothing(index: Index) -> None:
    index.add(vector_rows([1, 2]))
    index.seal(LATER_NS)
    index.add(vector_rows([3], start_s=7200))
    index.erase(2, span())

    index.verify()


def test_search_with_rows_at_the_edges_of_time_finds_them(index: Index) -> None:
    rows = VectorRows(
        PERSON,
        Embeddings(MODEL_KEY, np.array([1, 2]), unit_rows(2)),
        np.array([1, 2]),
        np.array([1, 1]),
        np.array([-1, at(0) - at(0)]),
    )
    index.add(rows)
    index.seal(NS * 3600)

    early = scope_of([(1, (-1 - T0_NS) / NS - 1, -T0_NS / NS + 1)])

    assert sorted(ids(index.search(early, PERSON, MODEL_KEY, unit_rows(1), 5))) == [1, 2]


# --- rows of tracklets -------------------------------------------------------------------------


def rows_of(index: Index, *tracklet_ids: int, within: Scope | None = None) -> VectorRows:
    wanted = np.array(tracklet_ids, np.int64)
    return index.rows(within or scope(), PERSON, MODEL_KEY, wanted)


def test_rows_of_an_empty_index_are_none(index: Index) -> None:
    rows = rows_of(index, 1)

    assert rows.embeddings.shot_ids.tolist() == []
    assert rows.embeddings.vectors.shape[0] == 0


def test_rows_of_no_tracklets_are_none(index: Index) -> None:
    index.add(vector_rows([1, 2]))

    assert rows_of(index).embeddings.vectors.shape == (0, 8)


@pytest.mark.parametrize("sealed", [False, True])
def test_rows_come_by_shot_as_they_were_added(index: Index, sealed: bool) -> None:
    vectors = unit_rows(4)
    index.add(vector_rows([14, 12, 13, 11], tracklet_ids=[2, 1, 3, 1], vectors=vectors))
    if sealed:
        index.seal(LATER_NS)

    rows = rows_of(index, 2, 1, 1, 99)

    assert rows.embeddings.shot_ids.tolist() == [11, 12, 14]
    assert rows.tracklet_ids.tolist() == [1, 1, 2]
    assert rows.camera_ids.tolist() == [1, 1, 1]
    assert rows.device_ns.tolist() == [at(3), at(1), at(0)]
    assert rows.embeddings.vectors.tobytes() == vectors[[3, 1, 0]].tobytes()
    assert (rows.family, rows.embeddings.model) == (PERSON, MODEL_KEY)


@pytest.mark.parametrize("sealed_until", [0, 1, 2, 3])
def test_rows_of_many_equal_those_picked_by_hand(index: Index, sealed_until: int) -> None:
    kept = city()
    index.add(kept)
    index.seal(T0_NS + sealed_until * HOUR_NS)
    allowed = scope_of([(2, 600.0, 900.0), (2, 3000.0, 8000.0), (5, 0.0, 10800.0), (6, 0, 7200)])
    wanted = np.arange(0, 100, 3)

    rows = index.rows(allowed, PERSON, MODEL_KEY, wanted)

    inside = [
        row
        for row in range(len(kept.device_ns))
        if allowed.holds(int(kept.camera_ids[row]), int(kept.device_ns[row]))
        and kept.tracklet_ids[row] in wanted
    ]
    assert rows.embeddings.shot_ids.tolist() == kept.embeddings.shot_ids[inside].tolist()
    assert rows.embeddings.vectors.tobytes() == kept.embeddings.vectors[inside].tobytes()
    assert rows.tracklet_ids.tolist() == kept.tracklet_ids[inside].tolist()
    assert rows.camera_ids.tolist() == kept.camera_ids[inside].tolist()
    assert rows.device_ns.tolist() == kept.device_ns[inside].tolist()


def test_rows_stay_inside_cameras_and_spans(index: Index) -> None:
    index.add(vector_rows([1, 2, 3, 4], tracklet_ids=[7, 7, 7, 7]))
    index.add(vector_rows([5, 6], tracklet_ids=[7, 7], camera_id=2))

    rows = rows_of(index, 7, within=scope_of([(1, 1, 3), (2, 1, 2)]))

    assert rows.embeddings.shot_ids.tolist() == [2, 3, 6]


def test_rows_never_mix_models_or_families(index: Index) -> None:
    index.add(vector_rows([1]))
    index.add(vector_rows([2], tracklet_ids=[1], model="other@ba9876543210"))
    index.add(vector_rows([3], tracklet_ids=[1], family=VEHICLE))

    assert rows_of(index, 1).embeddings.shot_ids.tolist() == [1]


@pytest.mark.parametrize("sealed", [False, True])
def test_rows_of_an_erased_span_are_gone_at_once(index: Index, sealed: bool) -> None:
    index.add(vector_rows([1, 2, 3, 4], tracklet_ids=[7, 7, 7, 7]))
    if sealed:
        index.seal(LATER_NS)

    index.erase(1, span(1, 3))

    assert rows_of(index, 7).embeddings.shot_ids.tolist() == [1, 4]


def test_rows_are_copies_that_outlive_the_segment(index: Index) -> None:
    vectors = unit_rows(2)
    index.add(vector_rows([1, 2], vectors=vectors))
    index.seal(LATER_NS)
    rows = rows_of(index, 1, 2)

    index.drop(LATER_NS)

    assert rows.embeddings.vectors.tobytes() == vectors.tobytes()
    assert rows_of(index, 1, 2).embeddings.shot_ids.tolist() == []
