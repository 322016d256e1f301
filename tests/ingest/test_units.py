"""NAL units and the parameter sets among them."""

from pathlib import Path

import av
import pytest

from ingest.segment import sets_of
from ingest.units import extradata_of, has_picture, is_annex_b, parameter_sets, units
from tests.ingest.videos import write_video

SPS, PPS, IDR = b"\x67\x42", b"\x68\xce", b"\x65\x88"
SHORT, LONG = b"\x00\x00\x01", b"\x00\x00\x00\x01"


def test_units_are_cut_at_short_and_long_start_codes() -> None:
    assert list(units(LONG + SPS + SHORT + PPS + LONG + IDR)) == [SPS, PPS, IDR]


def test_a_payload_without_a_start_code_has_no_units() -> None:
    assert list(units(b"\x01\x02")) == []


def test_parameter_sets_come_once_each_and_in_order() -> None:
    payload = b"".join(LONG + unit for unit in (SPS, PPS, SPS, PPS, IDR))
    assert parameter_sets("h264", payload) == (SPS, PPS)


@pytest.mark.parametrize("found", [(SPS,), (PPS,), (IDR,), ()])
def test_an_incomplete_set_counts_as_none(found: tuple[bytes, ...]) -> None:
    assert parameter_sets("h264", extradata_of(found)) == ()


def test_extradata_holds_the_sets_again() -> None:
    assert parameter_sets("h264", extradata_of((SPS, PPS))) == (SPS, PPS)


@pytest.mark.parametrize(("found", "expected"), [((SPS, PPS), False), ((SPS, PPS, IDR), True)])
def test_a_head_without_a_slice_is_no_picture(found: tuple[bytes, ...], expected: bool) -> None:
    assert has_picture("h264", extradata_of(found)) is expected


def test_other_codecs_have_no_sets() -> None:
    assert parameter_sets("mjpeg", LONG + SPS + LONG + PPS) == ()


@pytest.mark.parametrize(
    ("codec", "extradata", "expected"),
    [("h264", None, True), ("hevc", LONG, True), ("h264", b"\x01d", False), ("mjpeg", None, False)],
)
def test_annex_b_is_told_by_the_extradata(
    codec: str, extradata: bytes | None, expected: bool
) -> None:
    assert is_annex_b(codec, extradata) is expected


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_real_keyframe_brings_its_sets_and_other_packets_none(codec: str, tmp_path: Path) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write_video(tmp_path / "v.ts", count=10, codec=codec, options=options)
    with av.open(str(path)) as container:
        found = [sets_of(packet) for packet in container.demux(video=0) if packet.size]
    assert len(found[0]) == (2 if codec == "libx264" else 3)
    assert set(found[1:]) == {()}
