"""What photographs of plates are named and labelled like, and when a read counts as right."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.plate_photos import (
    ccpd_text,
    comparable,
    crops,
    edits,
    openalpr,
    photo_sets,
    same_text,
)
from benchmarks.plate_sets import half_of
from core.errors import InvalidInput, MediaCorrupt

_CORNERS = "476&566_266&568_251&496_461&494"
CCPD = f"0130387931034-88_83-258&504_472&569-{_CORNERS}-0_0_33_27_25_22_33-5-1.jpg"


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    done, content = cv2.imencode(".jpg", np.full((20, 60, 3), (255, 0, 0), np.uint8))
    assert done
    path.write_bytes(content.tobytes())
    return path


def test_crop_is_named_after_its_text(tmp_path: Path) -> None:
    for name in ("皖A3E773.jpg", "ab-12.jpg", "XY9_2.jpg"):
        picture(tmp_path / name)
    assert [photo.text for photo in crops(tmp_path)] == ["XY9", "AB", "皖A3E773"]
    assert all(photo.xyxy is None for photo in crops(tmp_path))


def test_whole_picture_has_a_line_beside_it(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("a.jpg\t10\t20\t30\t5\tRK-291AT\n", "utf-8")
    (photo,) = openalpr(tmp_path)
    assert photo.text == "RK291AT"
    assert photo.xyxy is not None
    assert photo.xyxy.tolist() == [10, 20, 40, 25]


def test_line_with_other_columns_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("a.jpg\t10\t20", "utf-8")
    with pytest.raises(InvalidInput, match="want six columns"):
        list(openalpr(tmp_path))


def test_name_of_ccpd_says_text_and_box(tmp_path: Path) -> None:
    picture(tmp_path / "ccpd_full" / CCPD)
    sets = photo_sets(tmp_path, half_of(CCPD))
    (photo,) = sets["ccpd_full"]
    # Province 0, city 0, then 33, 27, 25, 22, 33 of the letters without I and O, and the digits.
    assert photo.text == ccpd_text("0_0_33_27_25_22_33") == "皖A931Y9"
    assert photo.xyxy is not None
    assert photo.xyxy.tolist() == [258, 504, 472, 569]


def test_sets_hold_the_asked_half_alone(tmp_path: Path) -> None:
    names = [f"A{row}.jpg" for row in range(12)]
    for name in names:
        picture(tmp_path / "mine" / name)
    for half in ("guide", "test"):
        (photos,) = photo_sets(tmp_path, half).values()
        wanted = [name for name in sorted(names) if half_of(name) == half]
        assert [photo.path.name for photo in photos] == wanted


def test_picture_is_rgb(tmp_path: Path) -> None:
    picture(tmp_path / "A.jpg")
    (photo,) = crops(tmp_path)
    assert photo.rgb[10, 30].argmax() == 2  # blue


def test_file_that_is_no_picture_says_so(tmp_path: Path) -> None:
    (tmp_path / "A.jpg").write_bytes(b"no")
    (photo,) = crops(tmp_path)
    with pytest.raises(MediaCorrupt, match=r"A\.jpg"):
        _ = photo.rgb


@pytest.mark.parametrize(
    ("name", "right"), [("openalpr_us", True), ("openalpr_eu", True), ("cn_crops_lprnet", False)]
)
def test_twins_are_alike_where_countries_print_them_alike(name: str, right: bool) -> None:
    assert same_text("AO0I1", "A00II", name) is right


def test_comparable_text_keeps_other_signs() -> None:
    assert comparable("BOS8", "openalpr_br") == "B0S8"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("ABC", "ABC", 0), ("ABC", "AXC", 1), ("ABC", "AC", 1), ("", "AB", 2),
     ("ABCD", "BCDA", 2)],
)  # fmt: skip
def test_edits_are_counted(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count
