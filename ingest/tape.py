"""A file's packets on their way to the recorder, held until their pictures say when they were."""

from collections import deque
from collections.abc import Callable
from fractions import Fraction

from ingest.packets import VideoPacket

OnPacket = Callable[[VideoPacket, int | None, int], None]
"""Gets a packet with its device time (None when it has no timestamp) and its epoch."""

Placed = Callable[[Fraction], tuple[int, int]]
"""Device time and epoch of a timestamp in seconds, on the time line as it runs now."""

_MOST_HELD = 64  # more than any decoder holds back; packets without pictures must not pile up


class Tape:
    """Hands packets on in their order. Where a time line breaks shows only in the pictures."""

    def __init__(self, hand_on: OnPacket | None) -> None:
        self._hand_on = hand_on
        self._held: deque[VideoPacket] = deque()

    def hold(self, packet: VideoPacket) -> None:
        """Take a packet that was just decoded."""
        if self._hand_on is not None and packet.size:
            self._held.append(packet)

    def shown(self, at_s: Fraction, placed: Placed) -> None:
        """The picture of that timestamp was placed: its packet, and those before it, go on."""
        known = any(_at_s(packet) == at_s for packet in self._held)
        while self._held and (known or len(self._held) > _MOST_HELD):
            packet = self._held.popleft()
            known = known and _at_s(packet) != at_s
            self._give(packet, placed)

    def end(self, placed: Placed) -> None:
        """No more pictures come: the rest goes on."""
        while self._held:
            self._give(self._held.popleft(), placed)

    def _give(self, packet: VideoPacket, placed: Placed) -> None:
        assert self._hand_on is not None  # noqa: S101 - nothing is held otherwise
        at_s = _at_s(packet)
        device_ns, epoch = placed(at_s or Fraction(0))
        self._hand_on(packet, None if at_s is None else device_ns, epoch)


def _at_s(packet: VideoPacket) -> Fraction | None:
    """When the packet's picture is shown; a decoder may count in other units than the file."""
    at = packet.pts if packet.pts is not None else packet.dts
    return None if at is None else at * packet.time_base
