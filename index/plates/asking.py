"""A pattern as the files are asked for it: grams to look up, and blocks of signs to look for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.arrays import F64, I64
from core.plates.alphabet import index_of
from core.plates.confusion import Confusion
from core.plates.patterns import ONE, Pattern
from index.plates.packing import POSITIONS
from index.plates.postings import EDGE, gram_key

_LEAST_SLIP = 0.008
_LEAST_SLIPS = 0.002
_MOST_SLIPS = 4
_LOOK_ALIKES = 1
_PERHAPS_WHOLE = 0.5  # of `part_chance`
_WHOLE_SIGNS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Three signs of a pattern side by side: the grams (K,) that they may have been read as, and
    the root of the chance of each, (K,). Both ascend by gram."""

    keys: I64
    roots: F64


@dataclass(frozen=True, slots=True)
class Block:
    """Signs that keep their distance: (place, sign, look-alikes) of each one that is known.

    It may begin at each of `offsets`, which may be negative where its first signs were missed.
    """

    signs: tuple[tuple[int, int, tuple[int, ...]], ...]
    offsets: range


@dataclass(frozen=True, slots=True)
class Question:
    """What narrows a search down. `covered` says that each known sign lies in a window."""

    windows: tuple[Window, ...]
    blocks: tuple[Block, ...]
    covered: bool


def question(pattern: Pattern, confusion: Confusion) -> Question:
    """What the files are asked for `pattern`, under the reader's confusion."""
    slips = _Slips(confusion)
    windows: list[Window] = []
    seen: set[int] = set()
    for places, signs in _windows(pattern):
        windows.append(slips.window(signs))
        seen.update(places)
    blocks = tuple(_blocks(pattern, slips))
    return Question(tuple(windows), blocks, seen.issuperset(pattern.known))


class _Slips:
    """What a sign may have been read as."""

    def __init__(self, confusion: Confusion) -> None:
        self._chances = confusion.seen_given_true

    def of(self, sign: int) -> list[tuple[int, float]]:
        """The likeliest (seen, chance), itself first with 1."""
        if sign == EDGE:
            return [(EDGE, 1.0)]
        chances = self._chances[sign].copy()
        chances[sign] = 1.0
        best = np.argsort(-chances, kind="stable")[:_MOST_SLIPS].tolist()
        return [(seen, float(chances[seen])) for seen in best if chances[seen] >= _LEAST_SLIP]

    def alike(self, sign: int) -> tuple[int, ...]:
        return tuple(seen for seen, _ in self.of(sign)[1 : 1 + _LOOK_ALIKES])

    def window(self, signs: Sequence[int]) -> Window:
        found = {
            int(gram_key(*(seen for seen, _ in way))): chance
            for way in product(*map(self.of, signs))
            if (chance := float(np.prod([one for _, one in way]))) >= _LEAST_SLIPS
        }
        keys = np.array(sorted(found), np.int64)
        return Window(keys, np.sqrt([found[key] for key in keys.tolist()]))


def _windows(pattern: Pattern) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """The slots and signs of each gram; an end that may be the plate's stands as `EDGE`, slot -1 or
    after the last. A read that missed the middle sign of five has no other gram left."""
    slots: tuple[int | str, ...] = (EDGE, *pattern.slots, EDGE)
    ended = pattern.part_chance <= _PERHAPS_WHOLE
    for first in range(len(slots) - 2):
        places = tuple(range(first - 1, first + 2))
        signs = [_sign(slots[first + step]) for step in range(3)]
        free = pattern.runs[first] or pattern.runs[first + 1]
        if None in signs or free or (EDGE in signs and not ended):
            continue
        yield places, [sign for sign in signs if sign is not None]


def _sign(slot: str | int) -> int | None:
    if isinstance(slot, int):
        return slot
    return None if slot == ONE else int(index_of(slot)[0])


def _blocks(pattern: Pattern, slips: _Slips) -> Iterator[Block]:
    """The slots between runs, each as far to the left and right as it can lie."""
    cuts = [0, *(place for place in range(1, len(pattern.slots)) if pattern.runs[place])]
    for low, high in zip(cuts, [*cuts[1:], len(pattern.slots)], strict=True):
        signs = [_sign(slot) for slot in pattern.slots[low:high]]
        known = tuple(
            (place, sign, slips.alike(sign)) for place, sign in enumerate(signs) if sign is not None
        )
        if known:
            last = max(0, POSITIONS - (high - low))
            if high - low >= _WHOLE_SIGNS and not pattern.runs[low]:
                # So many are all of a plate: little stands before them.
                last = min(last, 1)
            at_start = low == 0 and not pattern.runs[0] and pattern.part_chance == 0
            yield Block(known, range(-1 if len(known) > 2 else 0, (1 if at_start else last) + 1))
