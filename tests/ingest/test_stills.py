"""Stills of a checkpoint: each its own instant, a broken one no reason to lose the others."""

import itertools

import pytest

from core.errors import InvalidInput, MediaCorrupt, TooLarge
from core.protocols import Surface
from core.types import ClockSource, StatedPlate
from ingest.stills import Still, StillSource, stated_plates
from ingest.surface import HostSurface
from tests.ingest.videos import textured


def opener(content: bytes) -> Surface:
    """Opens `hNwN` as a picture of that height and width."""
    if content == b"broken":
        raise MediaCorrupt("picture: a JPEG that is broken or cut off")
    if content == b"large":
        raise TooLarge("picture: want at most 50 megapixels, got 40000x40000")
    height, width = map(int, content.split(b"x"))
    return HostSurface.of_rgb(textured((height, width)))


def source(*stills: Still) -> StillSource:
    epochs = itertools.count(11)
    return StillSource(3, stills, opener, next_epoch=epochs.__next__, now=lambda: 42)


def still(device_ns: int, content: bytes = b"90x160", name: str = "a.jpg") -> Still:
    return Still(name, device_ns, content)


def test_each_still_is_a_frame_at_its_own_time() -> None:
    frames = list(source(still(1000), still(500, b"60x80")))
    assert [frame.device_ns for frame in frames] == [1000, 500]
    assert [frame.surface.size for frame in frames] == [(90, 160), (60, 80)]
    assert {frame.camera_id for frame in frames} == {3}
    assert {frame.receipt_ns for frame in frames} == {42}
    assert {frame.clock for frame in frames} == {ClockSource.CONTAINER}


def test_each_still_has_an_epoch_of_its_own() -> None:
    assert [frame.epoch for frame in source(still(1), still(2), still(3))] == [11, 12, 13]


def test_no_stills_give_no_frames() -> None:
    assert list(source()) == []


def test_broken_stills_are_named_after_all_others_came() -> None:
    frames = iter(
        source(still(1), still(2, b"broken", "b.jpg"), still(3, b"large", "c.jpg"), still(4))
    )
    assert [next(frames).device_ns, next(frames).device_ns] == [1, 4]
    with pytest.raises(MediaCorrupt, match=r"b\.jpg: .*broken.*; c\.jpg: .*50 megapixels"):
        next(frames)


def test_close_ends_the_stills() -> None:
    reader = source(still(1), still(2))
    frames = iter(reader)
    next(frames)
    reader.close()
    assert list(frames) == []


# --- what the device read itself ---


def test_stated_plates_go_with_their_frame() -> None:
    stated = (StatedPlate("京A12345", (0.9,), "blue"),)
    (frame,) = source(Still("a.jpg", 1, b"90x160", stated))
    assert frame.stated == stated


def test_a_sidecar_says_what_the_device_read() -> None:
    content = """{"plates": [
        {"text": "京A1?345", "confidence": 0.93, "colour": "blue", "box": [8, 6, 90, 33]},
        {"text": "B-AB 12", "confidence": [0.9, 0.8, 0.7, 0.9, 0.9]},
        {"text": "7ABC123"}
    ]}"""
    assert stated_plates(content.encode()) == (
        StatedPlate("京A1?345", (0.93,), "blue", (8.0, 6.0, 90.0, 33.0)),
        StatedPlate("B-AB 12", (0.9, 0.8, 0.7, 0.9, 0.9)),
        StatedPlate("7ABC123", (0.9,)),
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"plates": 5}',
        '{"plates": ["京A12345"]}',
        '{"plates": [{}]}',
        '{"plates": [{"text": 12345}]}',
        '{"plates": [{"text": "无车牌"}]}',
        '{"plates": [{"text": "京A12345", "confidence": "high"}]}',
        '{"plates": [{"text": "京A12345", "confidence": 93}]}',
        '{"plates": [{"text": "京A12345", "box": [1, 2, 3]}]}',
        '{"plates": [{"text": "京A12345", "box": [1, 2, 3, NaN]}]}',
        '{"plates": [{"text": "京A12345", "face": "x"}]}',
        "[" * 50_000,
    ],
)
def test_a_sidecar_that_makes_no_sense_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput):
        stated_plates(content.encode())


def test_a_sidecar_in_no_encoding_is_refused() -> None:
    with pytest.raises(InvalidInput):
        stated_plates(b"\xff\xfe\xff")


def test_too_large_a_sidecar_is_not_read() -> None:
    with pytest.raises(TooLarge, match="sidecar"):
        stated_plates(b" " * 100_000)
