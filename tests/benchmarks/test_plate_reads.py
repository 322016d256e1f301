"""How photographs of plates are judged, and that the test half never goes unnoted."""

import json
import pickle
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.plate_lprnet import BLANK, CHARACTERS, collapsed, read_weights
from benchmarks.plate_photos import Photo
from benchmarks.plate_reads import (
    Answer,
    PlateModels,
    answer_of,
    looked_at,
    lprnet_figures,
    plate_figures,
    set_figures,
)
from benchmarks.plate_sets import half_of
from core.arrays import F32, I64, U8
from core.errors import ModelMismatch
from core.plates.alphabet import COLUMNS, index_of
from core.protocols import Surface
from core.types import Detections, ModelSpec, PlateRead
from ingest.surface import HostSurface
from tests.detectors.plate_models import READER_HW, plate_spec

BOX = np.array([40, 30, 80, 42], np.float32)


def sure(text: str) -> F32:
    rows = np.full((8, COLUMNS), -20, np.float32)
    rows[np.arange(8), [*index_of(text).tolist(), *[COLUMNS - 1] * (8 - len(text))]] = 0
    return rows


class FixedFinder:
    """Finds one plate at a fixed place, on the first vehicle."""

    spec: ModelSpec = plate_spec("find", (96, 128))

    def __init__(self, box: F32) -> None:
        left, top, right, bottom = box.tolist()
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        self._corners = np.array([corners], np.float32)

    def find(self, surfaces: Sequence[Surface], vehicles: Detections) -> tuple[F32, F32, I64]:
        return self._corners, np.ones(1, np.float32), np.zeros(1, np.int64)


class FixedReader:
    """Reads one text everywhere."""

    spec: ModelSpec = plate_spec("read", READER_HW)

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, rectified: U8) -> Sequence[PlateRead]:
        nowhere = np.zeros((4, 2), np.float32)
        return [PlateRead(sure(self._text), "eu", "white", 0, nowhere) for _ in rectified]


def photo(path: Path, text: str, xyxy: F32 | None = BOX) -> Photo:
    path.parent.mkdir(parents=True, exist_ok=True)
    _, content = cv2.imencode(".jpg", np.full((80, 120, 3), 60, np.uint8))
    path.write_bytes(content.tobytes())
    return Photo(path, text, xyxy)


def models(text: str = "RK291AT", box: F32 = BOX) -> PlateModels:
    return PlateModels(FixedFinder(box), FixedReader(text))


def test_answer_has_the_overlap_and_the_text_of_the_plate(tmp_path: Path) -> None:
    answer = answer_of(photo(tmp_path / "a.jpg", "RK291AT"), models())
    assert (answer.text, answer.overlap) == ("RK291AT", 1.0)


def test_plate_beside_the_label_is_not_read(tmp_path: Path) -> None:
    answer = answer_of(photo(tmp_path / "a.jpg", "RK291AT"), models(box=BOX + np.float32(50)))
    assert (answer.text, answer.overlap) == ("", 0.0)


def test_crop_is_read_as_it_is(tmp_path: Path) -> None:
    answer = answer_of(photo(tmp_path / "a.jpg", "A1", None), models("A1"))
    assert answer.text == "A1"


def test_picture_without_a_detector_is_looked_at_whole_and_in_parts() -> None:
    boxes = looked_at(HostSurface.of_rgb(np.zeros((100, 200, 3), np.uint8)), None)
    assert boxes.xyxy.tolist()[0] == [0, 0, 200, 100]
    assert len(boxes) == 5


def test_figures_are_shares_with_their_intervals(tmp_path: Path) -> None:
    photos = [photo(tmp_path / f"{row}.jpg", "AO12") for row in range(4)]
    answers = [
        Answer("A0I2", 0.9, 5.0),  # twins are alike in this set
        Answer("A013", 0.6, 6.0),
        Answer("", 0.0, 7.0),
        Answer("AO12", 0.4, 8.0),  # read right at corners that are too far off
    ]
    found = set_figures("openalpr_eu", photos, answers)
    assert found["plates.openalpr_eu.n"] == 4
    assert found["plates.openalpr_eu.exact"] == 0.5
    assert found["plates.openalpr_eu.within1"] == 0.75
    assert found["plates.openalpr_eu.found"] == 0.5
    assert found["plates.openalpr_eu.ms"] == 6.5
    assert 0 < found["plates.openalpr_eu.exact.low"] < 0.5 < found["plates.openalpr_eu.exact.high"]
    assert "plates.openalpr_eu.exact.n" not in found


def test_crops_have_no_share_found(tmp_path: Path) -> None:
    found = set_figures("mine", [photo(tmp_path / "a.jpg", "A1", None)], [Answer("A1", 0, 1.0)])
    assert "plates.mine.found" not in found


def a_set(folder: Path) -> Path:
    for row in range(8):
        photo(folder / "plates" / "mine" / f"A{row}.jpg", "")
    return folder


def test_guide_half_leaves_no_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    figures = plate_figures(a_set(tmp_path), models(), "guide", log=log)
    guides = [row for row in range(8) if half_of(f"A{row}.jpg") == "guide"]
    assert figures["plates.mine.n"] == len(guides)
    assert not log.exists()


def test_each_measurement_on_the_test_half_is_a_line_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _ in range(2):
        plate_figures(a_set(tmp_path), models("A1"), "test", log=log)
    first, second = (json.loads(line) for line in log.read_text("utf-8").splitlines())
    assert first["figures"] == second["figures"]
    assert first["reader"] == plate_spec("read", READER_HW).key
    assert set(first["figures"]) == {"mine.n", "mine.exact", "mine.within1"}


def test_peer_without_its_weights_is_left_out(tmp_path: Path) -> None:
    assert lprnet_figures(a_set(tmp_path), "guide") == {}


# --- LPRNet ------------------------------------------------------------------------------------


def test_repeated_columns_are_one_character_unless_a_blank_parts_them() -> None:
    a, b = CHARACTERS.index("A"), CHARACTERS.index("B")
    assert collapsed([a, a, BLANK, a, b, b, BLANK]) == "AAB"


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.pth"
    file.write_bytes(pickle.dumps(Path("x")))
    with pytest.raises(ModelMismatch, match="want tensors alone"):
        read_weights(file)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", pickle.dumps(OrderedDict())])
def test_file_of_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "w.pth"
    file.write_bytes(content)
    with pytest.raises(ModelMismatch):
        read_weights(file)
