"""Real photographs of plates with what is on them: sets of crops and of whole pictures."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from benchmarks.plate_sets import Half, half_of
from core.arrays import F32, U8
from core.errors import InvalidInput, MediaCorrupt
from core.plates.folding import folded

TWINS_ALIKE = frozenset({"us", "eu", "br"})
"""Sets of countries that print O and 0, I and 1 alike, by the last part of their name."""

_CCPD_PROVINCES = "皖沪津渝冀晋蒙辽吉黑苏浙京闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新警学"
_CCPD_SERIALS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_TWINS = str.maketrans("OI", "01")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture and the text of its plate; `xyxy` (4,) is where it lies, None in a crop of it."""

    path: Path
    text: str
    xyxy: F32 | None

    @property
    def rgb(self) -> U8:
        """RGB (h, w, 3); `MediaCorrupt` for what is no picture."""
        bgr = cv2.imdecode(np.frombuffer(self.path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise MediaCorrupt(f"{self.path.name}: not a picture")
        return np.ascontiguousarray(bgr[..., ::-1])


def photo_sets(folder: Path, half: Half) -> dict[str, list[Photo]]:
    """The photographs of that half in each set below `folder`, by name; sets without any left out.

    Whole pictures come as `openalpr_*` (a .txt beside each) and `ccpd_*` (all in the file's name);
    any other folder is one of crops, named after their text.
    """
    found: dict[str, list[Photo]] = {}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        kind = place.name.partition("_")[0]
        photos = [one for one in _READERS.get(kind, crops)(place) if half_of(one.path.name) == half]
        if photos:
            found[place.name] = photos
    return found


def crops(folder: Path) -> Iterator[Photo]:
    """Crops named after their text; what follows a `_` or a `-` tells equal texts apart."""
    for path in pictures(folder):
        yield Photo(path, folded(path.stem.partition("_")[0].partition("-")[0]), None)


def openalpr(folder: Path) -> Iterator[Photo]:
    """Pictures with a line beside each: file, left, top, width, height, text."""
    for path in pictures(folder):
        line = path.with_suffix(".txt").read_text("utf-8").splitlines()[0].split("\t")
        if len(line) != 6:
            raise InvalidInput(f"{path.with_suffix('.txt').name}: want six columns, got {line}")
        left, top, width, height = (float(side) for side in line[1:5])
        xyxy = np.array([left, top, left + width, top + height], np.float32)
        yield Photo(path, folded(line[5]), xyxy)


def ccpd(folder: Path) -> Iterator[Photo]:
    """Pictures named after their plate: area, tilt, box, corners, characters, light, blur.

    Xu et al., "Towards End-to-End License Plate Detection and Recognition", ECCV 2018.
    """
    for path in pictures(folder):
        parts = path.stem.split("-")
        if len(parts) != 7:
            raise InvalidInput(f"{path.name}: want seven parts of a CCPD name, got {len(parts)}")
        xyxy = [float(side) for corner in parts[2].split("_") for side in corner.split("&")]
        yield Photo(path, ccpd_text(parts[4]), np.array(xyxy, np.float32))


def ccpd_text(numbers: str) -> str:
    """The text behind `0_0_22_10_27_31_29`."""
    first, *rest = (int(number) for number in numbers.split("_"))
    return _CCPD_PROVINCES[first] + "".join(_CCPD_SERIALS[row] for row in rest)


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png"})


_READERS: Mapping[str, Callable[[Path], Iterator[Photo]]] = MappingProxyType(
    {"openalpr": openalpr, "ccpd": ccpd}
)


def same_text(read: str, text: str, name: str) -> bool:
    """Whether a read is right in the set of that name."""
    return comparable(read, name) == comparable(text, name)


def comparable(text: str, name: str) -> str:
    """The text with O and I as 0 and 1, where the set's countries print them alike."""
    return text.translate(_TWINS) if name.rpartition("_")[2] in TWINS_ALIKE else text


def edits(one: str, other: str) -> int:
    """The least number of signs to change, leave out or put in (Levenshtein, 1966)."""
    row = list(range(len(other) + 1))
    for place, sign in enumerate(one, start=1):
        before, row[0] = row[0], place
        for column, against in enumerate(other, start=1):
            changed = before + (sign != against)
            before = row[column]
            row[column] = min(changed, before + 1, row[column - 1] + 1)
    return row[-1]
