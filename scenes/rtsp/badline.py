"""A line that loses, shuffles and damages packets, as a script says and a seed decides."""

from dataclasses import replace

import numpy as np

from scenes.rtsp.faults import ChanceFault, Corrupt, Loss, Plan, Reorder
from scenes.rtsp.rtp import HEADER_BYTES

_MOST_FLIPPED = 8


class BadLine:
    """One session's line. `session` tells sessions of one stream apart: each has its own luck."""

    def __init__(self, plan: Plan, *, session: int = 0) -> None:
        self._plan = plan
        self._session = session
        self._luck: dict[ChanceFault, np.random.Generator] = {}
        self._late: list[tuple[int, bytes]] = []

    def through(self, packets: list[bytes], at_s: float) -> list[bytes]:
        """What arrives when these RTP packets are sent, in the order in which it does."""
        arrived = self._survivors(packets, self._plan.lasting(Loss, at_s))
        arrived = self._damaged(arrived, self._plan.lasting(Corrupt, at_s))
        return self._shuffled(arrived, self._plan.lasting(Reorder, at_s))

    def frame(self, framed: bytes, at_s: float) -> bytes:
        """An interleaved packet with its frame, of which the line may spoil any byte."""
        fault = self._plan.lasting(Corrupt, at_s)
        if fault is None or fault.where != "line" or not self._happens(fault):
            return framed
        return self._flipped(framed, fault, first=0)

    def _survivors(self, packets: list[bytes], fault: Loss | None) -> list[bytes]:
        if fault is None:
            return packets
        return [packet for packet in packets if not self._happens(fault)]

    def _damaged(self, packets: list[bytes], fault: Corrupt | None) -> list[bytes]:
        if fault is None or fault.where == "line":
            return packets
        first = HEADER_BYTES if fault.where == "payload" else 0
        return [
            self._flipped(packet, fault, first=first) if self._happens(fault) else packet
            for packet in packets
        ]

    def _shuffled(self, packets: list[bytes], fault: Reorder | None) -> list[bytes]:
        if fault is None:
            late, self._late = self._late, []
            return [*(packet for _, packet in late), *packets]
        arrived: list[bytes] = []
        for packet in packets:
            held_back = self._happens(fault)
            if not held_back:
                arrived.append(packet)
            arrived += self._ripe()
            if held_back:
                depth = int(self._rng(fault).integers(1, fault.depth, endpoint=True))
                self._late.append((depth, packet))
        return arrived

    def _ripe(self) -> list[bytes]:
        """Those held back that have been overtaken often enough."""
        aged = [(left - 1, packet) for left, packet in self._late]
        self._late = [(left, packet) for left, packet in aged if left > 0]
        return [packet for left, packet in aged if left <= 0]

    def _flipped(self, octets: bytes, fault: Corrupt, *, first: int) -> bytes:
        damaged = bytearray(octets)
        rng = self._rng(fault)
        for _ in range(int(rng.integers(1, _MOST_FLIPPED, endpoint=True))):
            if first < len(damaged):
                damaged[int(rng.integers(first, len(damaged)))] ^= int(rng.integers(1, 256))
        return bytes(damaged)

    def _happens(self, fault: ChanceFault) -> bool:
        return bool(self._rng(fault).random() < fault.share)

    def _rng(self, fault: ChanceFault) -> np.random.Generator:
        # A fault said to a running server has another `at_s`, which must not change its luck.
        known = replace(fault, at_s=0.0)
        if known not in self._luck:
            self._luck[known] = np.random.default_rng([fault.seed, self._session])
        return self._luck[known]
