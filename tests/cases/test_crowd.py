"""The crowd of a scope is made once, and anew when anything of it changed."""

from dataclasses import replace

import numpy as np

from cases.answers import Pursued, Pursuit, VectorQuery, VectorSearch
from cases.crowd import Crowd, Crowds
from cases.laying import Networks
from cases.network import CameraNetwork
from core.types import Family
from tests.builders import MODEL_KEY
from tests.cases.world import ANN, World, vector


def read_of(world: World) -> Pursued:
    query = VectorQuery(Family.PERSON, MODEL_KEY, vector("thief")[None], (7,))
    return world.door.pursue(ANN, 1, Pursuit(VectorSearch(55, (query,), 10, None)))


def network_for(world: World, read: Pursued) -> CameraNetwork:
    return Networks().of(world.store.cameras.graph(), read.passage, read.found.coverage)


def later(read: Pursued) -> Pursued:
    return replace(read, utc_end_ns=read.utc_end_ns + 10**9)


def test_a_crowd_holds_who_passed_in_order_of_time(world: World) -> None:
    world.open_case()
    read = read_of(world)
    crowd = Crowd.of(read, network_for(world, read))
    assert crowd.pool.tracklet_ids.tolist() == [101, 102]
    assert (np.diff(crowd.pool.start_s) >= 0).all()
    assert not crowd.pool.fixed.any()


def test_equal_passings_are_the_same_crowd(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(), read_of(world)
    network = network_for(world, read)
    assert crowds.of(read_of(world), network) is crowds.of(read, network)


def test_other_times_or_another_network_are_another_crowd(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(), read_of(world)
    network = network_for(world, read)
    first = crowds.of(read, network)
    assert crowds.of(later(read), network).pool.end_s.tolist() != first.pool.end_s.tolist()
    assert crowds.of(read, network_for(world, read)) is not first


def test_only_the_last_few_are_kept(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(most=1), read_of(world)
    network = network_for(world, read)
    first = crowds.of(read, network)
    crowds.of(later(read), network)
    assert crowds.of(read, network) is not first
