"""`python -m training.report_font SOURCE.ttf`: the font that reports are set in, from its original.

The original is Noto Sans SC Regular 2.004 as TrueType (`@expo-google-fonts/noto-sans-sc` on npm has
it unchanged, `400Regular/NotoSansSC_400Regular.ttf`). Kept are Latin, Greek and Cyrillic letters,
punctuation, arrows, full-width forms and every character of GBK, so that a rare name is still a
name; dropped are vertical writing, positioning and hinting. The result is WOFF: TrueType, deflated.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[1] / "api" / "reports" / "fonts" / "noto-sans-sc-gbk.woff"
_RANGES = (
    (0x20, 0x7F),
    (0xA0, 0x250),  # Latin
    (0x370, 0x400),  # Greek
    (0x400, 0x460),  # Cyrillic
    (0x2000, 0x2070),  # dashes, quotes
    (0x20A0, 0x2120),  # currencies, numero
    (0x2150, 0x2300),  # numbers, arrows, mathematics
    (0x2460, 0x2500),  # circled numbers
    (0x25A0, 0x2600),  # shapes
    (0x2E80, 0x3100),  # radicals, CJK punctuation, kana
    (0xFF00, 0xFFF0),  # full-width forms
)


def characters() -> set[int]:
    """Code points to keep."""
    return {code for low, high in _RANGES for code in range(low, high)} | set(_gbk())


def _gbk() -> Iterator[int]:
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                yield ord(bytes((lead, trail)).decode("gbk"))
            except UnicodeDecodeError:
                continue


def make(source: Path, target: Path) -> str:
    """Write the subset; its SHA-256. The same source gives the same bytes."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx"]
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    font.flavor = "woff"
    font.save(target)
    return hashlib.sha256(target.read_bytes()).hexdigest()


if __name__ == "__main__":
    print(f"{make(Path(sys.argv[1]), TARGET)}  {TARGET.name}  {TARGET.stat().st_size} bytes")
