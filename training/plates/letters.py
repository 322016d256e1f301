"""All shapes that plates are drawn from, as distance fields in one file.

    python -m training.plates.letters

A field says of each pixel how far it is from the letter's edge, so that a stroke can be made
thinner, thicker, rounder or softer by a table. The file holds what the fonts of `fonts` gave and
is no part of the project; a machine without those fonts can be given it.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from core.arrays import U8
from core.errors import NotFound
from core.plates.alphabet import PROVINCES, SPECIALS
from training.plates.fonts import HAN, LATIN, located
from training.plates.strokes import CHARACTERS, HANDS, drawn
from training.plates.words import Lettering, lettered

HEIGHT_PX = 96
MARGIN_PX = 8
LEVELS_PER_PX = 12
PATH = Path("build/training/plates/letters.npz")
HAN_CHARACTERS = PROVINCES + SPECIALS

_DRAFT_PX = 3 * HEIGHT_PX


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """`fields[face][character]` (HEIGHT_PX + 2 margins, w), 128 on the edge and more inside;
    `words[category]` masks of ready lettering."""

    fields: Mapping[str, Mapping[str, U8]]
    words: Mapping[str, Sequence[U8]]

    def save(self, path: Path = PATH) -> None:
        """All of it in one file, which is whole or not there."""
        content = {
            f"field/{face}/{character}": picture
            for face, fields in self.fields.items()
            for character, picture in fields.items()
        }
        for category, masks in self.words.items():
            content |= {f"word/{category}/{row:04}": mask for row, mask in enumerate(masks)}
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part.npz")
        np.savez_compressed(unfinished, **content)  # type: ignore[arg-type]
        os.replace(unfinished, path)

    @classmethod
    def load(cls, path: Path = PATH) -> "Letters":
        """What `save` wrote; `NotFound` says how to make it."""
        if not path.is_file():
            raise NotFound(f"letters: want {path}; make it with python -m training.plates.letters")
        fields: dict[str, dict[str, U8]] = {}
        words: dict[str, list[U8]] = {}
        with np.load(path) as content:
            for name in sorted(content.files):
                kind, group, key = name.split("/")
                if kind == "field":
                    fields.setdefault(group, {})[key] = content[name]
                else:
                    words.setdefault(group, []).append(content[name])
        return cls(fields, words)


def made(lettering: Sequence[Lettering]) -> Letters:
    """Every letter of every face, and the lettering; `NotFound` where a font is missing."""
    files = located()
    fields = {
        face.name: _of_font(str(files[face.name]), characters)
        for faces, characters in ((LATIN, CHARACTERS), (HAN, HAN_CHARACTERS))
        for face in faces
    }
    return Letters(fields | pen_fields(), lettered(lettering, files))


def pen_fields() -> dict[str, dict[str, U8]]:
    """The faces that need no font."""
    return {
        name: {sign: field_of(drawn(hand, sign, _DRAFT_PX)) for sign in CHARACTERS}
        for name, hand in HANDS.items()
    }


def field_of(mask: U8) -> U8:
    """Signed distance to the edge of the white in (_DRAFT_PX, w), at HEIGHT_PX and framed."""
    scale = HEIGHT_PX / mask.shape[0]
    margin = round(MARGIN_PX / scale)
    inside = np.where(np.pad(mask, margin) > 127, 255, 0).astype(np.uint8)
    within = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)
    away = within - np.asarray(cv2.distanceTransform(255 - inside, cv2.DIST_L2, 5), np.float32)
    size = (max(1, round(mask.shape[1] * scale)) + 2 * MARGIN_PX, HEIGHT_PX + 2 * MARGIN_PX)
    small = cv2.resize(away * scale, size, interpolation=cv2.INTER_AREA)
    levels = 128 + LEVELS_PER_PX * np.asarray(small, np.float32)
    return levels.clip(0, 255).astype(np.uint8)


def _of_font(file: str, characters: str) -> dict[str, U8]:
    font = cv2.FontFace(file)
    return {sign: field_of(_ink(font, sign)) for sign in characters}


def _ink(font: "cv2.FontFace", sign: str) -> U8:
    """The letter cut to its ink, _DRAFT_PX high."""
    canvas = np.zeros((700, 900, 3), np.uint8)
    cv2.putText(canvas, sign, (120, 520), (255, 255, 255), font, 400)
    grey = canvas[..., 0]
    rows, columns = np.flatnonzero(grey.max(axis=1)), np.flatnonzero(grey.max(axis=0))
    if not len(rows):
        raise NotFound(f"fonts: want a letter for {sign}, the font has none")
    cut = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = (max(1, round(cut.shape[1] * _DRAFT_PX / cut.shape[0])), _DRAFT_PX)
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=2)
def letters(path: Path = PATH) -> Letters:
    """The file's content, read once."""
    return Letters.load(path)


def main() -> None:
    from training.plates.wording import LETTERING

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=PATH)
    asked = parser.parse_args()
    made(LETTERING).save(asked.out)
    print(f"{asked.out}: {asked.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
