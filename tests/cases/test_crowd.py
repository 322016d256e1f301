"""The crowd of a scope is made once, and anew when anything of it changed."""

from dataclasses import replace

import numpy as np

from cases.answers import Passage, Pursued, Pursuit, VectorQuery, VectorSearch
from cases.crowd import Crowd, Crowds
from cases.laying import Networks
from core.arrays import I64
from core.types import ClockCorrection, Family, Passings
from tests.builders import MODEL_KEY
from tests.cases.world import ANN, World, vector


def read_of(world: World) -> Pursued:
    query = VectorQuery(Family.PERSON, MODEL_KEY, vector("thief")[None], (7,))
    return world.door.pursue(ANN, 1, Pursuit(VectorSearch(55, (query,), 10, None)))


def parts_of(read: Pursued) -> tuple[Passage, Passings, tuple[I64, I64]]:
    return read.passage, read.passings, (read.utc_start_ns, read.utc_end_ns)


def later(read: Pursued) -> Pursued:
    return replace(read, utc_end_ns=read.utc_end_ns + 10**9)


def test_a_crowd_holds_who_passed_in_order_of_time(world: World) -> None:
    world.open_case()
    read = read_of(world)
    crowd = Crowd.of(*parts_of(read))
    assert crowd.pool.tracklet_ids.tolist() == [101, 102]
    assert (np.diff(crowd.pool.start_s) >= 0).all()
    assert not crowd.pool.fixed.any()


def test_its_rows_are_the_network_s(world: World) -> None:
    world.open_case()
    read = read_of(world)
    graph = world.store.cameras.graph()
    network = Networks().of(graph, read.passage, read.found.coverage)
    pool = Crowd.of(*parts_of(read)).pool
    cameras = dict(
        zip(read.passings.tracklet_ids.tolist(), read.passings.camera_ids.tolist(), strict=True)
    )
    wanted = [cameras[i] for i in pool.tracklet_ids.tolist()]
    assert network.camera_ids[pool.camera_rows].tolist() == wanted


def test_equal_passings_are_the_same_crowd(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(), read_of(world)
    assert crowds.of(*parts_of(read_of(world))) is crowds.of(*parts_of(read))


def test_other_times_are_another_crowd(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(), read_of(world)
    first = crowds.of(*parts_of(read))
    assert crowds.of(*parts_of(later(read))).pool.end_s.tolist() != first.pool.end_s.tolist()


def test_another_clock_is_another_crowd(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(), read_of(world)
    first = crowds.of(*parts_of(read))
    unsure = ClockCorrection(0, 0.0, 9.0)
    cameras = {i: replace(one, clocks=(unsure,)) for i, one in read.passage.cameras.items()}
    other = replace(read, passage=replace(read.passage, cameras=cameras))
    assert set(crowds.of(*parts_of(other)).sigma_s.tolist()) == {9.0}
    assert crowds.of(*parts_of(read)) is first


def test_only_the_last_few_are_kept(world: World) -> None:
    world.open_case()
    crowds, read = Crowds(most=1), read_of(world)
    first = crowds.of(*parts_of(read))
    crowds.of(*parts_of(later(read)))
    assert crowds.of(*parts_of(read)) is not first
