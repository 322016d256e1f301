"""The command line: acts as who logged in, says errors with their code, never a traceback."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.console import exit_code_of
from api.installation import Installation
from core import errors
from tests.api.house import HERE, PASSWORD, SEEN_HERE, House, picture

GRANT = f"{HERE}@2026-05-04T07:00:00Z/2026-05-04T08:00:00Z"
REQUEST = [
    *("case", "request", "--reference", "2026-05-0417", "--offence", "theft of a phone"),
    *("--legal-basis", "procedure act 115", "--purpose", "find where he went"),
    *("--grant", GRANT),
]


class Shell:
    """Runs commands in one house, as one person at a time."""

    def __init__(self, house: House, capsys: pytest.CaptureFixture[str]) -> None:
        self.house = house
        self._capsys = capsys
        data_dir = house.service.settings.data_dir
        (data_dir / "casetrace.toml").write_text("")
        self.installation = Installation(data_dir, open=lambda settings: Open(house))
        self.err = ""

    def run(self, *words: str, code: int = 0) -> str:
        """What the command says on stdout; it must end with `code`."""
        with pytest.raises(SystemExit) as ended:
            main(words, self.installation)
        said = self._capsys.readouterr()
        self.err = said.err
        assert ended.value.code == code, said
        return said.out

    def json(self, *words: str) -> Any:
        return json.loads(self.run("--json", *words))

    def login(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORDS", PASSWORD)
        self.run("login", name, "--password-env", "WORDS")


def Open(house: House) -> Any:
    """The house's service, left open when a command closes it."""
    house.service.close = lambda: None  # type: ignore[method-assign]
    return house.service


@pytest.fixture
def shell(
    house: House,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Shell]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CASETRACE_TOKEN", raising=False)
    close = house.service.close
    yield Shell(house, capsys)
    house.service.close = close  # type: ignore[method-assign]


def test_login_keeps_a_token_that_only_its_owner_reads(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.login("ann", monkeypatch)
    path = shell.installation.token_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shell.json("whoami")["name"] == "ann"


def test_logout_forgets_the_token(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.login("ann", monkeypatch)
    token = shell.installation.token()
    shell.run("logout")
    assert not shell.installation.token_path.exists()
    monkeypatch.setenv("CASETRACE_TOKEN", token)
    shell.run("whoami", code=5)


def test_command_without_a_login_says_how(shell: Shell) -> None:
    assert shell.run("case", "list", code=5) == ""
    assert shell.err.startswith("error[authentication_failed]: nobody is logged in")
    assert "Traceback" not in shell.err


def test_wrong_password_says_so(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "wrong")
    shell.run("login", "ann", "--password-env", "WORDS", code=5)
    assert shell.err == "error[authentication_failed]: wrong name or password\n"


def test_password_is_read_from_a_pipe(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{PASSWORD}\n".encode())
    os.close(writing)
    with os.fdopen(reading) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        shell.run("login", "ann")


def test_no_command_takes_a_password_as_an_argument(shell: Shell) -> None:
    for words in (("login", "ann", PASSWORD), ("login", "ann", "--password", PASSWORD)):
        shell.run(*words, code=2)


def test_unknown_command_is_wrong_usage(shell: Shell) -> None:
    shell.run("watch", code=2)


@pytest.mark.parametrize("words", [("--help",), ("case", "--help"), ("search", "--help")])
def test_help_needs_no_installation(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "Usage" in capsys.readouterr().out


def test_folder_that_is_no_installation_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--data-dir", str(tmp_path), "whoami"])
    assert ended.value.code == 4
    assert "casetrace init" in capsys.readouterr().err


def test_case_goes_from_request_to_trajectory(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = tmp_path / "subject.jpg"
    image.write_bytes(picture())
    shell.login("ann", monkeypatch)
    case_id = shell.json(*REQUEST)["case_id"]
    shell.login("approver", monkeypatch)
    assert shell.json("case", "approve", case_id, "--version", "1")["state"] == "active"
    shell.login("ann", monkeypatch)
    found = shell.json(
        *("search", "--case", case_id, "--image", str(image), "--box", "10,10,200,300"),
        *("--frame", f"{HERE}@2026-05-04T07:10:00Z", "--box", "10,10,200,300"),
        *("--shot", str(SEEN_HERE * 10)),
    )
    assert [one["tracklet_id"] for one in found["candidates"]] == [str(SEEN_HERE)]
    shell.run("decide", str(SEEN_HERE), "confirm", "--case", case_id, "--note", "same coat")
    laid_out = shell.json("trajectory", "--case", case_id)
    assert [one["tracklet_id"] for one in laid_out["sightings"]] == [str(SEEN_HERE)]
    again = shell.json("search", "--case", case_id, "--confirmed")
    assert again["candidates"][0]["verdict"] == "confirm"


def test_tables_name_what_was_not_searched(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    case = shell.house.case()
    shell.login("ann", monkeypatch)
    said = shell.run("search", "--case", str(case.case_id), "--shot", str(SEEN_HERE * 10))
    assert "similar appearance" in said
    assert "NOT searched" in said
    assert "never looked at" in said


def test_stranger_is_refused_and_logged(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    case = shell.house.case()
    shell.login("zoe", monkeypatch)
    shell.run("case", "show", str(case.case_id), code=6)
    assert shell.err.startswith("error[forbidden]: ")
    assert shell.house.last_entry().event.actor_name == "zoe"


def test_own_case_is_not_approved(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.house.give_role("ann", "approver")
    case = shell.house.case(approved=False)
    shell.login("ann", monkeypatch)
    shell.run("case", "approve", str(case.case_id), "--version", "1", code=6)
    assert shell.err.startswith("error[same_person]: ")


def test_look_writes_one_picture_for_its_reader(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case, out = shell.house.case(), tmp_path / "shot.jpg"
    shell.login("ann", monkeypatch)
    words = ("look", "--case", str(case.case_id), "--shot", str(SEEN_HERE * 10), "--out", str(out))
    shell.run(*words)
    assert out.read_bytes().startswith(b"\xff\xd8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    shell.run(*words, code=7)


def test_audit_is_read_and_verified_by_an_auditor(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.login("auditor", monkeypatch)
    assert shell.json("audit", "verify")["holds"] is True
    assert shell.json("audit", "show", "--limit", "5")[0]["kind"] == "account_created"
    shell.login("ann", monkeypatch)
    shell.run("audit", "verify", code=6)


def test_audit_that_was_tampered_with_ends_with_an_error(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.login("auditor", monkeypatch)

    def edited() -> int:
        raise errors.StorageCorrupt("audit entry 3: edited; its hash does not hold")

    audit = shell.house.service.audit
    monkeypatch.setattr(type(audit), "verify", lambda self: edited())
    shell.run("audit", "verify", code=10)
    assert "entry 3" in shell.err


def test_cameras_are_kept_by_an_operator(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell.login("operator", monkeypatch)
    monkeypatch.setenv("CAM", "geheim")
    made = shell.json(
        *("cameras", "add", "gate 🦊", "--url", "rtsp://10.0.0.9/a", "--username", "u"),
        *("--camera-password-env", "CAM", "--at", "116.4,39.9"),
    )
    assert (made["has_password"], made["lon_lat_deg"]) == (True, [116.4, 39.9])
    camera_id = made["camera_id"]
    changed = shell.json("cameras", "change", camera_id, "--retention-days", "5")
    assert (changed["retention_days"], changed["name"]) == (5, "gate 🦊")
    clock = shell.json(
        "cameras", "clock", camera_id, "--since", "2026-05-01T00:00:00Z", "--offset-s", "92.5"
    )
    assert clock["clocks"][0]["offset_s"] == 92.5
    roads = tmp_path / "roads.json"
    roads.write_text(json.dumps({"edges": [{"start": "1", "end": camera_id, "distance_m": 410}]}))
    assert shell.json("cameras", "graph", str(roads))["edges"][0]["end"] == camera_id
    shell.run("cameras", "remove", camera_id, "--yes")
    assert camera_id not in {camera["camera_id"] for camera in shell.json("cameras", "list")}


def test_accounts_are_kept_by_an_administrator(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.login("admin", monkeypatch)
    shell.run("user", "add", "kim", "--role", "investigator", "--password-env", "WORDS")
    shell.run("user", "roles", "kim", "--role", "approver")
    shell.run("user", "disable", "kim")
    (kim,) = [one for one in shell.json("user", "list") if one["name"] == "kim"]
    assert (kim["roles"], kim["disabled"]) == (["approver"], True)
    shell.run("user", "add-first", "eve", "--password-env", "WORDS", code=7)


def test_ones_own_password_is_changed_with_the_old_one(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.login("ann", monkeypatch)
    monkeypatch.setenv("NEW", "quite another long phrase")
    shell.run("user", "password", "--old-password-env", "WORDS", "--password-env", "NEW")
    shell.run("whoami", code=5)
    shell.run("login", "ann", "--password-env", "NEW")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("search", "--case", "1", "--frame", "here"), 3),
        (("search", "--case", "1", "--image", "/nowhere.jpg"), 3),
        (("search", "--case", "1", "--shot", "1", "--start", "2026-05-04T07:00:00Z"), 3),
        (("search", "--case", "1", "--box", "1,2,3,4"), 3),
        (("search", "--case", "1"), 3),
        (("look", "--case", "1", "--out", "x"), 3),
        (("case", "request", *REQUEST[2:-1], "1@now/then"), 3),
        (("cameras", "graph", "/nowhere.json"), 3),
        (("cameras", "remove", "77", "--yes"), 4),
        (("ingest", "/nowhere.mp4"), 3),
        (("ingest",), 3),
        (("user", "disable", "nobody"), 4),
    ],
    ids=str,
)
def test_bad_words_end_with_their_code_and_no_traceback(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int
) -> None:
    shell.house.give_role("admin", "operator")
    shell.login("admin", monkeypatch)
    shell.run(*words, code=code)
    assert shell.err.startswith("error[")
    assert "Traceback" not in shell.err


def test_exit_code_of_a_subclass_is_its_base() -> None:
    assert exit_code_of(errors.OutOfScope("x")) == exit_code_of(errors.Forbidden("x")) == 6
