"""Which few readings of many are worth to be scored.

A scope that is not too large is looked through: the likeliest sign of each position of all readings
is held against the pattern, then the two likeliest of those that fit. In a larger one the grams of
the pattern are looked up, the rarest first, each reading counts what it has of them, and the signs
of the best are looked at; unless the pattern has no gram that is rare enough. Either way the best
are then scored by the whole model.

What is lost: a reading in which more than one sign in a row was missed or added; where grams were
looked up, one that has none (three signs in a row, doubted or confused as they may be); and where
more look equally good than are scored, all but so many. `benchmarks.plates` measures it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from core.arrays import F32, I64, U8
from index.plates.asking import Question
from index.plates.lookup import Places, counted, firsts_of, places_of, rarest, rarities
from index.plates.parts import Part, best_of
from index.plates.signs import SCORED_ROWS, quick_scores, sign_scores


@dataclass(frozen=True, slots=True)
class Effort:
    """How many readings are scored by the whole model (`picked`); of how many that were found by
    their grams, or fit at a first glance, all signs are looked at (`refined`); and up to how many
    in the scope all are looked through (`through`). By the defaults a search of 10,000,000 readings
    takes 0.1 s mostly and 0.2 s at the worst (`benchmarks.plates`)."""

    picked: int = 1024
    refined: int = 1 << 16
    through: int = 1 << 24


_SAMPLED = 16  # one row of so many tells where to cut
_GRAM_WEIGHT = np.float32(0.25)  # of a nat of rarity beside a point for a sign
_WEIGHT_STEPS = 255.0

T = TypeVar("T")
R = TypeVar("R")
Pick = tuple[Part, I64]
"""Some rows of a part."""


class Shared(Protocol):
    """Applies a function to all items, in several threads where there are any."""

    def __call__(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]: ...


def narrowed(parts: Sequence[Part], asked: Question, shared: Shared, effort: Effort) -> list[Pick]:
    """The rows of `parts` that are worth to be scored: all if they are few."""
    rows = sum(part.size for part in parts)
    if rows <= effort.picked:
        return [(part, part.rows()) for part in parts]
    sealed = [part for part in parts if part.sealed]
    found = _looked_up(sealed, asked, shared, effort) if rows > effort.through else None
    if found is None:
        return _looked_through(parts, asked, shared, effort)
    opened = [part for part in parts if not part.sealed]
    return found + _looked_through(opened, asked, shared, effort)


def _looked_up(
    parts: Sequence[Part], asked: Question, shared: Shared, effort: Effort
) -> list[Pick] | None:
    """The rows that have the most of the rarest grams; None if grams cannot tell."""
    if not asked.windows or not parts:
        return None
    firsts = firsts_of(asked.windows)
    keys = np.concatenate([window.keys for window in asked.windows])
    places = shared(lambda part: places_of(part, keys), parts)
    sizes = np.sum([one.sizes(firsts) for one in places], axis=0)
    if not asked.covered and sizes.min() > effort.refined:
        return None
    worths = np.zeros(len(sizes))
    chosen = rarest(sizes)
    worths[chosen] = rarities(sizes[chosen], sum(len(part.columns) for part in parts))
    weights = np.concatenate(
        [window.roots * worth for window, worth in zip(asked.windows, worths, strict=True)]
    )

    def count(one: Places) -> tuple[I64, F32]:
        return counted(one, weights / _WEIGHT_STEPS)

    def refine(counts: tuple[Part, I64, F32]) -> F32:
        part, rows, worth = counts
        return sign_scores(part.signs(rows), asked.blocks) + _GRAM_WEIGHT * worth

    found = _cut(parts, shared(count, places), effort.refined)
    scores = shared(refine, found)
    best = best_of(scores, effort.picked)
    return [(part, rows[some]) for (part, rows, _), some in zip(found, best, strict=True)]


def _cut(
    parts: Sequence[Part], counts: Sequence[tuple[I64, F32]], most: int
) -> list[tuple[Part, I64, F32]]:
    chosen = best_of([worth for _, worth in counts], most)
    return [
        (part, rows[best], worth[best])
        for part, (rows, worth), best in zip(parts, counts, chosen, strict=True)
        if len(best)
    ]


def _looked_through(
    parts: Sequence[Part], asked: Question, shared: Shared, effort: Effort
) -> list[Pick]:
    """The rows whose signs fit best."""
    if not parts:
        return []

    def glance(part: Part) -> U8:
        return quick_scores(part.signs(), asked.blocks)

    glances = shared(glance, parts)
    cut = _sampled_cut(glances, effort)

    def above(glance: U8) -> I64:
        return np.flatnonzero(glance >= cut)

    near = shared(above, glances)
    some = best_of([one[rows] for one, rows in zip(glances, near, strict=True)], effort.refined)
    found = [
        (part, part.rows_at(rows[best]))
        for part, rows, best in zip(parts, near, some, strict=True)
        if len(best)
    ]
    chosen = best_of(_scored(found, asked, shared), effort.picked)
    return [
        (part, rows[best]) for (part, rows), best in zip(found, chosen, strict=True) if len(best)
    ]


def _scored(found: Sequence[Pick], asked: Question, shared: Shared) -> list[U8]:
    """The points of some rows of each part. Taken together first: a part has few of them, and
    threads that share many short steps wait for each other more than they work."""

    def taken(pick: Pick) -> U8:
        part, rows = pick
        return part.signs(rows)

    def score(chunk: U8) -> U8:
        return sign_scores(chunk, asked.blocks)

    signs = shared(taken, found)
    scores = [np.empty(0, np.uint8) for _ in signs]
    for planes in {len(one) for one in signs}:
        alike = [row for row, one in enumerate(signs) if len(one) == planes]
        chunks = _chunks(np.concatenate([signs[row] for row in alike], axis=1))
        ends = np.cumsum([signs[row].shape[1] for row in alike])
        each = np.split(np.concatenate(shared(score, chunks)), ends[:-1])
        for row, one in zip(alike, each, strict=True):
            scores[row] = one
    return scores


def _chunks(planes: U8) -> list[U8]:
    return [
        planes[:, start : start + SCORED_ROWS] for start in range(0, planes.shape[1], SCORED_ROWS)
    ]


def _sampled_cut(scores: Sequence[U8], effort: Effort) -> int:
    """The lowest score that no more rows reach than are refined, by a sample of them; a lower one
    where these are fewer than are picked."""
    sample: np.ndarray[Any, np.dtype[np.uint8]] = np.concatenate(
        [one[::_SAMPLED] for one in scores]
    )
    reaching = _SAMPLED * np.bincount(sample, minlength=256)[::-1].cumsum()[::-1]
    cut = int(np.argmax(reaching <= effort.refined))  # nothing reaches the highest
    return cut - 1 if cut and reaching[cut] < 2 * effort.picked else cut
