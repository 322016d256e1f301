"""A real installation in a folder, from `init` on: bad media, doctor, backup, no secret shown."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.cli import main
from api.commands.doctor import without_password
from api.commands.init import settings_template
from pipeline.service import open_service
from pipeline.settings import FILE_NAME, Settings, load_settings
from tests.api.client import Client
from tests.ingest.videos import flat, write_video

PASSWORD = "a long enough phrase"
CANARY = "canary-7f3a-geheim"
FAKES = 'detector = "colour"\nperson_embedder = "colour"\nvehicle_embedder = "colour"\n'
START = "2026-05-04T07:00:00Z"

Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh installation with the fakes, its administrator also operating the cameras."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WORDS", PASSWORD)
    monkeypatch.setenv("CANARY", CANARY)
    return tmp_path / "installation"


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the folder; what it said on stdout, stderr and its exit code."""

    def command(*words: str) -> tuple[str, str, int]:
        with pytest.raises(SystemExit) as ended:
            main(["--data-dir", str(folder), *words])
        said = capsys.readouterr()
        return said.out, said.err, int(str(ended.value.code or 0))

    command("init")
    (folder / FILE_NAME).write_text(FAKES)
    command("user", "add-first", "admin", "--password-env", "WORDS")
    command("login", "admin", "--password-env", "WORDS")
    return command


def camera(run: Run, *words: str) -> str:
    out, err, code = run("--json", "cameras", "add", *words)
    assert code == 0, err
    return str(json.loads(out)["camera_id"])


def test_init_writes_settings_that_load_as_the_defaults(folder: Path, run: Run) -> None:
    (folder / FILE_NAME).write_text(settings_template())
    assert load_settings(folder) == Settings(data_dir=folder)


def test_every_line_of_the_template_is_a_setting_when_uncommented(folder: Path, run: Run) -> None:
    lines = settings_template().splitlines()
    written = [line[1:] for line in lines if line.startswith("#") and not line.startswith("# ")]
    (folder / FILE_NAME).write_text("\n".join(written))
    settings = load_settings(folder)
    assert len(written) == len(Settings.model_fields) - 1
    assert settings.port == Settings(data_dir=folder).port


def test_init_twice_changes_nothing(folder: Path, run: Run) -> None:
    _, err, code = run("init")
    assert (code, err.startswith("error[conflict]")) == (7, True)
    assert (folder / FILE_NAME).read_text() == FAKES


def test_init_keeps_the_folder_for_its_owner(folder: Path, run: Run) -> None:
    assert folder.stat().st_mode & 0o077 == 0


def test_tables_of_an_older_version_are_moved_on_when_asked(folder: Path, run: Run) -> None:
    with closing(sqlite3.connect(folder / "casetrace.db")) as rows, rows:
        rows.execute("DROP TABLE plates")
        rows.execute("DROP TABLE tracklet_changes")
        rows.execute("UPDATE alembic_version SET version_num = '0001'")
    _, err, code = run("whoami")
    assert (code, "casetrace init --upgrade" in err) == (7, True)
    out, _, code = run("init", "--upgrade")
    assert (code, "moved on" in out) == (0, True)
    assert run("whoami")[2] == 0
    assert "as before" in run("init", "--upgrade")[0]


def text_file(path: Path) -> None:
    path.write_text("this is no video\n" * 100)


def truncated(path: Path) -> None:
    write_video(path, [flat((180, 320))] * 50)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def one_pixel(path: Path) -> None:
    write_video(path, [flat((1, 1))] * 10, codec="ffv1", pix_fmt="yuv444p", format="matroska")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("make", [text_file, truncated, one_pixel, empty])
def test_bad_file_ends_with_media_corrupt_and_keeps_nothing(
    run: Run, folder: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    camera_id = camera(run, "gate")
    out, _, code = run("--json", "ingest", str(path), "--camera", camera_id, "--start", START)
    assert code == 8
    (count,) = json.loads(out)
    assert count["error"].startswith("media_corrupt: ")
    assert (count["parts"], count["shots"]) == (0, 0)
    assert load_settings(folder)


def test_missing_model_is_a_clear_error(run: Run, folder: Path, tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", [flat((180, 320))] * 5)
    camera_id = camera(run, "gate")
    (folder / FILE_NAME).write_text('detector = "yolov8n-int8"\n')
    _, err, code = run("ingest", str(path), "--camera", camera_id, "--start", START)
    assert code == 9
    assert err.startswith("error[model_missing]: ")
    assert "casetrace models pull" in err


def test_doctor_says_what_is_in_use(run: Run) -> None:
    out, _, code = run("--json", "doctor")
    report = json.loads(out)
    assert code == 0
    assert report["decoding"]["libavcodec"]
    assert "CPUExecutionProvider" in report["models run by"]["providers"]
    assert report["rows and vectors"]["faiss"]
    assert report["settings"]["detector"] == "colour"
    assert report["models"]["yolov8n-int8"] == "not here"


def test_doctor_without_an_installation_ends_with_an_error(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api", "--data-dir", str(folder), "doctor"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "error[not_found]" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://casetrace:{CANARY}@db.example/casetrace",
        f"postgresql://db.example/casetrace?user=x&password={CANARY}",
        f"postgresql://casetrace:p%40{CANARY}@[::1]:5432/x",
    ],
)
def test_database_url_is_shown_without_its_password(url: str) -> None:
    assert CANARY not in without_password(url)


def test_backup_is_made_verified_and_restored(run: Run, tmp_path: Path) -> None:
    target, other = tmp_path / "copy", tmp_path / "other"
    _, err, code = run("backup", str(target))
    assert code == 0, err
    assert run("backup", "--verify", str(target))[2] == 0
    assert run("--data-dir", str(other), "restore", str(target))[2] == 0
    assert (other / FILE_NAME).read_text() == FAKES


def test_retention_run_is_logged(run: Run, folder: Path) -> None:
    assert run("retention")[2] == 0
    service = open_service(load_settings(folder))
    try:
        assert service.store.audit.entries(limit=1000)[-1].event.kind == "retention_run"
    finally:
        service.close()


def test_no_password_is_seen_anywhere(run: Run, folder: Path, tmp_path: Path) -> None:
    """A camera's password goes in by every door; nothing that comes out, or lies there, has it."""
    seen = [
        *run(
            *("cameras", "add", "gate", "--url", "rtsp://127.0.0.1:1/a", "--username", "viewer"),
            *("--camera-password-env", "CANARY"),
        ),
        *run("cameras", "add", "twin", "--url", f"rtsp://viewer:{CANARY}@10.0.0.9/a"),
        *run("--json", "cameras", "list"),
        *run("--json", "doctor"),
        *run("login", "admin", "--password-env", "CANARY"),
        *run("user", "add", "kim", "--role", "auditor", "--password-env", "CANARY"),
        *run("login", "kim", "--password-env", "CANARY"),
        *run("--json", "audit", "show"),
        *run("--json", "user", "list"),
    ]
    assert CANARY not in "\n".join(map(str, seen))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_no_password_is_seen_over_http(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = open_service(load_settings(folder))
    try:
        token, _ = service.accounts.login("admin", PASSWORD, "bearer")
        client = Client(create_app(service), token=token)
        urls = ("rtsp://10.0.0.8/a", f"rtsp://viewer:{CANARY}@10.0.0.9/a", f"http://x:{CANARY}@h/")
        answers = [
            client.post(
                "/api/v1/cameras",
                json={"name": f"c{row}", "main_url": url, "username": "v", "password": CANARY},
            )
            for row, url in enumerate(urls)
        ]
        answers += [
            client.post("/api/v1/cameras", json={"name": "x", "password": [CANARY]}),
            client.post("/api/v1/cameras", json={"name": "x", "passwort": CANARY}),
            client.post("/api/v1/session", json={"name": "a", "password": CANARY, "x": 1}),
            client.post("/api/v1/session", json={"name": CANARY, "password": CANARY}),
            client.get("/api/v1/cameras"),
            client.get("/metrics"),
            client.get("/api/v1/openapi.json"),
        ]
    finally:
        service.close()
    assert answers[0].status_code == 201
    assert not [a.url for a in answers if CANARY in a.text or CANARY in str(a.headers)]
    said = capsys.readouterr()
    assert CANARY not in said.out + said.err
