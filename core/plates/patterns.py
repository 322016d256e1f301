"""What an investigator asks for, parsed: a plate, a part of one, or a pattern with `?` and `*`.

`?` is one sign that nobody knows, `*` any number of them, none included. With a `*` the ends of the
pattern are the ends of the plate; without one it may also lie inside a plate, for who asks for
`345` rarely means that the plate says no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.arrays import I64
from core.errors import InvalidInput, TooLarge
from core.plates.alphabet import ALPHABET, PROVINCES, SPECIALS, index_of
from core.plates.folding import folded
from core.plates.layouts import LAYOUTS, fits

ONE, RUN = "?", "*"
LONGEST_PATTERN = 16
"""Signs of a pattern, wildcards included; no plate of the layouts has more than 9."""
LONGEST_QUERY = 64
"""Characters as typed, before folding; what is longer is not looked at."""

_PART_CHANCE = {"certain": 0.05, "likely": 0.5, "no plate": 0.95}


@dataclass(frozen=True, slots=True)
class Pattern:
    """`slots` are the signs in order, each a sign of the alphabet or `?`; `runs` has one flag more:
    whether a `*` stands before each slot, and after the last.

    `part_chance` is the prior chance that the pattern is only a part of the plate.
    """

    slots: tuple[str, ...]
    runs: tuple[bool, ...]
    part_chance: float = 0.0

    def __post_init__(self) -> None:
        if len(self.runs) != len(self.slots) + 1:
            raise InvalidInput(
                f"runs: want {len(self.slots) + 1} flags for {len(self.slots)} slots,"
                f" got {len(self.runs)}"
            )
        unknown = [slot for slot in self.slots if slot != ONE and slot not in ALPHABET]
        if unknown or not any(slot != ONE for slot in self.slots):
            raise InvalidInput(f"slots: want ? and signs of the alphabet, got {self.slots}")
        if not 0.0 <= self.part_chance <= 1.0:
            raise InvalidInput(f"part_chance: want 0 to 1, got {self.part_chance}")

    def __str__(self) -> str:
        """The canonical way to write it; parsing that gives this pattern again."""
        signs = [RUN * self.runs[0]]
        for slot, run in zip(self.slots, self.runs[1:], strict=True):
            signs += [slot, RUN * run]
        return "".join(signs)

    @property
    def known(self) -> tuple[int, ...]:
        """Which slots name a sign."""
        return tuple(place for place, slot in enumerate(self.slots) if slot != ONE)

    @property
    def columns(self) -> I64:
        """The alphabet's column of each slot that names a sign, in the order of `known`."""
        return index_of("".join(slot for slot in self.slots if slot != ONE))

    @property
    def fragments(self) -> tuple[str, ...]:
        """The longest runs of known signs side by side, in order: `京A?12*` gives `京A`, `12`."""
        return tuple(part for part in str(self).replace(RUN, ONE).split(ONE) if part)


def parse_pattern(query: str) -> Pattern:
    """The pattern that `query` asks for, folded to the alphabet's signs.

    Raises `InvalidInput` for an empty query, a sign that no plate bears, and a pattern that names
    no sign at all, for "any plate" is not a question about one; `TooLarge` beyond the limits.
    """
    if len(query) > LONGEST_QUERY:
        raise TooLarge(f"plate: want at most {LONGEST_QUERY} characters, got {len(query)}")
    signs = folded(query)
    if not signs:
        raise InvalidInput("plate: want a plate, a part of one or a pattern, got nothing")
    _check_signs(signs)
    slots, runs = _split(signs)
    if len(slots) > LONGEST_PATTERN:
        raise TooLarge(f"plate: want at most {LONGEST_PATTERN} signs, got {len(slots)}")
    if all(slot == ONE for slot in slots):
        raise InvalidInput(f"plate: want at least one sign that is known, got {signs}")
    return Pattern(tuple(slots), tuple(runs), 0.0 if any(runs) else _part_chance(slots))


def _check_signs(signs: str) -> None:
    unknown = sorted({sign for sign in signs if sign not in ALPHABET and sign not in ONE + RUN})
    if unknown:
        shown = " ".join(map(_shown, unknown[:8]))
        raise InvalidInput(
            f"plate: want digits, letters A-Z, a province ({PROVINCES[:5]}...), {SPECIALS},"
            f" ? for one sign and * for any number, got {shown}"
        )


def _shown(sign: str) -> str:
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"


def _split(signs: str) -> tuple[list[str], list[bool]]:
    slots: list[str] = []
    runs = [False]
    for sign in signs:
        if sign == RUN:
            runs[-1] = True
        else:
            slots.append(sign)
            runs.append(False)
    return slots, runs


def _part_chance(slots: Sequence[str]) -> float:
    """How likely a text without `*` is only a part: hardly where it fits a Chinese plate, which its
    province makes unmistakable; half and half where it could be somebody's plate; nearly surely
    where it fits no form. Stated, not measured; it moves a score by no more than log 20.
    """
    forms = [form for layout in LAYOUTS for form in layout.forms if _may_fit(slots, form)]
    if any(form[0] in "P粤" for form in forms):
        return _PART_CHANCE["certain"]
    return _PART_CHANCE["likely" if forms else "no plate"]


def _may_fit(slots: Sequence[str], form: str) -> bool:
    return len(slots) == len(form) and all(
        slot == ONE or fits(slot, kind) for slot, kind in zip(slots, form, strict=True)
    )
