"""Which frames of a camera are looked at, and how often."""

from fractions import Fraction

from core.clocks import NS
from core.errors import InvalidInput

_SHARE = 0.25  # of the usual step between frames: how fast that is learnt


class Cadence:
    """Takes `fps` frames of every second of device time, those nearest to an even beat.

    The beat is a grid from the first frame on, so jitter never adds up. With `fps` 0, or a camera
    slower than `fps`, every frame is taken.
    """

    def __init__(self, fps: float) -> None:
        if not 0 <= fps < float("inf"):
            raise InvalidInput(f"fps: want 0 (every frame) or more, got {fps}")
        self._fps = Fraction(fps).limit_denominator(1000)
        self._first_ns = 0
        self._beat = 0
        self._last_ns: int | None = None
        self._step_ns = 0.0

    def due(self, device_ns: int) -> bool:
        """Whether to look at the frame of that time; ask once per frame, in time order."""
        if not self._fps:
            return True
        if self._last_ns is None or device_ns < self._last_ns:
            self._first_ns, self._beat, self._step_ns = device_ns, 0, 0.0
        elif self._step_ns:
            step_ns = min(device_ns - self._last_ns, 2 * self._step_ns)  # a pause is no step
            self._step_ns += _SHARE * (step_ns - self._step_ns)
        else:
            self._step_ns = float(device_ns - self._last_ns)
        self._last_ns = device_ns
        # A beat is due at the frame nearest to it: half a step early at most.
        reach_ns = min(self._step_ns / 2, float(NS / self._fps) / 2)
        reached = int((device_ns + int(reach_ns) - self._first_ns) * self._fps // NS)
        if reached < self._beat:
            return False
        self._beat = reached + 1
        return True

    def reset(self) -> None:
        """The time line broke: the next frame begins the beat."""
        self._last_ns = None
