"""What a camera does wrong, and when: frozen values, kept in a script or said while it plays.

`at_s` counts seconds of the stream's own time: from its first picture in a script, from now where
a fault is said to a running server. All chance is seeded, so that a bad day can be repeated.
"""

import math
import threading
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeVar

from core.errors import InvalidInput
from scenes.rtsp.auth import Credentials
from scenes.rtsp.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that happens once."""

    at_s: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_number(self, field.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingFault(Fault):
    """Something that goes on `for_s` seconds; by default for ever."""

    for_s: float = math.inf

    def lasts_at(self, at_s: float) -> bool:
        return self.at_s <= at_s < self.at_s + self.for_s


L = TypeVar("L", bound=LastingFault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart(Fault):
    """All players are thrown out, and hung up on for `down_s`; then it is there again."""

    down_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang(Fault):
    """Whoever plays hears nothing any more, over an open connection; who comes anew is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bye(Fault):
    """Whoever plays is told that the stream has ended (an RTCP BYE), and hears nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump(Fault):
    """All timestamps from now on are so much later (or earlier); the clock stays right."""

    by_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep(Fault):
    """The device's clock is set: sender reports say so much later (or earlier)."""

    by_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDrift(Fault):
    """The device's clock runs fast (or slow, below 0) from now on, by parts in a million."""

    ppm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize(Fault):
    """Other pictures from now on, usually of another size: new parameter sets, same stream."""

    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Password(Fault):
    """Other credentials from now on (None: anybody may watch); whoever plays is thrown out."""

    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(LastingFault):
    """The connection stays open and nothing comes.

    The pictures of that time are lost, or with `keeps` come in one burst when it is over.
    """

    keeps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip(LastingFault):
    """Everything is sent `chunk_bytes` at a time, at `bytes_per_s` at most. Only over TCP."""

    chunk_bytes: int = 7
    bytes_per_s: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceFault(LastingFault):
    """Something that befalls each packet with the probability `share`."""

    share: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(ChanceFault):
    """Packets do not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(ChanceFault):
    """Packets arrive after up to `depth` that were sent later."""

    depth: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt(ChanceFault):
    """Some bytes of a packet arrive wrong.

    Where: in the picture's bytes, anywhere in the RTP packet, or (TCP) also in what tells packets
    apart, after which nothing makes sense any more.
    """

    where: Literal["payload", "packet", "line"] = "payload"


@dataclass(frozen=True, slots=True)
class Faults:
    """A camera's script; empty for one that behaves."""

    events: tuple[Fault, ...] = ()


class Plan:
    """A script being carried out. Faults may be added from any thread."""

    def __init__(self, faults: Faults) -> None:
        self._lock = threading.Lock()
        self._lasting: list[LastingFault] = []
        self._waiting: list[Fault] = []
        for fault in faults.events:
            self.add(fault, 0.0)

    def add(self, fault: Fault, now_s: float) -> None:
        """Have a fault happen, its `at_s` counted from `now_s`."""
        timed = replace(fault, at_s=now_s + fault.at_s)
        with self._lock:
            if isinstance(timed, LastingFault):
                self._lasting.append(timed)
            else:
                self._waiting.append(timed)
                self._waiting.sort(key=lambda waiting: waiting.at_s)

    def due(self, at_s: float) -> list[Fault]:
        """What happens once and is due by then, in order; each is given out a single time."""
        with self._lock:
            due = [fault for fault in self._waiting if fault.at_s <= at_s]
            del self._waiting[: len(due)]
        return due

    def lasting(self, kind: type[L], at_s: float) -> L | None:
        """The fault of that kind that goes on then; the one added last if there are several."""
        with self._lock:
            for fault in reversed(self._lasting):
                if isinstance(fault, kind) and fault.lasts_at(at_s):
                    return fault
        return None


def _check_number(fault: Fault, name: str) -> None:
    if name not in _RANGES:
        return
    least, most = _RANGES[name]
    value = getattr(fault, name)
    if not least <= value <= most:
        kind = type(fault).__name__
        raise InvalidInput(f"{kind}: want {name} from {least:g} to {most:g}, got {value}")


_CENTURY_S = 3.2e9
_RANGES = {
    "at_s": (0.0, _CENTURY_S),
    "for_s": (0.0, math.inf),
    "down_s": (0.0, _CENTURY_S),
    "by_s": (-_CENTURY_S, _CENTURY_S),
    "ppm": (-1e5, 1e5),
    "share": (0.0, 1.0),
    "depth": (1, 1000),
    "chunk_bytes": (1, 1 << 20),
    "bytes_per_s": (1.0, math.inf),
}
