"""Still pictures with a time, as a checkpoint gives them: each its own instant."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.clocks import NS, Now, system_now
from core.errors import MediaCorrupt, TooLarge
from core.protocols import PictureOpener
from core.types import ClockSource, Frame


@dataclass(frozen=True, slots=True)
class Still:
    """One picture, encoded, and the instant that its device gave. `name` is for messages."""

    name: str
    device_ns: int
    content: bytes


class StillSource:
    """Stills as frames, in the order given, each an epoch of its own: nothing joins them.

    `opener` decodes them; they come from other people's devices. One that cannot be opened does
    not stop the others: at the end `MediaCorrupt` names all of those.
    """

    def __init__(
        self,
        camera_id: int,
        stills: Iterable[Still],
        opener: PictureOpener,
        *,
        next_epoch: Callable[[], int],
        now: Now = system_now,
        clock_sigma_s: float = 0.5,
    ) -> None:
        self._camera_id = camera_id
        self._stills = stills
        self._opener = opener
        self._next_epoch = next_epoch
        self._now = now
        self._clock_sigma_s = clock_sigma_s
        self._closed = threading.Event()

    @property
    def camera_id(self) -> int:
        return self._camera_id

    def close(self) -> None:
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        broken = []
        for still in self._stills:
            if self._closed.is_set():
                return
            try:
                yield self._framed(still)
            except (MediaCorrupt, TooLarge) as error:
                broken.append(f"{still.name}: {error}")
        if broken:
            raise MediaCorrupt("; ".join(broken))

    def _framed(self, still: Still) -> Frame:
        return Frame(
            camera_id=self._camera_id,
            surface=self._opener(still.content),
            pts=0,
            time_base=Fraction(1, NS),
            device_ns=still.device_ns,
            receipt_ns=self._now(),
            clock=ClockSource.CONTAINER,
            clock_sigma_s=self._clock_sigma_s,
            epoch=self._next_epoch(),
        )
