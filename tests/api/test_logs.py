"""Log lines are JSON and hold no secret, whichever way one tries to get in."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from api.logs import BLANK, configure_logs, hidden

CANARY = "canary-7f3a"


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    configure_logs("info", stream)
    return stream


def only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    parsed = json.loads(line)
    assert isinstance(parsed, dict)
    return parsed


def test_line_is_one_json_object_with_time_and_level(lines: io.StringIO) -> None:
    structlog.get_logger("api").info("opened", camera_id=7)
    line = only(lines)
    assert (line["event"], line["level"], line["camera_id"]) == ("opened", "info", 7)
    assert line["timestamp"].endswith("Z")


def test_library_line_is_json_too(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("port %s taken", 8470)
    assert only(lines)["event"] == "port 8470 taken"


@pytest.mark.parametrize("key", ["password", "secret", "token", "Authorization", "cookie"])
def test_value_under_a_secret_name_is_blanked(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("api").info("x", **{key: CANARY}, nested={key: [CANARY]})
    assert CANARY not in lines.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"rtsp://viewer:{CANARY}@10.0.3.21/live",
        f"could not open RTSPS://v:{CANARY}@cam:554/a and RTSP://v:{CANARY}@cam/b",
        f"postgresql+psycopg://casetrace:{CANARY}@db/casetrace",
    ],
)
def test_credentials_in_a_url_are_cut_out(lines: io.StringIO, text: str) -> None:
    structlog.get_logger("api").error("open", reason=text, several=[text])
    logging.getLogger("lib").error(text)
    assert CANARY not in lines.getvalue()


def test_traceback_is_cleaned(lines: io.StringIO) -> None:
    try:
        int(f"rtsp://viewer:{CANARY}@10.0.3.21/live")
    except ValueError:
        structlog.get_logger("api").exception("broke")
        logging.getLogger("lib").exception("broke")
    assert CANARY not in lines.getvalue()
    assert "ValueError" in lines.getvalue()


def test_bytes_become_their_length() -> None:
    assert hidden({"picture": b"12345", "password": "x"}) == {
        "picture": "5 bytes",
        "password": BLANK,
    }
