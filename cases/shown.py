"""Which pictures a kept search shows, so that its own audit entry can cover them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from core.clocks import ns_of
from core.errors import NotFound
from core.types import Case

SEARCHES_KEPT_IN_MIND = 16

PICTURES_S = 3600.0
"""How long a search's entry covers the pictures in its answer, for the one who searched."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose search it was, when and in which version of the case, its entry, and its shots."""

    actor: int
    case_version: int
    at_ns: int
    audit_seq: int
    shot_ids: frozenset[int]

    @classmethod
    def of(cls, row: Mapping[str, object]) -> Self | None:
        """What a kept search shows; None for a row that does not say so."""
        names = ("actor", "case_version", "at_ns", "audit_seq")
        numbers = [value for name in names if isinstance(value := row.get(name), int)]
        shot_ids = row.get("shot_ids")
        if len(numbers) != len(names) or not isinstance(shot_ids, list):
            return None
        actor, case_version, at_ns, audit_seq = numbers
        return cls(actor, case_version, at_ns, audit_seq, frozenset(shot_ids))

    def covers(self, shot_id: int, actor: int, case: Case) -> bool:
        """Whether that person's picture is in it, and the case still as it was."""
        same = (self.actor, self.case_version) == (actor, case.version)
        return same and shot_id in self.shot_ids


class ShownLately:
    """The searches whose pictures were asked for last.

    A page asks for hundreds of pictures of one answer, and to read the answer takes longer than to
    read the picture. A kept search never changes; no picture lies here, and that the case stands is
    looked at for each. Safe to use from several threads.
    """

    def __init__(self, read: Callable[[int, int], Mapping[str, object]]) -> None:
        """`read` gives the kept row of a case's search, or raises `NotFound`."""
        self._read = read
        self._guard = threading.Lock()
        self._known: OrderedDict[tuple[int, int], Shown] = OrderedDict()

    def of(self, case_id: int, search_id: int) -> Shown | None:
        """What that search shows; `NotFound` if there is none."""
        key = (case_id, search_id)
        with self._guard:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        shown = Shown.of(self._read(case_id, search_id))
        if shown is not None:
            with self._guard:
                self._known[key] = shown
                while len(self._known) > SEARCHES_KEPT_IN_MIND:
                    self._known.popitem(last=False)
        return shown

    def entry(
        self, case: Case, search_id: int, *, shot_id: int, actor: int, now_ns: int
    ) -> int | None:
        """The entry of that search, if its answer shows the shot to this person, just now."""
        try:
            shown = self.of(case.case_id, search_id)
        except NotFound:
            return None
        if shown is None or not shown.covers(shot_id, actor, case):
            return None
        return shown.audit_seq if 0 <= now_ns - shown.at_ns <= ns_of(PICTURES_S) else None
