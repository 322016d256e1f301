"""What every `Store` holds: writers, cameras, accounts. Tracks and cases have their own files."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import Busy, Conflict, DuplicateId, InvalidInput, NotFound
from core.protocols import Store
from core.types import CameraGraph, ClockCorrection, Role, SpeedPrior
from index.rows.store import SqlStore
from tests.builders import T0_NS, account, activity, at, camera, epoch, scope, segment, session
from tests.builders import shot as a_shot
from tests.builders import tracklet as a_tracklet

LATER = at(60)

# --- writers and leases ---


def test_writer_number_stays_the_same(store: Store) -> None:
    first = store.writers.lease_writer("host-a", "one", T0_NS, LATER)
    store.writers.release("one")
    assert store.writers.lease_writer("host-a", "two", T0_NS, LATER) == first


def test_writer_numbers_differ_by_name(store: Store) -> None:
    numbers = {store.writers.lease_writer(f"host-{i}", "one", T0_NS, LATER) for i in range(3)}
    assert numbers == {0, 1, 2}


def test_writer_of_a_living_owner_is_busy(store: Store) -> None:
    store.writers.lease_writer("host-a", "one", T0_NS, LATER)
    with pytest.raises(Busy, match="host-a"):
        store.writers.lease_writer("host-a", "two", T0_NS, LATER)


def test_writer_is_free_once_its_lease_ended(store: Store) -> None:
    first = store.writers.lease_writer("host-a", "one", T0_NS, LATER)
    assert store.writers.lease_writer("host-a", "two", LATER, at(120)) == first


def test_writer_lease_is_renewed_by_its_owner(store: Store) -> None:
    store.writers.lease_writer("host-a", "one", T0_NS, LATER)
    store.writers.lease_writer("host-a", "one", at(30), at(90))
    with pytest.raises(Busy):
        store.writers.lease_writer("host-a", "two", LATER, at(120))


def test_lease_that_ends_at_once_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="lease"):
        store.writers.lease_writer("host-a", "one", T0_NS, T0_NS)


def test_camera_of_a_living_owner_is_busy(store: Store) -> None:
    store.cameras.put(camera())
    store.writers.lease_camera(1, "one", T0_NS, LATER)
    with pytest.raises(Busy, match="camera 1"):
        store.writers.lease_camera(1, "two", T0_NS, LATER)


def test_camera_is_free_once_its_lease_ended(store: Store) -> None:
    store.cameras.put(camera())
    store.writers.lease_camera(1, "one", T0_NS, LATER)
    store.writers.lease_camera(1, "two", LATER, at(120))
    with pytest.raises(Busy):
        store.writers.lease_camera(1, "one", LATER, at(120))


def test_release_gives_back_cameras(store: Store) -> None:
    store.cameras.put(camera())
    store.writers.lease_camera(1, "one", T0_NS, LATER)
    store.writers.release("one")
    store.writers.lease_camera(1, "two", T0_NS, LATER)


def test_release_leaves_what_others_hold(store: Store) -> None:
    store.cameras.put(camera())
    store.writers.lease_camera(1, "one", T0_NS, LATER)
    store.writers.release("two")
    with pytest.raises(Busy):
        store.writers.lease_camera(1, "two", T0_NS, LATER)


def test_lease_of_an_unknown_camera_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="camera 7"):
        store.writers.lease_camera(7, "one", T0_NS, LATER)


# --- cameras ---


def test_camera_comes_back_as_it_was_put(store: Store) -> None:
    put = replace(
        camera(),
        lon_lat_deg=(121.4737, 31.2304),
        kind="checkpoint",
        main_url="rtsp://10.0.0.7/main",
        sub_url="rtsp://10.0.0.7/sub",
        transport="udp",
        username="viewer",
        secret=b"\x00\xffencrypted",
        retention_days=14,
        analysis_fps=7.5,
        recorded=False,
    )
    store.cameras.put(put)
    assert store.cameras.get(1) == put


def test_unknown_camera_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="camera 9"):
        store.cameras.get(9)


def test_cameras_come_by_id(store: Store) -> None:
    for camera_id in (3, 1, 2):
        store.cameras.put(camera(camera_id))
    assert [known.camera_id for known in store.cameras.all()] == [1, 2, 3]


def test_some_cameras_are_those_that_there_are_by_id(store: Store) -> None:
    for camera_id in (1, 2, 3):
        store.cameras.put(camera(camera_id))
    store.cameras.correct_clock(3, ClockCorrection(T0_NS, 2.0, 0.1), T0_NS)

    found = store.cameras.some([3, 1, 9])

    assert found == [store.cameras.get(1), store.cameras.get(3)]
    assert found[1].clocks
    assert store.cameras.some([]) == []


def test_camera_put_again_keeps_its_clock_history(store: Store) -> None:
    found = ClockCorrection(T0_NS, 90.0, 0.5)
    store.cameras.put(camera())
    store.cameras.correct_clock(1, found, T0_NS)
    store.cameras.put(camera(name="renamed"))
    assert store.cameras.get(1) == replace(camera(name="renamed"), clocks=(found,))


def test_camera_put_does_not_write_clock_history(store: Store) -> None:
    store.cameras.put(replace(camera(), clocks=(ClockCorrection(T0_NS, 90.0, 0.5),)))
    assert store.cameras.get(1).clocks == ()


def test_newest_correction_of_a_moment_counts(store: Store) -> None:
    store.cameras.put(camera())
    for since_ns, offset_s in ((at(60), 1.0), (T0_NS, 2.0), (at(60), 3.0)):
        store.cameras.correct_clock(1, ClockCorrection(since_ns, offset_s, 0.1), at(100))
    assert [(c.since_ns, c.offset_s) for c in store.cameras.get(1).clocks] == [
        (T0_NS, 2.0),
        (at(60), 3.0),
    ]


def test_correction_of_an_unknown_camera_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="camera 9"):
        store.cameras.correct_clock(9, ClockCorrection(T0_NS, 1.0, 0.1), T0_NS)


def graph_of(ids: list[int], edges: list[tuple[int, int]]) -> CameraGraph:
    lengths = (np.arange(1, len(edges) + 1) / 3).astype(np.float32)
    speeds = (SpeedPrior("person", 0.5, 1.4, 6.0),)
    ends = np.array(edges, np.int32).reshape(-1, 2)
    return CameraGraph(np.array(ids, np.int64), ends, lengths, speeds)


def test_graph_comes_back_as_it_was_put(store: Store) -> None:
    for camera_id in (1, 2, 3):
        store.cameras.put(camera(camera_id))
    put = graph_of([3, 1, 2], [(0, 1), (1, 0), (1, 2)])
    store.cameras.put_graph(put)
    got = store.cameras.graph()
    assert got.camera_ids.tolist() == [3, 1, 2]
    assert got.edges.tolist() == put.edges.tolist()
    assert got.distance_m.tolist() == put.distance_m.tolist()
    assert got.speeds == put.speeds


def test_graph_without_import_has_all_cameras_and_no_edge(store: Store) -> None:
    for camera_id in (2, 1):
        store.cameras.put(camera(camera_id))
    got = store.cameras.graph()
    assert (got.camera_ids.tolist(), got.edges.shape) == ([1, 2], (0, 2))


def test_graph_is_replaced_as_a_whole(store: Store) -> None:
    for camera_id in (1, 2):
        store.cameras.put(camera(camera_id))
    store.cameras.put_graph(graph_of([1, 2], [(0, 1), (1, 0)]))
    store.cameras.put_graph(graph_of([1, 2], [(1, 0)]))
    assert store.cameras.graph().edges.tolist() == [[1, 0]]


def test_graph_with_an_unknown_camera_changes_nothing(store: Store) -> None:
    for camera_id in (1, 2):
        store.cameras.put(camera(camera_id))
    store.cameras.put_graph(graph_of([1, 2], [(0, 1)]))
    with pytest.raises(Conflict):
        store.cameras.put_graph(graph_of([1, 9], [(0, 1)]))
    assert store.cameras.graph().camera_ids.tolist() == [1, 2]


def with_everything(store: Store, camera_id: int) -> None:
    seen = a_tracklet(camera_id, camera_id=camera_id)
    store.cameras.put(camera(camera_id))
    store.cameras.correct_clock(camera_id, ClockCorrection(T0_NS, 1.0, 0.1), T0_NS)
    store.tracks.put_epoch(epoch(camera_id=camera_id))
    store.tracks.put_parts([(seen, [a_shot(camera_id, seen)])])
    store.tracks.put_footage(segment(camera_id, camera_id=camera_id))
    store.tracks.put_activity([activity(camera_id, camera_id=camera_id)])


def test_deleted_camera_leaves_no_row(store: Store) -> None:
    with_everything(store, 1)
    store.writers.lease_camera(1, "one", T0_NS, LATER)
    store.cameras.delete(1)
    store.cameras.put(camera())
    tracks = store.tracks
    assert store.cameras.get(1).clocks == ()
    assert not tracks.known_shots(np.array([1], np.int64)).any()
    assert not tracks.tracklets(scope())
    assert not tracks.footage(scope())
    assert not tracks.activity(scope())
    assert not tracks.epochs(scope(), [1])
    store.writers.lease_camera(1, "two", T0_NS, LATER)


def test_deleted_camera_leaves_others_alone(store: Store) -> None:
    with_everything(store, 1)
    with_everything(store, 2)
    store.cameras.delete(1)
    assert len(store.tracks.tracklets(scope([1, 2]))) == 1
    assert len(store.tracks.shots(scope([1, 2]))) == 1
    assert len(store.tracks.footage(scope([1, 2]))) == 1


def test_deleted_camera_leaves_the_graph(store: Store) -> None:
    for camera_id in (1, 2, 3):
        store.cameras.put(camera(camera_id))
    store.cameras.put_graph(graph_of([1, 2, 3], [(0, 1), (1, 2)]))
    store.cameras.delete(1)
    got = store.cameras.graph()
    assert (got.camera_ids.tolist(), got.edges.tolist()) == ([2, 3], [[0, 1]])


def test_deleted_camera_gets_no_row_again(store: Store) -> None:
    store.cameras.put(camera())
    store.cameras.delete(1)
    with pytest.raises(Conflict):
        store.tracks.put_parts([(a_tracklet(), [])])


def test_camera_deleted_twice_is_deleted(store: Store) -> None:
    store.cameras.put(camera())
    store.cameras.delete(1)
    store.cameras.delete(1)
    assert store.cameras.all() == []


# --- accounts and sessions ---


def test_account_comes_back_as_it_was_put(store: Store) -> None:
    put = account(roles=(Role.ADMIN, Role.AUDITOR), disabled=True)
    store.accounts.put(put)
    assert store.accounts.get(1) == put == store.accounts.by_name(put.name)


def test_account_put_again_is_replaced(store: Store) -> None:
    store.accounts.put(account())
    store.accounts.put(account(name="renamed", password_hash="new"))
    assert store.accounts.all() == [account(name="renamed", password_hash="new")]


@pytest.mark.parametrize("name", ["wang", "WANG", "ｗａｎｇ"])  # noqa: RUF001 (wide letters)
def test_account_name_that_reads_the_same_is_taken(store: Store, name: str) -> None:
    store.accounts.put(account(1, name="wang"))
    with pytest.raises(Conflict, match="taken"):
        store.accounts.put(account(2, name=name))


def test_unknown_accounts_are_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="account 1"):
        store.accounts.get(1)
    with pytest.raises(NotFound, match="nobody"):
        store.accounts.by_name("nobody")


def test_session_comes_back_as_it_was_put(store: Store) -> None:
    store.accounts.put(account())
    store.accounts.put_session(session())
    assert store.accounts.session("a" * 64) == session()


def test_session_with_a_known_token_is_a_duplicate(store: Store) -> None:
    store.accounts.put(account())
    store.accounts.put_session(session())
    with pytest.raises(DuplicateId):
        store.accounts.put_session(session())


def test_ended_session_is_not_found(store: Store) -> None:
    store.accounts.put(account())
    store.accounts.put_session(session())
    store.accounts.end_session("a" * 64)
    with pytest.raises(NotFound):
        store.accounts.session("a" * 64)


def test_end_sessions_ends_those_of_one_account(store: Store) -> None:
    for account_id in (1, 2):
        store.accounts.put(account(account_id))
    store.accounts.put_session(session("a" * 64, account_id=1))
    store.accounts.put_session(session("b" * 64, account_id=1))
    store.accounts.put_session(session("c" * 64, account_id=2))
    store.accounts.end_sessions(1)
    for ended in "ab":
        with pytest.raises(NotFound):
            store.accounts.session(ended * 64)
    assert store.accounts.session("c" * 64).account_id == 2


# --- all of it ---


def test_reopened_store_gives_the_same_answers(store: Store, store_url: str) -> None:
    with_everything(store, 1)
    again = SqlStore.open(store_url)
    try:
        assert again.cameras.all() == store.cameras.all()
        assert again.tracks.shots(scope()) == store.tracks.shots(scope())
        assert again.tracks.footage(scope()) == store.tracks.footage(scope())
    finally:
        again.close()
