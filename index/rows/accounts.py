"""People who log in, and their sessions."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select

from core.errors import Conflict, DuplicateId, NotFound
from core.types import Account, Role, Session
from index.rows.engine import Database
from index.rows.schema import accounts, sessions


class SqlAccounts:
    """`core.protocols.AccountRows`. Names that only differ in case or width are one name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, account: Account) -> None:
        """Add or replace; `Conflict` if another account has that name."""
        try:
            with self._database.writing(f"put account {account.account_id}") as connection:
                self._database.put(connection, accounts, _row_of(account))
        except DuplicateId as error:
            raise Conflict(f"account: the name {account.name!r} is taken") from error

    def get(self, account_id: int) -> Account:
        """`NotFound` if there is none."""
        return self._one(accounts.c.account_id == account_id, f"account {account_id}")

    def by_name(self, name: str) -> Account:
        """`NotFound` if there is none."""
        return self._one(accounts.c.folded_name == _folded(name), f"account {name!r}")

    def all(self) -> list[Account]:
        """By id."""
        with self._database.reading("read accounts") as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.account_id)).all()
        return [_account_of(row) for row in rows]

    def put_session(self, session: Session) -> None:
        """`DuplicateId` for a known token, `Conflict` for an account that there is not."""
        with self._database.writing("put session") as connection:
            connection.execute(
                sessions.insert().values(
                    token_sha256=session.token_sha256,
                    account_id=session.account_id,
                    created_ns=session.created_ns,
                    expires_ns=session.expires_ns,
                    kind=session.kind,
                )
            )

    def session(self, token_sha256: str) -> Session:
        """`NotFound` if there is none; expiry is the caller's to check."""
        wanted = select(sessions).where(sessions.c.token_sha256 == token_sha256)
        with self._database.reading("read session") as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise NotFound("session: there is none")
        return Session(row.token_sha256, row.account_id, row.created_ns, row.expires_ns, row.kind)

    def end_session(self, token_sha256: str) -> None:
        """Nothing happens if it has ended already."""
        with self._database.writing("end session") as connection:
            connection.execute(delete(sessions).where(sessions.c.token_sha256 == token_sha256))

    def end_sessions(self, account_id: int) -> None:
        """All of an account: at a password change or when it is disabled."""
        with self._database.writing(f"end sessions of account {account_id}") as connection:
            connection.execute(delete(sessions).where(sessions.c.account_id == account_id))

    def _one(self, condition: ColumnElement[bool], what: str) -> Account:
        with self._database.reading("read account") as connection:
            row = connection.execute(select(accounts).where(condition)).first()
        if row is None:
            raise NotFound(f"{what}: there is none")
        return _account_of(row)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _row_of(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "name": account.name,
        "folded_name": _folded(account.name),
        "full_name": account.full_name,
        "organisation": account.organisation,
        "roles": " ".join(sorted(account.roles)),
        "password_hash": account.password_hash,
        "disabled": account.disabled,
    }


def _account_of(row: Row[Any]) -> Account:
    return Account(
        account_id=row.account_id,
        name=row.name,
        full_name=row.full_name,
        organisation=row.organisation,
        roles=frozenset(Role(role) for role in row.roles.split()),
        password_hash=row.password_hash,
        disabled=row.disabled,
    )
