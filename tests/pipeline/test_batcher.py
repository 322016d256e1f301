"""Batches across cameras: order, bounds, shedding and the end."""

import threading

import pytest

from pipeline.batcher import Batcher, Coast, End, Look, Shed
from pipeline.channel import Stopped
from tests.pipeline.frames import frame


def batcher(*, batch: int = 2, depth: int = 2) -> Batcher:
    return Batcher(batch=batch, latency_s=0.0, depth=depth)


def look(camera_id: int = 1, at_s: float = 0.0) -> Look:
    return Look(frame(camera_id, at_s=at_s))


def put(into: Batcher, *events: Look | Coast | End, shed: bool = True) -> None:
    for event in events:
        camera = event.frame.camera_id if isinstance(event, Look) else event.camera_id
        into.put(event, camera_id=camera, shed=shed)


def test_take_collects_frames_of_several_cameras() -> None:
    queue, one, other = batcher(), look(1), look(2)
    put(queue, one, other)
    assert queue.take() == [one, other]


def test_take_gives_no_more_looks_than_a_batch() -> None:
    queue = batcher(batch=1)
    put(queue, look(1), look(2))
    assert len(queue.take()) == 1
    assert len(queue.take()) == 1


def test_take_keeps_what_lies_between_looks_in_its_place() -> None:
    queue, coast = batcher(), Coast(1, 5)
    put(queue, look(1), coast, look(1))
    assert queue.take()[1] is coast


def test_put_beyond_the_depth_sheds_the_oldest_in_its_place() -> None:
    queue = batcher(batch=3, depth=2)
    put(queue, look(1, 0.0), look(1, 1.0), look(1, 2.0))
    kinds = [type(event) for event in queue.take()]
    assert kinds == [Shed, Look, Look]


def test_put_of_one_camera_does_not_shed_another() -> None:
    queue = batcher(batch=4, depth=1)
    put(queue, look(1), look(2), look(2))
    kinds = [(type(e), e.camera_id if isinstance(e, Shed) else 0) for e in queue.take()]
    assert kinds == [(Look, 0), (Shed, 2), (Look, 0)]


def test_put_of_a_file_waits_for_room_and_sheds_nothing() -> None:
    queue = batcher(batch=1, depth=1)
    events = [look(1, at) for at in (0.0, 1.0, 2.0)]
    writer = threading.Thread(target=put, args=(queue, *events), kwargs={"shed": False})
    writer.start()
    taken = [event for _ in events for event in queue.take()]
    writer.join()
    assert taken == events


def test_close_gives_what_is_held_then_stops() -> None:
    queue = batcher()
    put(queue, End(1))
    queue.close()
    assert queue.take() == [End(1)]
    with pytest.raises(Stopped):
        queue.take()


def test_stop_frees_a_writer_that_waits() -> None:
    queue = batcher(depth=1)
    put(queue, look(1))
    freed: list[bool] = []

    def write() -> None:
        try:
            queue.put(look(1), camera_id=1, shed=False)
        except Stopped:
            freed.append(True)

    writer = threading.Thread(target=write)
    writer.start()
    queue.stop()
    writer.join()
    assert freed == [True]
