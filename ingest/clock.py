"""Device time of a live stream: its timestamps laid on the best clock that is known.

A stream's own timestamps (pts) tell exactly how far apart pictures are, but not what o'clock it
is. Two things do:

RTCP     The camera's sender reports (RFC 3550, 6.4.1) tie RTP time to its wall clock. FFmpeg
         carries that to every packet after the first report (`prft`).
RECEIPT  Without reports, our clock when packets come. Network and decoder shake those instants,
         but only ever late: the least delayed packet of the last minute fixes the line.

Both give a line, `device_ns = pts + offset`, that is straight between keyframes: every span of
footage from keyframe to keyframe is then exact, and jitter never shakes it. At a keyframe the
offset slides towards what is known by now, by at most half a picture's distance, so that time
never goes back. What cannot be slid is a break, and starts a new epoch:

- timestamps that run ahead of receipt by more than `jump_s`, or go back; at once;
- without reports, timestamps that stay more than `jump_s` behind for `lag_s`; at once;
- the first report, or a later one, that moves the line by more than `step_s`; at a keyframe.

The first report usually comes some seconds after the first picture. Until then frames say RECEIPT.
If the camera's clock agrees with ours to `step_s` the epoch goes on under its clock; if not (a
camera a minute off), a new epoch begins, and what came before keeps the label RECEIPT.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

from core.clocks import NS, ns_of, s_of
from core.types import ClockSource

_NTP_TO_UNIX_S = 2_208_988_800  # 1900 to 1970, RFC 5905
_DRIFT = 50e-6  # a usual crystal's error, for the age of a report
_YEAR_S = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """When a line breaks, when it slides, and what each clock is trusted for; seconds."""

    jump_s: float = 1.5
    lag_s: float = 3.0
    step_s: float = 0.25
    window_s: float = 60.0
    rtcp_slack_s: float = 0.002
    receipt_slack_s: float = 0.02
    # How well encoders tie RTP time to their clock; and the part of capture, encoding and network
    # that no receipt can tell.
    rtcp_sigma_s: float = 0.02
    receipt_sigma_s: float = 0.25
    # A device that never got its clock set says 1970 or 2000: then receipt is the better clock.
    believable_s: float = _YEAR_S


@dataclass(frozen=True, slots=True)
class Arrival:
    """A packet's times as they came. `report` tells sender reports apart; 0 means none yet."""

    pts: int
    receipt_ns: int
    keyframe: bool = False
    wall_ns: int | None = None
    report: int = 0


@dataclass(frozen=True, slots=True)
class Break:
    """Why the line ended; `distrust` if the reports so far no longer fit the timestamps."""

    reason: str
    distrust: bool = False


def wall_ns_of(prft: bytes) -> int:
    """UTC nanoseconds of a packet in FFmpeg's `AVProducerReferenceTime`."""
    (microseconds,) = struct.unpack_from("<q", prft)
    return int(microseconds) * 1000


def report_of(rtcp_sr: bytes) -> tuple[int, int]:
    """The NTP stamp (its 64 bits name the report) and its UTC nanoseconds, RFC 3550 6.4.1.

    The bytes are FFmpeg's `AVRTCPSenderReport`: ssrc, padding, ntp, rtp, packet and byte counts.
    """
    (ntp,) = struct.unpack_from("<Q", rtcp_sr, 8)
    seconds, part = int(ntp) >> 32, int(ntp) & 0xFFFFFFFF
    return int(ntp), (seconds - _NTP_TO_UNIX_S) * NS + (part * NS >> 32)


class LeastDelay:
    """The smallest offset (receipt minus media time) of the last window, and how far others lie."""

    def __init__(self, window_s: float) -> None:
        self._half_ns = ns_of(window_s / 2)
        self._older: int | None = None
        self._newer: int | None = None
        self._since_ns = 0
        self._spread_ns = 0.0

    @property
    def offset_ns(self) -> int | None:
        """None before anything came."""
        known = [offset for offset in (self._older, self._newer) if offset is not None]
        return min(known, default=None)

    @property
    def spread_s(self) -> float:
        """How late packets come on average after the least delayed."""
        return self._spread_ns / NS

    def add(self, offset_ns: int, receipt_ns: int) -> None:
        if self._newer is None or receipt_ns - self._since_ns >= self._half_ns:
            self._older, self._newer, self._since_ns = self._newer, offset_ns, receipt_ns
        self._newer = min(self._newer, offset_ns)
        late_ns = offset_ns - min(self._newer, self._older or self._newer)
        self._spread_ns += (late_ns - self._spread_ns) / 64


class StreamClock:
    """The line of one stream. Ask `breaks`, `restart` if it does, then `observe` each packet."""

    def __init__(self, time_base: Fraction, policy: ClockPolicy | None = None) -> None:
        self._per_tick = time_base * NS
        self._policy = policy or ClockPolicy()
        self._delays = LeastDelay(self._policy.window_s)
        self._line_ns: int | None = None
        self._settling = True
        self._source = ClockSource.RECEIPT
        self._report = 0
        self._report_offset_ns: int | None = None
        self._report_at_ns = 0
        self._distrusted = 0
        self._scatter_ns = 0.0
        self._residual_ns = 0
        self._latest_ns: int | None = None  # media time
        self._keyframe_ns: int | None = None
        self._packet_ns: int | None = None
        self._step_ns: int | None = None
        self._late_since_ns: int | None = None
        self._receipt_ns = 0

    @property
    def source(self) -> ClockSource:
        return self._source

    @property
    def reported(self) -> bool:
        """Whether a sender report that we believe is at hand."""
        return self._report_offset_ns is not None

    @property
    def sigma_s(self) -> float:
        """One standard deviation of `device_ns`, as of the last packet."""
        residual_s = abs(self._residual_ns) / NS
        if self._source is ClockSource.RECEIPT:
            return self._policy.receipt_sigma_s + self._delays.spread_s + residual_s
        age_s = s_of(self._receipt_ns - self._report_at_ns)
        return self._policy.rtcp_sigma_s + self._scatter_ns / NS + residual_s + _DRIFT * age_s

    def device_ns(self, pts: int) -> int:
        """Device time of a timestamp on the line as it lies now."""
        if self._line_ns is None:
            raise ValueError("the clock has observed nothing yet")
        return self._media_ns(pts) + self._line_ns

    def steady_ns(self, pts: int) -> int:
        """Our own time of a timestamp, freed of jitter, whichever clock the line lies on."""
        return self._media_ns(pts) + (self._delays.offset_ns or 0)

    def breaks(self, arrival: Arrival) -> Break | None:
        """Why this packet cannot lie on the line so far, or None. Changes nothing."""
        least_ns = self._delays.offset_ns
        if self._line_ns is None or least_ns is None:
            return None
        media_ns = self._media_ns(arrival.pts)
        ahead_s = s_of(least_ns - (arrival.receipt_ns - media_ns))
        if ahead_s > self._policy.jump_s:
            return Break(f"timestamps jumped ahead by {ahead_s:.1f} s", distrust=True)
        back_ns = self._back_ns(arrival, media_ns)
        if back_ns:
            return Break(f"timestamps went back by {s_of(back_ns):.2f} s", distrust=True)
        return self._lags(arrival, -ahead_s) or self._steps(arrival, media_ns)

    def restart(self, broken: Break) -> None:
        """Forget the line; the next packet begins a new one."""
        self._line_ns = self._latest_ns = self._late_since_ns = None
        self._keyframe_ns = self._packet_ns = self._step_ns = None
        if broken.distrust:
            self._delays = LeastDelay(self._policy.window_s)
            self._distrusted = self._report
            self._report_offset_ns = None

    def observe(self, arrival: Arrival) -> None:
        """Learn from a packet; at a keyframe the line may slide."""
        media_ns = self._media_ns(arrival.pts)
        self._delays.add(arrival.receipt_ns - media_ns, arrival.receipt_ns)
        self._receipt_ns = arrival.receipt_ns
        self._hear(arrival, media_ns)
        self._note_lateness(arrival, media_ns)
        if self._line_ns is None or self._settling:
            self._source, self._line_ns = self._best()
            self._residual_ns = 0
        elif arrival.keyframe:
            self._slide()
        self._note_step(media_ns, arrival.keyframe)
        self._latest_ns = media_ns if self._latest_ns is None else max(self._latest_ns, media_ns)

    def settle(self) -> None:
        """Until this is called the line follows every packet freely: nothing was stamped yet."""
        self._settling = False

    # --- learning ------------------------------------------------------------------------------

    def _media_ns(self, pts: int) -> int:
        return int(pts * self._per_tick)

    def _hear(self, arrival: Arrival, media_ns: int) -> None:
        fresh = arrival.report not in (0, self._report)
        self._report = arrival.report or self._report
        if arrival.wall_ns is None or self._report == self._distrusted:
            return
        if abs(arrival.wall_ns - arrival.receipt_ns) > ns_of(self._policy.believable_s):
            return
        offset_ns = arrival.wall_ns - media_ns
        if fresh and self._report_offset_ns is not None:
            moved_ns = abs(offset_ns - self._report_offset_ns)
            self._scatter_ns += (moved_ns - self._scatter_ns) / 8
        if fresh or self._report_offset_ns is None:
            self._report_at_ns = arrival.receipt_ns
        self._report_offset_ns = offset_ns

    def _note_lateness(self, arrival: Arrival, media_ns: int) -> None:
        least_ns = self._delays.offset_ns or 0
        late = arrival.receipt_ns - media_ns - least_ns > ns_of(self._policy.jump_s)
        if not late:
            self._late_since_ns = None
        elif self._late_since_ns is None:
            self._late_since_ns = arrival.receipt_ns

    def _note_step(self, media_ns: int, keyframe: bool) -> None:
        """The shortest distance of two pictures since the last keyframe: B-frames come unordered,
        and those that lead a keyframe are shown before it."""
        if keyframe:
            self._keyframe_ns, self._step_ns = media_ns, None
        step_ns = abs(media_ns - self._packet_ns) if self._packet_ns is not None else 0
        if step_ns:
            self._step_ns = min(step_ns, self._step_ns or step_ns)
        self._packet_ns = media_ns

    def _best(self) -> tuple[ClockSource, int]:
        if self._report_offset_ns is not None:
            return ClockSource.RTCP, self._report_offset_ns
        return ClockSource.RECEIPT, self._delays.offset_ns or 0

    def _slide(self) -> None:
        line_ns = self._line_ns or 0
        self._source, target_ns = self._best()
        rtcp = self._source is ClockSource.RTCP
        slack_s = self._policy.rtcp_slack_s if rtcp else self._policy.receipt_slack_s
        residual_ns = target_ns - line_ns
        if abs(residual_ns) > ns_of(slack_s):
            most_ns = (self._step_ns or 0) // 2
            line_ns += max(-most_ns, min(residual_ns, most_ns))
        self._line_ns = line_ns
        self._residual_ns = target_ns - line_ns

    # --- breaking ------------------------------------------------------------------------------

    def _back_ns(self, arrival: Arrival, media_ns: int) -> int:
        """How far a timestamp lies before where it may; 0 if it may.

        Pictures come in decoding order, so B-frames lie before the latest picture, but a keyframe
        never does, and nothing lies more than half a second before its keyframe.
        """
        if self._latest_ns is None:
            return 0
        if arrival.keyframe:
            return max(0, self._latest_ns - media_ns)
        floor_ns = self._latest_ns if self._keyframe_ns is None else self._keyframe_ns
        return max(0, self._latest_ns - media_ns) if media_ns < floor_ns - NS // 2 else 0

    def _lags(self, arrival: Arrival, late_s: float) -> Break | None:
        if self._source is ClockSource.RTCP or self._late_since_ns is None:
            return None
        lasted_s = s_of(arrival.receipt_ns - self._late_since_ns)
        if late_s <= self._policy.jump_s or lasted_s < self._policy.lag_s:
            return None
        return Break(f"timestamps fell behind by {late_s:.1f} s", distrust=True)

    def _steps(self, arrival: Arrival, media_ns: int) -> Break | None:
        if not arrival.keyframe or self._settling:
            return None
        offset_ns = self._report_offset_ns
        if offset_ns is None:
            return None
        step_s = s_of(offset_ns - (self._line_ns or 0))
        if abs(step_s) <= self._policy.step_s:
            return None
        first = self._source is ClockSource.RECEIPT
        what = "the first sender report moves" if first else "the device's clock stepped by"
        return Break(f"{what} {step_s:+.3f} s")
