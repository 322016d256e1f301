from pathlib import Path

import av
import pytest

from scenes.rtsp.units import (
    AccessUnit,
    Codec,
    annex_b_units,
    kind,
    parameter_sets,
    prefix_bytes_of,
    prefixed_units,
    sets_in_extradata,
    sets_of_kind,
    with_sets,
)
from tests.ingest.videos import write_video

SPS, PPS, IDR, DELIMITER = b"\x67\x42\x00\x1e", b"\x68\xce", b"\x65\x88", b"\x09\xf0"


def picture(*units: bytes, keyframe: bool = True) -> AccessUnit:
    return AccessUnit(units, 0, 0, 3600, keyframe)


@pytest.mark.parametrize("start", [b"\x00\x00\x01", b"\x00\x00\x00\x01"])
def test_units_are_told_apart_by_start_codes(start: bytes) -> None:
    assert list(annex_b_units(start + SPS + start + PPS + b"\x00")) == [SPS, PPS]


@pytest.mark.parametrize("payload", [b"", b"\x00\x00", b"no start code"])
def test_what_has_no_start_code_has_no_unit(payload: bytes) -> None:
    assert list(annex_b_units(payload)) == []


@pytest.mark.parametrize("size", [1, 2, 4])
def test_units_are_told_apart_by_their_lengths(size: int) -> None:
    payload = b"".join(len(unit).to_bytes(size) + unit for unit in (SPS, PPS))
    assert list(prefixed_units(payload, size)) == [SPS, PPS]
    assert list(prefixed_units(payload[:-1], size)) == [SPS]


@pytest.mark.parametrize(("codec", "encoder"), [("h264", "libx264"), ("hevc", "libx265")])
@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_parameter_sets_are_found_ahead_of_a_stream(
    tmp_path: Path, codec: Codec, encoder: str, suffix: str
) -> None:
    options = {"x265-params": "log-level=none:pools=1"} if codec == "hevc" else {}
    path = write_video(tmp_path / f"clip{suffix}", count=3, codec=encoder, options=options)
    with av.open(str(path)) as container:
        extradata = bytes(container.streams.video[0].codec_context.extradata or b"")
    assert prefix_bytes_of(codec, extradata) == (4 if suffix == ".mp4" else 0)
    sets = sets_in_extradata(codec, extradata)
    assert [len(rows) for rows in sets_of_kind(codec, sets)] == [1] * (2 if codec == "h264" else 3)


def test_kinds_are_read_from_the_unit_s_header() -> None:
    assert [kind("h264", unit) for unit in (SPS, PPS, IDR)] == [7, 8, 5]
    assert [kind("hevc", bytes([wanted << 1, 1])) for wanted in (32, 33, 34)] == [32, 33, 34]


def test_a_keyframe_gets_the_parameter_sets_behind_its_delimiter() -> None:
    whole = with_sets("h264", picture(DELIMITER, IDR), (SPS, PPS))
    assert whole.units == (DELIMITER, SPS, PPS, IDR)


def test_a_keyframe_that_has_parameter_sets_keeps_its_own() -> None:
    own = picture(SPS, PPS, IDR)
    assert with_sets("h264", own, (b"\x67other", PPS)) is own


def test_other_pictures_get_none() -> None:
    between = picture(b"\x41\x9a", keyframe=False)
    assert with_sets("h264", between, (SPS, PPS)) is between


def test_each_set_counts_once() -> None:
    assert parameter_sets("h264", [SPS, PPS, SPS, IDR]) == (SPS, PPS)
