"""The database itself keeps the audit log append-only, whoever asks."""

import pytest
from sqlalchemy import text

from core.errors import Conflict
from index.rows.engine import Database
from index.rows.store import SqlStore
from tests.builders import audit_entry
from tests.databases import POSTGRES, SQLITE


def run(url: str, statement: str) -> None:
    """As somebody would who has the database's password."""
    database = Database(url)
    try:
        with database.writing("tamper") as connection:
            connection.execute(text(statement))
    finally:
        database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET purpose = 'none' WHERE seq = 1",
        "UPDATE audit SET seq = 9",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
    ],
)
def test_change_is_refused(store: SqlStore, url: str, statement: str) -> None:
    before = [store.audit.append(audit_entry) for _ in range(2)]
    with pytest.raises(Conflict, match="append-only"):
        run(url, statement)
    assert store.audit.entries() == before


COLUMNS = "at_ns, kind, outcome, actor_name, organisation, purpose, detail, hash"


@pytest.mark.parametrize(
    ("seq", "previous"), [(1, ""), (2, "f" * 64), (3, f"{1:064x}"), (0, f"{1:064x}")]
)
def test_entry_out_of_place_is_refused(store: SqlStore, url: str, seq: int, previous: str) -> None:
    first = store.audit.append(audit_entry)
    with pytest.raises(Conflict, match="audit"):
        run(
            url,
            f"INSERT INTO audit (seq, previous, {COLUMNS}) "  # noqa: S608
            f"VALUES ({seq}, '{previous}', 0, 'x', 'allow', '', '', '', '{{}}', 'h')",
        )
    assert store.audit.entries() == [first]


@pytest.mark.parametrize("url", [SQLITE], indirect=True)
def test_replacing_an_entry_is_refused(store: SqlStore, url: str) -> None:
    first = store.audit.append(audit_entry)
    with pytest.raises(Conflict, match="audit"):
        run(url, "INSERT OR REPLACE INTO audit SELECT * FROM audit")
    assert store.audit.entries() == [first]


@pytest.mark.parametrize("url", [POSTGRES], indirect=True)
def test_truncating_is_refused(store: SqlStore, url: str) -> None:
    first = store.audit.append(audit_entry)
    with pytest.raises(Conflict, match="append-only"):
        run(url, "TRUNCATE audit")
    assert store.audit.entries() == [first]
