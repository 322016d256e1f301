"""Several probes, several shots, several models: the best counts, once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.answers import VectorQuery
from cases.ranking import Match, best_matches, confirmed, newest, ranked, verdicts_for
from core.arrays import F32
from core.types import Decision, Family, Hits, Verdict
from tests.builders import decision, unit_rows


class Line:
    """A `Calibration`: llr is a straight line through the cosine."""

    def __init__(self, model: str, slope: float) -> None:
        self.model = model
        self.slope = slope

    def llr(self, cosine: F32) -> F32:
        return np.asarray(self.slope * cosine, np.float32)


def query(*probe_ids: int, model: str = "m", family: Family = Family.PERSON) -> VectorQuery:
    return VectorQuery(family, model, unit_rows(len(probe_ids)), probe_ids)


def hits(*rows: dict[int, float], k: int = 4) -> Hits:
    """One row per query: cosine by tracklet; the shot is ten times the tracklet."""
    shape = (len(rows), k)
    made = Hits(np.full(shape, -1), np.full(shape, -1), np.full(shape, -np.inf, np.float32))
    for q, row in enumerate(rows):
        for slot, (tracklet_id, score) in enumerate(row.items()):
            made.ids[q, slot], made.shots[q, slot] = tracklet_id, 10 * tracklet_id
            made.scores[q, slot] = score
    return made


def match(tracklet_id: int, cosine: float, model: str = "m") -> Match:
    return Match(tracklet_id, 10 * tracklet_id, 1, model, cosine)


def order(matches: list[Match]) -> list[int]:
    return [m.tracklet_id for m in matches]


def test_the_best_probe_counts_and_is_named() -> None:
    best = best_matches([query(7, 8)], [hits({1: 0.5, 2: 0.4}, {2: 0.9})])["m"]
    assert [(m.tracklet_id, m.probe_id) for m in best] == [(2, 8), (1, 7)]
    assert best[0].cosine == pytest.approx(0.9)


def test_many_agreeing_probes_do_not_add_up() -> None:
    rows = [{1: 0.6, 2: 0.5}, {1: 0.6}, {1: 0.6}, {3: 0.7}]
    best = best_matches([query(1, 2, 3, 4)], [hits(*rows)])["m"]
    assert order(best) == [3, 1, 2]


def test_families_under_one_model_share_a_list() -> None:
    walk, ride = query(1), query(1, family=Family.RIDER)
    best = best_matches([walk, ride], [hits({1: 0.6}), hits({2: 0.8})])
    assert order(best["m"]) == [2, 1]


def test_equal_cosines_fall_back_on_the_lower_id() -> None:
    assert order(best_matches([query(1)], [hits({9: 0.5, 3: 0.5})])["m"]) == [3, 9]


def test_empty_slots_are_no_matches() -> None:
    assert best_matches([query(1)], [hits({})]) == {"m": []}


def test_one_model_ranks_by_cosine() -> None:
    assert order(ranked({"m": [match(1, 0.9), match(2, 0.5)]}, {})) == [1, 2]


def test_llr_is_none_where_its_model_has_no_calibration() -> None:
    made = ranked({"m": [match(1, 0.5)], "n": [match(2, 0.5, "n")]}, {"n": Line("n", 4.0)})
    assert [(m.tracklet_id, m.llr) for m in made] == [(1, None), (2, pytest.approx(2.0))]


def test_calibrated_models_rank_by_llr() -> None:
    by_model = {"m": [match(1, 0.9)], "n": [match(2, 0.5, "n")]}
    made = ranked(by_model, {"m": Line("m", 1.0), "n": Line("n", 4.0)})
    assert order(made) == [2, 1]


def test_models_without_calibration_are_interleaved_by_rank() -> None:
    """The cosines of `n` are all higher, and mean nothing beside those of `m`."""
    m = [match(1, 0.5), match(2, 0.4)]
    n = [match(3, 0.99, "n"), match(2, 0.98, "n"), match(4, 0.97, "n")]
    assert order(ranked({"m": m, "n": n}, {})) == [3, 1, 2, 4]


cosines = st.dictionaries(st.integers(1, 9), st.floats(-1, 1, width=32), max_size=4)


@given(rows=st.lists(cosines, min_size=1, max_size=4))
def test_each_tracklet_stands_once_at_its_best_cosine(rows: list[dict[int, float]]) -> None:
    made = ranked(best_matches([query(*range(len(rows)))], [hits(*rows)]), {})
    best = {t: max(row[t] for row in rows if t in row) for row in rows for t in row}
    assert {m.tracklet_id: m.cosine for m in made} == best
    assert [m.cosine for m in made] == sorted(best.values(), reverse=True)


# --- verdicts ------------------------------------------------------------------------------------

YES, NO, UNSURE = Verdict.CONFIRM, Verdict.REJECT, Verdict.UNSURE


def said(*verdicts: tuple[int, Verdict]) -> list[Decision]:
    """One decision after the other on tracklet 1, by (actor, verdict)."""
    return [
        decision(number, actor=actor, verdict=verdict, at_s=number)
        for number, (actor, verdict) in enumerate(verdicts, start=1)
    ]


def test_the_newest_of_each_person_counts() -> None:
    kept = newest(said((1, YES), (1, NO), (2, YES)))
    assert {actor: d.verdict for (actor, _), d in kept.items()} == {1: NO, 2: YES}


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ([(1, YES)], YES),
        ([(2, YES)], None),
        ([(2, UNSURE)], None),
        ([(2, NO)], NO),
        ([(1, YES), (2, NO)], YES),
        ([(2, NO), (2, YES)], None),
    ],
    ids=["own", "another's", "another's doubt", "another's reject", "own first", "changed mind"],
)
def test_one_is_told_ones_own_verdict_and_anybodys_reject(
    verdicts: list[tuple[int, Verdict]], told: Verdict | None
) -> None:
    assert verdicts_for(1, said(*verdicts)).get(1) is told


@pytest.mark.parametrize(
    ("verdicts", "counts"),
    [
        ([(1, YES)], True),
        ([(1, YES), (2, UNSURE)], True),
        ([(1, YES), (2, NO)], False),
        ([(1, YES), (1, NO)], False),
        ([(1, UNSURE)], False),
    ],
)
def test_confirmed_means_by_somebody_and_against_nobody(
    verdicts: list[tuple[int, Verdict]], counts: bool
) -> None:
    assert confirmed(said(*verdicts)) == ([1] if counts else [])
