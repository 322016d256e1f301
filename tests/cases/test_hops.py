"""What place and time say: rates, changes of carrier, links, views."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cases.hops import FAMILIES, LINK_NATS, HopModel, Pool, rates_of
from cases.network import network_of, shortest_ways
from cases.transit import DEFAULT_SPEEDS
from cases.traveltime import TravelTimes
from core.types import Family
from tests.cases.test_network import line

PERSON, RIDER = FAMILIES.index(Family.PERSON), FAMILIES.index(Family.RIDER)


def model(cameras: int = 5, step_m: float = 300.0) -> HopModel:
    graph, known = line(cameras, step_m)
    network = network_of(shortest_ways(graph, known), dict.fromkeys(known, 0.06))
    return HopModel(network, TravelTimes(DEFAULT_SPEEDS), 7200.0)


def pool(*rows: tuple[int, float], families: tuple[int, ...] = (), rate: float = 0.02) -> Pool:
    """Candidates as (camera row, start), each five seconds long, numbered from 1."""
    count = len(rows)
    start_s = np.array([start for _, start in rows], np.float64)
    return Pool(
        np.arange(1, count + 1),
        np.array([row for row, _ in rows], np.int64),
        np.array(families or (PERSON,) * count, np.int64),
        start_s,
        start_s + 5.0,
        np.full(count, 0.5),
        np.full(count, rate),
        np.zeros(count),
        np.zeros(count, np.bool_),
    )


def hop(made: Pool, start: int = 0, end: int = 1) -> float:
    return float(model().hop(made, np.array([start]), np.array([end]))[0])


def test_a_passing_where_many_pass_means_less() -> None:
    quiet, busy = (pool((0, 0.0), (1, 240.0), rate=rate) for rate in (0.01, 1.0))
    assert hop(quiet) - hop(busy) == pytest.approx(math.log(100))


def test_the_time_that_a_walk_takes_is_worth_most() -> None:
    nats = [hop(pool((0, 0.0), (1, at_s))) for at_s in (50.0, 230.0, 1500.0)]
    assert nats[1] > nats[0]
    assert nats[1] > nats[2]


def test_what_no_speed_explains_is_no_hop() -> None:
    assert hop(pool((0, 0.0), (2, 10.0))) == -math.inf
    assert hop(pool((0, 0.0), (2, 10.0), families=(PERSON, RIDER))) == -math.inf


def test_a_change_of_carrier_costs_and_makes_faster_hops_possible() -> None:
    at_30_s = pool((0, 0.0), (1, 30.0))
    assert hop(at_30_s) == -math.inf
    assert hop(replace(at_30_s, families=np.array([PERSON, RIDER]))) > -math.inf
    at_230_s = pool((0, 0.0), (1, 230.0))
    assert hop(at_230_s) > hop(replace(at_230_s, families=np.array([PERSON, RIDER])))


def test_two_at_once_in_one_view_are_not_one_subject() -> None:
    assert hop(pool((0, 0.0), (0, 2.0))) == -math.inf
    assert hop(pool((0, 0.0), (0, 5.5))) > hop(pool((0, 0.0), (0, 60.0)))


def test_views_that_overlap_may_show_one_subject_at_once() -> None:
    overlapping = model(step_m=0.0)
    at_once, later = (
        float(overlapping.hop(pool((0, 0.0), (1, at_s)), np.array([0]), np.array([1]))[0])
        for at_s in (0.5, 400.0)
    )
    assert at_once > later > -math.inf
    assert hop(pool((0, 0.0), (1, 0.5))) == -math.inf


def test_a_rider_may_begin_before_the_walker_ends() -> None:
    assert hop(pool((0, 0.0), (0, 2.0), families=(PERSON, RIDER))) > -math.inf


def test_a_link_inside_one_view_counts_in_its_favour() -> None:
    made = pool((0, 0.0), (0, 6.0), families=(PERSON, RIDER))
    made = replace(made, fixed=np.array([True, False]))
    plain, linked = (
        model().lattice(made, links=links).hop[0, 1] for links in ({}, {(1, 2): "mounts"})
    )
    assert linked - plain == pytest.approx(LINK_NATS)


def test_a_chain_of_candidates_is_evidence_once() -> None:
    made = pool((0, 0.0), (1, 240.0), (2, 480.0), (3, 720.0))
    own = np.array([0.0, 3.0, 3.0, 3.0])
    made = replace(made, own=own, fixed=np.array([True, False, False, False]))
    lattice = model().lattice(made)
    alone = model().lattice(made.taken(np.array([0, 1])))
    links = lattice.hop + lattice.own[None, :]
    assert (links[1:, 2:] <= 1e-9).all()  # chances, not ratios
    assert lattice.hop[0, 1] == pytest.approx(alone.hop[0, 1])


def test_what_is_fixed_has_no_evidence_to_lose() -> None:
    made = replace(pool((0, 0.0)), own=np.array([-9.0]), fixed=np.array([True]))
    assert model().lattice(made).own.tolist() == [0.0]


def test_a_family_that_is_expected_begins_sooner() -> None:
    made = pool((0, 0.0), (0, 0.0), families=(PERSON, RIDER))
    expected = {Family.PERSON: 0.9, Family.RIDER: 0.05, Family.VEHICLE: 0.05}
    first = model().lattice(made, expected=expected).first
    assert first[0] - first[1] == pytest.approx(math.log(18))


def test_rates_count_one_family_at_one_camera_around_one_time() -> None:
    rows, families = np.array([0, 0, 0, 1, 0]), np.array([0, 0, 0, 0, 1])
    start_s = np.array([0.0, 50.0, 3000.0, 40.0, 45.0])
    asked = (np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1000.0, 1000.0, 1000.0]))
    rates = rates_of(rows, families, start_s, asked, around_s=1000.0)
    assert (rates * 2000).tolist() == pytest.approx([2.5, 1.5, 0.5])


def test_rates_at_the_edge_of_the_scope_count_the_time_that_there_is() -> None:
    rows, families = np.zeros(100, np.int64), np.zeros(100, np.int64)
    start_s = np.linspace(0.0, 990.0, 100)
    asked = (np.zeros(2, np.int64), np.zeros(2, np.int64), np.array([0.0, 500.0]))
    rates = rates_of(rows, families, start_s, asked, around_s=200.0)
    assert rates[0] == pytest.approx(rates[1], rel=0.1)
