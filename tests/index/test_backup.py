"""A backup holds together while ingest goes on, proves itself, and comes back."""

import json
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import Busy, Conflict, InvalidInput, NotFound, StorageCorrupt, StorageFull
from index.backup import BackupReport, backup, restore, verify_backup
from index.lease import UpkeepLease
from index.rows.engine import Database
from tests.builders import account, at, audit_entry, case, scope, session
from tests.databases import database_url
from tests.index.installation import Installation, mark

ALL = dict.fromkeys(("row", "vector", "plate", "plate row", "picture", "footage"), True)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "kept")
    installation.add_camera()
    yield installation
    installation.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def backed_up(kept: Installation, target: Path) -> BackupReport:
    return backup(kept.folder, kept.url, target, now=kept.now)


# --- there and back ---


def test_restored_installation_gives_the_same_answers(
    kept: Installation, target: Path, tmp_path: Path
) -> None:
    seen = [kept.see(start_s=s) for s in (0, 7200)]
    kept.vectors.seal(at(3600))
    kept.ask(case())
    kept.store.audit.append(audit_entry)
    (kept.folder / "secret.key").write_bytes(b"key")
    backed_up(kept, target)
    restore(target, tmp_path / "restored")
    again = Installation(tmp_path / "restored")
    try:
        assert [again.tells(one) for one in seen] == [ALL, ALL]
        assert again.store.cases.probes(1) == kept.store.cases.probes(1)
        assert again.store.audit.entries() == kept.store.audit.entries()
        assert (again.folder / "secret.key").read_bytes() == b"key"
        again.footage.verify(again.store.tracks.all_footage())
        again.vectors.verify()
        again.shots.verify()
    finally:
        again.close()


def test_restored_installation_goes_on(kept: Installation, target: Path, tmp_path: Path) -> None:
    kept.see()
    backed_up(kept, target)
    restore(target, tmp_path / "restored")
    again = Installation(tmp_path / "restored")
    try:
        tracks = again.store.tracks
        swept = [
            again.vectors.sweep(tracks.known_shots),
            again.shots.sweep(tracks.known_shots),
            again.footage.sweep(tracks.known_segments),
        ]
        assert swept == [0, 0, 0]
        again.retention().run()
        again.store.audit.append(audit_entry)
    finally:
        again.close()


def test_report_tells_what_was_copied(kept: Installation, target: Path) -> None:
    kept.see()
    report = backed_up(kept, target)
    copied = [p for p in target.rglob("*") if p.is_file() and p.name != "manifest.json"]
    assert (report.files, report.rows, report.note) == (len(copied), True, "")
    assert report.bytes == sum(path.stat().st_size for path in copied)
    assert verify_backup(target) == report


def test_backup_is_for_its_owner_only(kept: Installation, target: Path) -> None:
    kept.see()
    backed_up(kept, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    files = (path for path in target.rglob("*") if path.is_file())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_footage_and_shots_can_be_left_out(kept: Installation, target: Path) -> None:
    kept.see()
    backup(kept.folder, kept.url, target, footage=False, shots=False, now=kept.now)
    verify_backup(target)
    assert not any(mark(1) in p.read_bytes() for p in target.rglob("*") if p.is_file())
    assert json.loads((target / "manifest.json").read_bytes())["left_out"] == ["footage", "shots"]


def test_what_belongs_to_living_processes_is_left_out(kept: Installation, target: Path) -> None:
    kept.store.writers.lease_camera(1, "ingest", kept.now(), kept.now() + 10**10)
    kept.store.accounts.put(account())
    kept.store.accounts.put_session(session())
    kept.footage.stage(1, 99).write_bytes(b"not whole yet")
    kept.see()
    backed_up(kept, target)
    with closing(sqlite3.connect(target / "rows.sqlite")) as rows:
        counts = [
            rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("sessions", "camera_leases", "accounts")
        ]
        owners = rows.execute("SELECT count(owner) FROM writers").fetchone()[0]
    assert (counts, owners) == ([0, 0, 1], 0)
    folders = {part for path in target.rglob("*") for part in path.relative_to(target).parts[:-1]}
    assert not folders & {"locks", "staging"}


# --- while others write ---


def test_backup_during_ingest_holds_together(
    kept: Installation, target: Path, tmp_path: Path
) -> None:
    """Each row in the copy has its files in it, whatever was written and sealed meanwhile."""
    stop, started = threading.Event(), threading.Event()

    def ingest() -> None:
        start_s = 0
        while not stop.is_set():
            kept.see(start_s=start_s)
            kept.vectors.seal(at(start_s - 600))
            start_s += 400  # nine to the hour
            started.set()

    thread = threading.Thread(target=ingest)
    thread.start()
    try:
        assert started.wait(300)
        for number in range(3):
            backed_up(kept, target / str(number))
    finally:
        stop.set()
        thread.join(300)
    for number in range(3):
        _check_whole(target / str(number), tmp_path / f"restored-{number}")


def _check_whole(target: Path, folder: Path) -> None:
    restore(target, folder)
    again = Installation(folder)
    try:
        seen = again.store.tracks.tracklets(scope(start_s=-1, end_s=1e9), limit=100_000)
        assert seen
        assert all(again.tells(t.tracklet_id) == ALL for t in seen)
        again.footage.verify(again.store.tracks.all_footage())
        again.vectors.verify()
        again.shots.verify()
    finally:
        again.close()


def test_files_that_vanish_are_looked_for_again(
    kept: Installation, target: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A segment that is sealed between the listing and its copy."""
    one = kept.see()
    renew = UpkeepLease.renew

    def seal_first(lease: UpkeepLease) -> None:
        kept.vectors.seal(at(7200))
        renew(lease)

    monkeypatch.setattr(UpkeepLease, "renew", seal_first)
    backed_up(kept, target)
    monkeypatch.undo()
    restore(target, tmp_path / "restored")
    again = Installation(tmp_path / "restored")
    try:
        assert again.tells(one) == ALL
    finally:
        again.close()


def test_backup_waits_for_other_upkeep(kept: Installation, target: Path) -> None:
    with UpkeepLease(kept.store.writers, "retention", kept.now), pytest.raises(Busy):
        backed_up(kept, target)
    assert not target.exists()


# --- refused ---


def test_full_disk_is_noticed_before_anything_is_written(kept: Installation, target: Path) -> None:
    kept.see()
    with pytest.raises(StorageFull, match="want"):
        backup(kept.folder, kept.url, target, now=kept.now, free=lambda _: 1000)
    assert not target.exists()


@pytest.mark.parametrize("place", ["", "inside", "deeper/inside"])
def test_target_inside_the_data_is_refused(kept: Installation, place: str) -> None:
    with pytest.raises(Conflict, match="outside"):
        backed_up(kept, kept.folder / place)


def test_target_with_something_in_it_is_refused(kept: Installation, target: Path) -> None:
    target.mkdir()
    (target / "letter").touch()
    with pytest.raises(Conflict, match="empty"):
        backed_up(kept, target)


def test_backup_of_nothing_is_not_found(tmp_path: Path, target: Path) -> None:
    with pytest.raises(NotFound):
        backup(tmp_path / "nowhere", f"sqlite:///{tmp_path}/nowhere/x.db", target)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="database"):
        backup(tmp_path / "empty", f"sqlite:///{tmp_path}/empty/x.db", target)
    assert not (tmp_path / "empty" / "x.db").exists()


Damage = Callable[[Path], object]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(lambda t: _flip(next(t.rglob("*.pack"))), ".pack", id="a byte of a shot"),
        pytest.param(lambda t: _flip(t / "rows.sqlite"), "rows.sqlite", id="a byte of the rows"),
        pytest.param(lambda t: next(t.rglob("*.mp4")).unlink(), "missing", id="no footage"),
        pytest.param(lambda t: (t / "files/x").touch(), "files/x", id="a strange file"),
        pytest.param(lambda t: (t / "manifest.json").unlink(), "manifest", id="no manifest"),
        pytest.param(lambda t: (t / "manifest.json").write_text("{"), "manifest", id="half of it"),
    ],
)
def test_damaged_backup_is_named_and_not_restored(
    kept: Installation, target: Path, tmp_path: Path, damage: Damage, named: str
) -> None:
    kept.see()
    backed_up(kept, target)
    damage(target)
    with pytest.raises(StorageCorrupt, match=named):
        verify_backup(target)
    with pytest.raises(StorageCorrupt, match=named):
        restore(target, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("path", ["files/../../x", "/etc/x", "elsewhere/x"])
def test_manifest_that_leads_elsewhere_is_refused(
    kept: Installation, target: Path, tmp_path: Path, path: str
) -> None:
    backed_up(kept, target)
    manifest = json.loads((target / "manifest.json").read_bytes())
    manifest["files"].append({"path": path, "bytes": 0, "sha256": ""})
    (target / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StorageCorrupt, match="manifest"):
        restore(target, tmp_path / "restored")


def test_manifest_of_another_format_is_refused(kept: Installation, target: Path) -> None:
    backed_up(kept, target)
    (target / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(InvalidInput, match="99"):
        verify_backup(target)


def test_restore_into_a_folder_with_something_is_refused(kept: Installation, target: Path) -> None:
    backed_up(kept, target)
    with pytest.raises(Conflict, match="empty"):
        restore(target, kept.folder)


def test_restore_into_an_empty_folder_is_allowed(
    kept: Installation, target: Path, tmp_path: Path
) -> None:
    backed_up(kept, target)
    (tmp_path / "restored").mkdir()
    restore(target, tmp_path / "restored")
    assert (tmp_path / "restored" / "casetrace.db").is_file()


def test_restore_without_room_is_refused(kept: Installation, target: Path, tmp_path: Path) -> None:
    backed_up(kept, target)
    with pytest.raises(StorageFull):
        restore(target, tmp_path / "restored", free=lambda _: 1000)


def test_restore_that_was_cut_off_is_told(kept: Installation, target: Path, tmp_path: Path) -> None:
    backed_up(kept, target)
    (tmp_path / "restored.restoring").mkdir()
    (tmp_path / "restored.restoring" / "half").touch()
    with pytest.raises(Conflict, match="cut off"):
        restore(target, tmp_path / "restored")


# --- PostgreSQL ---


@pytest.mark.postgres
def test_backup_beside_postgres_says_to_dump_it(tmp_path: Path, target: Path) -> None:
    with database_url("postgres", tmp_path) as url:
        kept = Installation(tmp_path / "kept", url=url)
        try:
            kept.add_camera()
            kept.see()
            report = backed_up(kept, target)
        finally:
            kept.close()
    assert not report.rows
    assert "pg_dump" in report.note
    assert not (target / "rows.sqlite").exists()
    assert verify_backup(target) == report


@pytest.mark.postgres
def test_postgres_is_not_copied_by_us(tmp_path: Path) -> None:
    with database_url("postgres", tmp_path) as url:
        database = Database(url)
        with pytest.raises(Conflict, match="pg_dump"):
            database.copy_to(tmp_path / "copy")
        database.close()
