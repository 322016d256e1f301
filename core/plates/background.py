"""What a random plate would have shown: the other side of every likelihood ratio.

A random plate is drawn from the layouts by their shares; a reading of it is scored form by form,
and each form's say follows from how well it explains the whole reading. So a province where a
province is due is worth log 31 and no more. Forms that lost their first or last sign count a
little, and so does a free form in which any sign may stand anywhere: nothing is impossible.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, F64, Bool
from core.errors import InvalidInput
from core.plates.alphabet import ALPHABET
from core.plates.confusion import Confusion
from core.plates.layouts import LAYOUTS, Layout, kind_shares

FREE_SHARE = 0.05
"""Of random plates, those that follow none of the layouts."""
FLOOR = 0.02
"""Of the signs at a position, those that its kind does not name, spread over the alphabet."""
CUT_SHARE = 0.02
"""Of a form's readings, those that lack its first sign; as many lack the last."""

_FREE = "*"


@dataclass(frozen=True, slots=True, eq=False)
class _Forms:
    """Forms of one length L: `incidence` (F, L * kinds), 1 where a form has a kind at a position,
    and `log_shares` (F,)."""

    incidence: F32
    log_shares: F32


class Background:
    """Chances of signs by position under a mixture of layouts; made once, shared freely.

    A kind table (see `seen`) turns a reading into the chance of each of its positions, were it a
    position of that kind; all else follows from those few columns.
    """

    def __init__(self, layouts: Sequence[Layout] = LAYOUTS) -> None:
        if not layouts:
            raise InvalidInput("layouts: want at least one, got none")
        shares = _form_shares(layouts)
        self._kinds = (*sorted({kind for form in shares for kind in form}), _FREE)
        self.signs = _sign_shares(self._kinds, shares)
        self._forms = {length: self._of_length(length, shares) for length in set(map(len, shares))}

    def seen(self, confusion: Confusion) -> F32:
        """The chance to see each sign at a position of each kind, (C, kinds)."""
        return np.ascontiguousarray((self.signs @ confusion.seen_given_true).T, dtype=np.float32)

    def chance(self, by_kind: F32, present: Bool) -> F32:
        """The chance of each position (N, P) on a random plate; 1 where there is no position.

        `by_kind` (N, P, kinds) is a reading times the kind table, `present` (N, P) says which
        positions exist.
        """
        chance = np.einsum("npk,npk->np", self.kind_weights(by_kind, present), by_kind)
        return np.where(present, chance, np.float32(1))

    def prior(self, by_kind: F32, present: Bool) -> F32:
        """The chance of each sign at each position (N, P, C) on a plate that reads like this."""
        return self.kind_weights(by_kind, present) @ self.signs.astype(np.float32)

    def kind_weights(self, by_kind: F32, present: Bool) -> F32:
        """How likely each position is of each kind, (N, P, kinds), summing to one."""
        weights = np.zeros(by_kind.shape, dtype=np.float32)
        weights[..., -1] = 1.0
        lengths = present.sum(axis=1)
        for length in np.unique(lengths):
            if length in self._forms:
                rows = np.flatnonzero(lengths == length)
                places = np.nonzero(present[rows])[1].reshape(len(rows), length)
                found = by_kind[rows[:, None], places]
                weights[rows[:, None], places] = self._weights(found, self._forms[length])
        return weights

    def _weights(self, by_kind: F32, forms: _Forms) -> F32:
        """The same for readings (n, L, kinds) that are as long as `forms`."""
        count, length, kinds = by_kind.shape
        logs = np.log(np.maximum(by_kind, 1e-30)).reshape(count, -1)
        scores = logs @ forms.incidence.T + forms.log_shares  # (n, F)
        beliefs = np.exp(scores - scores.max(axis=1, keepdims=True))
        beliefs /= beliefs.sum(axis=1, keepdims=True)
        return np.asarray((beliefs @ forms.incidence).reshape(count, length, kinds))

    def _of_length(self, length: int, shares: Mapping[str, float]) -> _Forms:
        forms = {form: share for form, share in shares.items() if len(form) == length}
        columns = {kind: column for column, kind in enumerate(self._kinds)}
        incidence = np.zeros((len(forms) + 1, length, len(columns)), dtype=np.float32)
        for row, form in enumerate((*forms, _FREE * length)):
            for place, kind in enumerate(form):
                incidence[row, place, columns[kind]] = 1.0
        log_shares = np.log([*forms.values(), FREE_SHARE]).astype(np.float32)
        return _Forms(incidence.reshape(len(incidence), -1), log_shares)


def _form_shares(layouts: Sequence[Layout]) -> dict[str, float]:
    """The share of each form, cut ones included, of the plates that follow a layout."""
    total = sum(layout.share for layout in layouts)
    shares: dict[str, float] = defaultdict(float)
    for layout in layouts:
        for form in layout.forms:
            share = layout.share / total / len(layout.forms)
            shares[form] += share * (1 - 2 * CUT_SHARE)
            shares[form[1:]] += share * CUT_SHARE
            shares[form[:-1]] += share * CUT_SHARE
    return dict(shares)


def _sign_shares(kinds: Sequence[str], forms: Mapping[str, float]) -> F64:
    """The chance of each sign at a position of each kind, (kinds, C); the free kind, the last, is
    any position of any form."""
    table = kind_shares()
    named = np.stack([table[kind] for kind in kinds[:-1]])
    uses = np.array(
        [sum(form.count(kind) * share for form, share in forms.items()) for kind in kinds[:-1]]
    )
    signs = np.concatenate([named, (uses / uses.sum())[None] @ named])
    return np.asarray((1 - FLOOR) * signs + FLOOR / len(ALPHABET))
