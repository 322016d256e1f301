"""Pictures of what the networks learn from, many on one sheet, for people to look at.

python -m training.plates.sheet --out build/training/plates/sheet.png --what reader
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from core.arrays import F32, U8
from training.plates.designs import SHARES, plate_of
from training.plates.finder import finder_samples
from training.plates.letters import PATH, Letters
from training.plates.reader import reader_samples

_CAPTION_PX = 16


def sheet(tiles: Sequence[U8], *, columns: int) -> U8:
    """Equal tiles (h, w, 3) side by side and in rows."""
    blank = [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    whole = [*tiles, *blank]
    rows = [np.hstack(whole[at : at + columns]) for at in range(0, len(whole), columns)]
    return np.vstack(rows)


def captioned(rgb: U8, text: str, size_hw: tuple[int, int]) -> U8:
    """The picture fitted into `size_hw` with a line of text below; other letters become `?`."""
    height, width = size_hw
    scale = min(height / rgb.shape[0], width / rgb.shape[1])
    size = (max(1, int(rgb.shape[1] * scale)), max(1, int(rgb.shape[0] * scale)))
    tile = np.full((height + _CAPTION_PX, width, 3), 60, np.uint8)
    tile[: size[1], : size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    plain = text.encode("ascii", "replace").decode()
    at = (2, height + _CAPTION_PX - 4)
    cv2.putText(tile, plain, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    return tile


def plate_tiles(letters: Letters, seed: int, count: int) -> list[U8]:
    """Clean plates, every layout in turn."""
    names = list(SHARES)
    plates = [
        plate_of(letters, np.random.default_rng((seed, row)), names[row % len(names)])
        for row in range(count)
    ]
    return [captioned(one.rgb, f"{one.text} {one.layout}", (110, 220)) for one in plates]


def reader_tiles(letters: Letters, seed: int, count: int) -> list[U8]:
    """Rectified plates with text and width."""
    drawn = reader_samples(letters, seed, range(count))
    labels = zip(drawn.texts, drawn.layouts, drawn.wide_px, strict=True)
    return [
        captioned(picture.transpose(1, 2, 0), f"{text} {layout} {wide:.0f}", (63, 210))
        for picture, (text, layout, wide) in zip(drawn.pictures, labels, strict=True)
    ]


def finder_tiles(letters: Letters, seed: int, count: int) -> list[U8]:
    """Vehicles with their plates' corners drawn in."""
    drawn = finder_samples(letters, seed, range(count))
    rows = zip(drawn.pictures, drawn.corners, drawn.counts, strict=True)
    return [_outlined(picture, corners[:plates]) for picture, corners, plates in rows]


def _outlined(picture: U8, corners: F32) -> U8:
    tile = np.ascontiguousarray(picture.transpose(1, 2, 0))
    for one in corners:
        cv2.polylines(
            tile, [np.rint(one * 8).astype(np.int32)], True, (0, 255, 0), 1, cv2.LINE_AA, 3
        )
    return tile


TILES: dict[str, tuple[Callable[[Letters, int, int], list[U8]], int]] = {
    "plates": (plate_tiles, 8),
    "reader": (reader_tiles, 8),
    "finder": (finder_tiles, 6),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--what", choices=sorted(TILES), default="reader")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--letters", type=Path, default=PATH)
    asked = parser.parse_args()
    tiles, columns = TILES[asked.what]
    rgb = sheet(tiles(Letters.load(asked.letters), asked.seed, asked.count), columns=columns)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(asked.out), rgb[:, :, ::-1]):
        raise SystemExit(f"{asked.out}: could not be written")


if __name__ == "__main__":
    main()
