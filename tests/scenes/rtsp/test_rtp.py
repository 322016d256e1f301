import struct

from core.clocks import NS
from scenes.rtsp.rtp import RtpStream, interleaved, ntp_of

HALF_PAST = 1_780_000_000 * NS + NS // 2


def stream(*, sequence: int = 100, start: int = 5000) -> RtpStream:
    return RtpStream(0x01020304, sequence, start)


def test_packets_are_numbered_and_the_last_is_marked() -> None:
    first, second = stream().packets([b"one", b"two"], 3600)
    assert struct.unpack("!BBHII", first[:12]) == (0x80, 96, 100, 8600, 0x01020304)
    assert struct.unpack("!BBHII", second[:12]) == (0x80, 0x80 | 96, 101, 8600, 0x01020304)
    assert (first[12:], second[12:]) == (b"one", b"two")


def test_numbers_and_timestamps_wrap_around() -> None:
    made = stream(sequence=0xFFFF, start=0xFFFFFFFF).packets([b"a", b"b"], 2)
    assert [struct.unpack("!HI", packet[2:8]) for packet in made] == [(0xFFFF, 1), (0, 1)]


def test_a_timestamp_before_the_start_wraps_too() -> None:
    (packet,) = stream(start=10).packets([b"a"], -20)
    assert struct.unpack("!I", packet[4:8]) == (0xFFFFFFF6,)


def test_a_report_ties_the_timestamp_to_the_clock_and_counts_what_was_sent() -> None:
    sent = stream()
    sent.packets([b"one", b"two"], 0)
    report = sent.report(3600, HALF_PAST)
    ntp = (1_780_000_000 + 2_208_988_800) << 32 | 1 << 31
    assert struct.unpack("!BBHIQIII", report[:28]) == (0x80, 200, 6, 0x01020304, ntp, 8600, 2, 6)


def test_a_compound_s_parts_are_whole_words() -> None:
    for compound in (stream().report(0, HALF_PAST), stream().goodbye()):
        at = 0
        while at < len(compound):
            at += 4 * (struct.unpack("!H", compound[at + 2 : at + 4])[0] + 1)
        assert at == len(compound)


def test_a_goodbye_names_the_source() -> None:
    assert struct.unpack("!BBHI", stream().goodbye()[8:]) == (0x81, 203, 1, 0x01020304)


def test_fractions_of_a_second_are_kept_to_a_nanosecond() -> None:
    for part_ns in (1, 123_456_789, NS - 1):
        assert abs(((ntp_of(part_ns) & 0xFFFFFFFF) * NS >> 32) - part_ns) <= 1


def test_an_interleaved_packet_names_channel_and_size() -> None:
    assert interleaved(3, b"abc") == b"$\x03\x00\x03abc"
