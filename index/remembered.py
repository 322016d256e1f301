"""What sealed segments answered a moment ago: a case asks the same of them again and again.

After each verdict a case is searched anew, with the vectors of before and one more. Segments that
are sealed answer the same until one is added, merged or erased from; then the memory is thrown away
with the catalogue. What is erased by a tombstone narrows the windows, which are part of the
question. Only numbers are kept, nothing of a file.
"""

import threading
from collections import OrderedDict
from hashlib import blake2b

from index.ranking import Best, Shortlist

MOST = 512
"""Answers kept of one catalogue; each of 400 tracklets takes 8 kB."""


class Remembered:
    """The best rows by scope, query and count; safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._kept: OrderedDict[bytes, Best] = OrderedDict()

    def recalled(self, shortlist: Shortlist, scope: bytes) -> bool:
        """Give an empty shortlist what it came to before; False if that is not known."""
        key = _key(shortlist, scope)
        with self._guard:
            best = self._kept.get(key)
            if best is None:
                return False
            self._kept.move_to_end(key)
        shortlist.resume(best)
        return True

    def keep(self, shortlist: Shortlist, scope: bytes) -> None:
        """Remember what a shortlist came to."""
        with self._guard:
            self._kept[_key(shortlist, scope)] = shortlist.best
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _key(shortlist: Shortlist, scope: bytes) -> bytes:
    asked = scope + shortlist.k.to_bytes(8, "little") + shortlist.query.tobytes()
    return blake2b(asked, digest_size=16).digest()
