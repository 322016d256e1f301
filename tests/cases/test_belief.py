"""Belief of looks: the best match counts once, and who was rejected pushes away."""

import numpy as np
import pytest

from cases.answers import VectorQuery
from cases.belief import MAX_ASKED_WITH, likeness, most_alike, pushed_away, queries_from
from core.types import Family, Hits
from tests.builders import MODEL_KEY, unit_rows, vector_rows


class Tenfold:
    """A calibration: ten nats for a cosine of one, none at a half."""

    model = MODEL_KEY

    def llr(self, cosine: np.ndarray) -> np.ndarray:
        return np.asarray(20 * (cosine - 0.5), np.float32)


LIKE = {MODEL_KEY: Tenfold()}


def query(*probe_ids: int, family: Family = Family.PERSON) -> VectorQuery:
    return VectorQuery(family, MODEL_KEY, unit_rows(len(probe_ids)), probe_ids)


def hits(*rows: list[tuple[int, float]]) -> Hits:
    """Of each query its (tracklet, cosine), shots ten times the tracklet's number."""
    ids = np.array([[i for i, _ in row] for row in rows], np.int64)
    scores = np.array([[s for _, s in row] for row in rows], np.float32)
    return Hits(ids, np.where(ids < 0, -1, 10 * ids), scores)


def test_each_tracklet_counts_once_with_the_mean_over_what_is_known() -> None:
    found = likeness(
        [query(1, 2)], [hits([(5, 0.9), (6, 0.8)], [(6, 0.95), (5, 0.2)])], {MODEL_KEY: Tenfold()}
    )
    assert found.tracklet_ids.tolist() == [5, 6]
    assert found.probe_ids.tolist() == [1, 2]
    likelihoods = [(np.exp(8) + np.exp(-6)) / 2, (np.exp(9) + np.exp(6)) / 2]
    assert found.llr.tolist() == pytest.approx(np.log(likelihoods).tolist(), rel=1e-5)


def test_of_one_picture_the_best_match_alone_counts() -> None:
    found = likeness([query(1, 1)], [hits([(5, 0.9), (6, 0.2)], [(5, 0.7), (6, 0.8)])], LIKE)
    assert found.llr.tolist() == pytest.approx([8.0, 6.0], rel=1e-5)


def test_what_a_tracklets_own_vectors_say_of_it_is_no_evidence() -> None:
    found = likeness(
        [query(-5, 2)],
        [hits([(5, 1.0), (6, 0.8)], [(6, 0.7), (5, 0.6)])],
        {MODEL_KEY: Tenfold()},
        cut_from={2: 6},
    )
    assert found.tracklet_ids.tolist() == [5, 6]
    assert found.cosine.tolist() == pytest.approx([0.6, 0.8])


def test_the_least_that_was_brought_up_bounds_the_rest() -> None:
    full = hits([(5, 0.9), (6, 0.7)])
    assert likeness([query(1)], [full], {MODEL_KEY: Tenfold()}).least == pytest.approx(
        4.0, rel=1e-5
    )
    short = hits([(5, 0.9), (-1, -np.inf)])
    assert likeness([query(1)], [short], {MODEL_KEY: Tenfold()}).least == -np.inf


def test_without_a_calibration_there_is_no_belief() -> None:
    found = likeness([query(1)], [hits([(5, 0.9), (6, 0.7)])], {})
    assert np.isnan(found.llr).all()
    assert found.cosine.tolist() == pytest.approx([0.9, 0.7])


def test_a_mean_with_an_uncalibrated_match_has_no_ratio() -> None:
    found = likeness([query(1, 2)], [hits([(5, 0.9)], [(5, 0.7)])], {})
    assert np.isnan(found.llr).all()
    assert not found.calibrated


def test_rows_alone_are_compared_where_no_index_was_asked() -> None:
    rows = vector_rows([5, 6])
    found = likeness([query(1)], (), LIKE, rows=[rows])
    assert found.tracklet_ids.tolist() == sorted(set(rows.tracklet_ids.tolist()))
    assert found.least == -np.inf


def test_the_most_alike_of_a_family_are_named_once() -> None:
    asked = [query(1), query(-3), query(2, family=Family.RIDER)]
    found = [hits([(5, 0.9), (6, 0.2)]), hits([(7, 0.8), (5, 0.7)]), hits([(8, 0.1), (-1, 0.0)])]
    assert most_alike(asked, found, 2) == {Family.PERSON: [5, 7], Family.RIDER: [8]}


def test_nobody_asked_brings_nobody_up() -> None:
    assert len(likeness([], [], {})) == 0


def test_who_looks_like_the_rejected_is_pushed_away() -> None:
    llr = pushed_away(np.array([4.0, 4.0, 4.0]), np.array([-np.inf, 0.0, 8.0]))
    assert llr[0] == pytest.approx(4.05, abs=0.01)
    assert llr[1] == pytest.approx(4.0)
    assert llr[2] < -0.9


def test_many_vectors_ask_with_the_most_unlike_ones() -> None:
    near = np.repeat(unit_rows(1, seed=1), 20, axis=0) + 0.01 * unit_rows(20, seed=2)
    vectors = np.concatenate([near, unit_rows(2, seed=3)]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = list(range(1, 23))
    rows = vector_rows(shot_ids=ids, vectors=vectors, tracklet_ids=ids)
    asked = queries_from([rows], [(Family.PERSON, MODEL_KEY)], frozenset(range(1, 23)))
    assert len(asked[0].probe_ids) == MAX_ASKED_WITH
    assert {-21, -22} <= set(asked[0].probe_ids)


def test_vectors_of_a_family_ask_every_family_of_their_model() -> None:
    rows = vector_rows(vectors=unit_rows(1), tracklet_ids=[7])
    pairs = [(Family.PERSON, MODEL_KEY), (Family.RIDER, MODEL_KEY), (Family.VEHICLE, "other@1")]
    asked = queries_from([rows], pairs, frozenset({7}))
    assert [query.family for query in asked] == [Family.PERSON, Family.RIDER]
    assert queries_from([rows], pairs, frozenset({8})) == []
