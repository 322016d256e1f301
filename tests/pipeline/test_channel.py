"""A bounded queue that ends."""

import threading

import pytest

from pipeline.channel import Channel, Stopped


def test_iterating_gives_items_in_order_until_close() -> None:
    channel: Channel[int] = Channel(4)
    for item in (1, 2, 3):
        channel.put(item)
    channel.close()
    assert list(channel) == [1, 2, 3]


def test_put_waits_for_room() -> None:
    channel: Channel[int] = Channel(1)

    def write() -> None:
        for item in range(5):
            channel.put(item)

    writer = threading.Thread(target=write)
    writer.start()
    taken = [channel.take() for _ in range(5)]
    writer.join()
    assert taken == [0, 1, 2, 3, 4]


def test_take_after_its_timeout_gives_none() -> None:
    assert Channel[int](1).take(0.0) is None


def test_stop_drops_what_is_held() -> None:
    channel: Channel[int] = Channel(1)
    channel.put(1)
    channel.stop()
    with pytest.raises(Stopped):
        channel.take()
    with pytest.raises(Stopped):
        channel.put(2)
