from collections import Counter

import pytest

from scenes.rtsp.badline import BadLine
from scenes.rtsp.faults import Corrupt, Fault, Faults, Loss, Plan, Reorder
from scenes.rtsp.rtp import HEADER_BYTES

PACKETS = [bytes([row >> 8, row & 0xFF]) * 20 for row in range(2000)]


def line(*faults: Fault, session: int = 0) -> BadLine:
    return BadLine(Plan(Faults(faults)), session=session)


def arrived(*faults: Fault, session: int = 0, at_once: int = 3) -> list[bytes]:
    """What of `PACKETS` arrives, a few at a time, at second 1."""
    bad = line(*faults, session=session)
    groups = [PACKETS[at : at + at_once] for at in range(0, len(PACKETS), at_once)]
    return [packet for group in groups for packet in bad.through(group, 1.0)]


def test_a_good_line_changes_nothing() -> None:
    assert arrived() == PACKETS


@pytest.mark.parametrize("make", [Loss, Reorder, Corrupt])
def test_luck_is_the_seed_s_and_the_session_s(make: type[Loss]) -> None:
    assert arrived(make(seed=5)) == arrived(make(seed=5))
    assert arrived(make(seed=5)) != arrived(make(seed=6))
    assert arrived(make(seed=5)) != arrived(make(seed=5), session=1)


@pytest.mark.parametrize("make", [Loss, Reorder, Corrupt])
def test_a_fault_is_over_when_it_is_over(make: type[Loss]) -> None:
    bad = line(make(at_s=0.0, for_s=1.0, share=1.0))
    assert bad.through(PACKETS[:1], 1.0) == PACKETS[:1]


def test_packets_are_lost_at_the_rate_that_was_asked_for() -> None:
    left = arrived(Loss(share=0.25))
    assert len(left) == pytest.approx(1500, abs=80)  # four standard deviations
    assert left == sorted(left)


def test_packets_out_of_order_all_arrive_and_not_much_later() -> None:
    shuffled = arrived(Reorder(share=0.3, depth=4), at_once=1)
    missing = Counter(PACKETS) - Counter(shuffled)
    assert sum(missing.values()) <= 4
    assert shuffled != PACKETS
    rank = {packet: row for row, packet in enumerate(PACKETS)}
    assert max(row - rank[packet] for row, packet in enumerate(shuffled)) <= 4


def test_what_was_held_back_comes_when_the_line_is_good_again() -> None:
    bad = line(Reorder(for_s=1.0, share=1.0))
    assert bad.through(PACKETS[:1], 0.0) == []
    assert bad.through(PACKETS[1:2], 1.0) == PACKETS[:2]


def test_damaged_payloads_keep_their_headers() -> None:
    damaged = arrived(Corrupt(share=1.0))
    assert [packet[:HEADER_BYTES] for packet in damaged] == [
        packet[:HEADER_BYTES] for packet in PACKETS
    ]
    assert [len(packet) for packet in damaged] == [len(packet) for packet in PACKETS]
    changed = sum(new != old for new, old in zip(damaged, PACKETS, strict=True))
    assert changed > 0.95 * len(PACKETS)  # two flips may undo each other


def test_damaged_packets_are_damaged_anywhere() -> None:
    damaged = arrived(Corrupt(share=1.0, where="packet"))
    assert any(
        new[:HEADER_BYTES] != old[:HEADER_BYTES] for new, old in zip(damaged, PACKETS, strict=True)
    )


def test_a_damaged_line_spoils_frames_and_not_packets() -> None:
    bad = line(Corrupt(share=1.0, where="line"))
    assert bad.through(PACKETS[:5], 1.0) == PACKETS[:5]
    assert bad.frame(PACKETS[9], 1.0) != PACKETS[9]
