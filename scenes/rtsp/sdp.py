"""What a stream is, told to whoever wants to play it (SDP, RFC 8866)."""

from base64 import b64encode
from collections.abc import Sequence

from scenes.rtsp.rtp import PAYLOAD_TYPE
from scenes.rtsp.units import TICKS, Codec, sets_of_kind

_NAMES: dict[Codec, str] = {"h264": "H264", "hevc": "H265"}
CONTROL = "trackID=0"


def description(codec: Codec, sets: Sequence[bytes], *, host: str) -> bytes:
    """The text that answers DESCRIBE: one video track, live, with its parameter sets."""
    lines = [
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=CaseTrace test camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=range:npt=now-",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {_NAMES[codec]}/{TICKS}",
        f"a=fmtp:{PAYLOAD_TYPE} {_parameters(codec, sets)}",
        f"a=control:{CONTROL}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _parameters(codec: Codec, sets: Sequence[bytes]) -> str:
    """RFC 6184, 8.1 and RFC 7798, 7.1."""
    by_kind = sets_of_kind(codec, sets)
    if codec == "hevc":
        named = zip(("vps", "sps", "pps"), by_kind, strict=True)
        return ";".join(f"sprop-{name}={_encoded(rows)}" for name, rows in named)
    sps = by_kind[0][0]
    profile = f"profile-level-id={sps[1:4].hex().upper()};" if len(sps) > 3 else ""
    together = _encoded([row for rows in by_kind for row in rows])
    return f"packetization-mode=1;{profile}sprop-parameter-sets={together}"


def _encoded(rows: Sequence[bytes]) -> str:
    return ",".join(b64encode(row).decode() for row in rows)
