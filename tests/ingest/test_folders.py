"""Folders of recordings: which file is when, and all of them one after the other."""

import itertools
from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from core.clocks import NS, parse_utc
from core.errors import InvalidInput, MediaCorrupt, SourceUnavailable
from core.types import Frame
from ingest.files import FileSource
from ingest.folders import FolderSource, TimedFile, back_to_back, named_by_time, videos_in
from tests.ingest.videos import write_video

START_NS = parse_utc("2026-05-04T07:55:00Z")


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def names(files: list[TimedFile]) -> list[str]:
    return [file.path.name for file in files]


def test_videos_are_listed_by_name_with_numbers_by_value(tmp_path: Path) -> None:
    touched(tmp_path, "cam10.mp4", "cam2.MP4", "cam1.mkv", "notes.txt", "cam2.jpg")
    assert [path.name for path in videos_in(tmp_path)] == ["cam1.mkv", "cam2.MP4", "cam10.mp4"]


def test_a_folder_without_videos_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no video file in it"):
        videos_in(touched(tmp_path, "notes.txt"))


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"^gone: "):
        videos_in(tmp_path / "gone")


def test_files_back_to_back_begin_where_the_one_before_ends(tmp_path: Path) -> None:
    for number, count in ((1, 50), (2, 25), (10, 5)):
        write_video(tmp_path / f"{number}.mp4", count=count)
    files = back_to_back(tmp_path, START_NS)
    assert names(files) == ["1.mp4", "2.mp4", "10.mp4"]
    assert [(file.start_ns - START_NS) / NS for file in files] == [0, 2, 3]


def test_a_broken_file_among_those_back_to_back_is_said(tmp_path: Path) -> None:
    write_video(tmp_path / "2.mp4", count=5)
    (tmp_path / "1.mp4").write_text("no video")
    with pytest.raises(MediaCorrupt, match=r"1\.mp4"):
        back_to_back(tmp_path, START_NS)


def test_a_file_without_a_length_cannot_stand_before_another(tmp_path: Path) -> None:
    write_video(tmp_path / "1.h264", count=5, format="h264")
    with pytest.raises(MediaCorrupt, match=r"1\.h264: does not say how long"):
        back_to_back(tmp_path, START_NS)


def test_names_say_their_times_in_the_stated_zone(tmp_path: Path) -> None:
    touched(tmp_path, "cam_20260504_160000.mp4", "cam_20260504_155500.mp4")
    files = named_by_time(tmp_path, "cam_%Y%m%d_%H%M%S", timezone(timedelta(hours=8)))
    assert names(files) == ["cam_20260504_155500.mp4", "cam_20260504_160000.mp4"]
    assert [file.start_ns for file in files] == [START_NS, START_NS + 300 * NS]


def test_a_zone_in_the_name_wins(tmp_path: Path) -> None:
    touched(tmp_path, "20260504T095500+0200.mp4")
    files = named_by_time(tmp_path, "%Y%m%dT%H%M%S%z", UTC)
    assert [file.start_ns for file in files] == [START_NS]


def test_parts_of_a_second_in_a_name_count(tmp_path: Path) -> None:
    touched(tmp_path, "20260504_075500_250000.mp4")
    files = named_by_time(tmp_path, "%Y%m%d_%H%M%S_%f", UTC)
    assert files[0].start_ns == START_NS + NS // 4


def test_a_name_that_does_not_fit_the_pattern_is_said(tmp_path: Path) -> None:
    touched(tmp_path, "holiday.mp4")
    with pytest.raises(InvalidInput, match=r"holiday\.mp4: want a name like '%Y%m%d'"):
        named_by_time(tmp_path, "%Y%m%d", UTC)


def chained(files: list[TimedFile]) -> FolderSource:
    epochs = itertools.count(1)
    return FolderSource(
        5,
        files,
        lambda file: FileSource(5, file.path, file.start_ns, next_epoch=epochs.__next__),
    )


def test_files_come_one_after_the_other_each_with_its_epoch(tmp_path: Path) -> None:
    for number in (1, 2):
        write_video(tmp_path / f"{number}.mp4", count=25)
    frames = list(chained(back_to_back(tmp_path, START_NS)))
    assert [frame.epoch for frame in frames] == [1] * 25 + [2] * 25
    assert frames[25].device_ns == START_NS + NS
    assert {frame.camera_id for frame in frames} == {5}


def test_a_broken_file_does_not_stop_those_after_it(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").write_text("no video")
    write_video(tmp_path / "2.mp4", count=8)
    files = [TimedFile(tmp_path / f"{k}.mp4", START_NS + k * NS) for k in (1, 2)]
    frames: list[Frame] = []
    with pytest.raises(MediaCorrupt, match=r"1\.mp4: not a video file"):
        frames.extend(chained(files))
    assert len(frames) == 8


def test_close_ends_the_file_and_those_after_it(tmp_path: Path) -> None:
    for number in (1, 2):
        write_video(tmp_path / f"{number}.mp4", count=25)
    reader = chained(back_to_back(tmp_path, START_NS))
    frames: Iterator[Frame] = iter(reader)
    next(frames)
    reader.close()
    assert list(frames) == []
