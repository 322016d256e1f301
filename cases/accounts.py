"""People who log in: passwords, sessions and roles."""

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cases.audit import AuditLog
from cases.authority import check_role
from cases.events import EventKind, denied, event_by, event_of_system, printable
from cases.throttle import Throttle
from core.clocks import Now, ns_of
from core.errors import (
    AuthenticationFailed,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StorageCorrupt,
)
from core.protocols import AccountRows
from core.types import Account, AuditEvent, Outcome, Role, Session

SessionKind = Literal["browser", "bearer"]

MIN_PASSWORD = 12
MAX_PASSWORD = 256
_NAME_EXTRA = frozenset("._-@")
_MAX_ID = 2**53  # so that a page can hold it as a number
# Argon2 takes 64 MiB a verification: this many at once, others wait their turn.
_AT_ONCE = 2


class Accounts:
    """Accounts and their sessions. Every change and every login leaves an audit entry.

    Passwords are hashed with argon2id at the parameters of RFC 9106's second choice (argon2-cffi's
    default). Sessions live on the server, so that a change of password ends them all.
    """

    def __init__(
        self,
        rows: AccountRows,
        audit: AuditLog,
        now: Now,
        *,
        session_s: float = 12 * 3600.0,
        bearer_s: float = 30 * 24 * 3600.0,
        hasher: PasswordHasher | None = None,
        free_failures: int = 5,
    ) -> None:
        self._rows = rows
        self._audit = audit
        self._now = now
        self._lives_s: dict[str, float] = {"browser": session_s, "bearer": bearer_s}
        self._hasher = hasher or PasswordHasher()
        self._hashing = threading.BoundedSemaphore(_AT_ONCE)
        # Verified for names that do not exist, so that the answer takes as long.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._by_origin = Throttle(now, free=free_failures)
        self._by_name = Throttle(now, free=10 * free_failures)

    # --- the people ---------------------------------------------------------------------------

    def create_first_admin(
        self, name: str, password: str, *, full_name: str = "", organisation: str = ""
    ) -> Account:
        """The first account, an administrator's; `Conflict` once there is any."""
        if self._rows.all():
            raise Conflict("first administrator: there are accounts already")
        account = self._made(name, password, (Role.ADMIN,), (full_name, organisation))
        detail = {"account": account.account_id, "name": account.name, "roles": [Role.ADMIN.value]}
        self._audit.write(event_of_system(EventKind.ACCOUNT_CREATED, {**detail, "first": True}))
        self._rows.put(account)
        return account

    def create(
        self,
        actor: Account,
        name: str,
        password: str,
        roles: Iterable[Role],
        *,
        full_name: str = "",
        organisation: str = "",
    ) -> Account:
        """A new account, by an administrator; `Conflict` if the name is taken."""
        wanted = frozenset(roles)
        account = self._made(name, password, wanted, (full_name, organisation))
        detail = {
            "account": account.account_id,
            "name": account.name,
            "roles": sorted(role.value for role in wanted),
        }
        event = event_by(actor, EventKind.ACCOUNT_CREATED, detail)
        self._check_admin(actor, event)
        if self._found(account.name):
            raise Conflict(f"account: the name {account.name!r} is taken")
        self._audit.write(event)
        self._rows.put(account)
        return account

    def change_roles(self, actor: Account, account_id: int, roles: Iterable[Role]) -> Account:
        """The account with other roles, by an administrator; its sessions end."""
        wanted = frozenset(roles)
        names = sorted(role.value for role in wanted)
        detail = {"account": account_id, "changed": ["roles"], "roles": names}
        event = event_by(actor, EventKind.ACCOUNT_CHANGED, detail)
        self._check_admin(actor, event)
        changed = replace(self._rows.get(account_id), roles=wanted)
        self._keep_an_admin(changed)
        self._put_and_end(changed, event)
        return changed

    def disable(self, actor: Account, account_id: int) -> None:
        """Nobody gets in with that account any more, from now on; by an administrator."""
        event = event_by(actor, EventKind.ACCOUNT_DISABLED, {"account": account_id})
        self._check_admin(actor, event)
        disabled = replace(self._rows.get(account_id), disabled=True)
        self._keep_an_admin(disabled)
        self._put_and_end(disabled, event)

    def change_password(self, actor: Account, old: str, new: str) -> None:
        """One's own; ends all of one's sessions, this one too."""
        account = self._rows.get(actor.account_id)
        self._by_name.check(account.name)
        if not self._verified(account.password_hash, old):
            self._by_name.failed(account.name)
            raise AuthenticationFailed("the old password is wrong")
        self._set_password(actor, account, new)

    def reset_password(self, actor: Account, account_id: int, new: str) -> None:
        """Another's, by an administrator; ends all of that person's sessions."""
        event = event_by(actor, EventKind.PASSWORD_CHANGED, {"account": account_id})
        self._check_admin(actor, event)
        self._set_password(actor, self._rows.get(account_id), new)

    def all(self, actor: Account) -> list[Account]:
        """Accounts by name, without password hashes; the disabled ones only for administrators.

        Everyone may know the others' names: members and approvers are named by them.
        """
        everyone = Role.ADMIN in actor.roles
        seen = [account for account in self._rows.all() if everyone or not account.disabled]
        bare = (replace(account, password_hash="") for account in seen)
        return sorted(bare, key=lambda account: account.name)

    # --- their sessions -----------------------------------------------------------------------

    def login(
        self, name: str, password: str, kind: SessionKind = "browser", *, origin: str = ""
    ) -> tuple[str, Session]:
        """A fresh token and its session. `origin` (an address) keeps guessers apart.

        `AuthenticationFailed` for a wrong password, a disabled account and an unknown name, all
        with the same words after the same work; and after too many failures, without any work.
        """
        if kind not in self._lives_s:
            raise InvalidInput(f"session: want browser or bearer, got {kind!r}")
        wanted = _normal_name(name)[:MAX_PASSWORD]
        keys = ((self._by_origin, f"{origin}\n{wanted}"), (self._by_name, wanted))
        for throttle, key in keys:
            throttle.check(key)
        account = self._found(wanted)
        right = self._verified(account.password_hash if account else self._nobody, password)
        if account is None or not right or account.disabled:
            for throttle, key in keys:
                throttle.failed(key)
            self._note_failure(account, origin)
            raise AuthenticationFailed("wrong name or password")
        for throttle, key in keys:
            throttle.cleared(key)
        self._rehash(account, password)
        return self._started(account, kind)

    def who(self, token: str) -> Account:
        """Whose token it is; `AuthenticationFailed` if unknown, expired or the account disabled."""
        key = _sha256(token)
        try:
            session = self._rows.session(key)
            account = self._rows.get(session.account_id)
        except NotFound as error:
            raise AuthenticationFailed("no valid session: log in") from error
        if self._now() >= session.expires_ns:
            self._rows.end_session(key)
            raise AuthenticationFailed("the session has expired: log in again")
        if account.disabled:
            raise AuthenticationFailed("no valid session: log in")
        return account

    def logout(self, token: str) -> None:
        """Ends that session; an unknown token is no error."""
        try:
            account = self.who(token)
        except AuthenticationFailed:
            return
        self._audit.write(event_by(account, EventKind.LOGOUT, {}))
        self._rows.end_session(_sha256(token))

    # --- inside -------------------------------------------------------------------------------

    def _made(
        self, name: str, password: str, roles: Iterable[Role], called: tuple[str, str]
    ) -> Account:
        normal = _checked_name(name)
        hashed = self._hashed(_checked_password(password, normal))
        full_name, organisation = (printable(text.strip(), 200) for text in called)
        account_id = secrets.randbelow(_MAX_ID - 1) + 1
        return Account(account_id, normal, full_name, organisation, frozenset(roles), hashed)

    def _found(self, name: str) -> Account | None:
        try:
            return self._rows.by_name(name)
        except NotFound:
            return None

    def _check_admin(self, actor: Account, event: AuditEvent) -> None:
        try:
            check_role(actor, Role.ADMIN)
        except Forbidden as error:
            self._audit.refuse(event, error)
            raise

    def _keep_an_admin(self, changed: Account) -> None:
        left = [changed if a.account_id == changed.account_id else a for a in self._rows.all()]
        if not any(Role.ADMIN in account.roles and not account.disabled for account in left):
            raise Conflict("account: the last administrator has to stay one")

    def _put_and_end(self, account: Account, event: AuditEvent) -> None:
        self._audit.write(event)
        self._rows.put(account)
        self._rows.end_sessions(account.account_id)

    def _set_password(self, actor: Account, account: Account, new: str) -> None:
        hashed = self._hashed(_checked_password(new, account.name))
        detail = {"account": account.account_id}
        event = event_by(actor, EventKind.PASSWORD_CHANGED, detail)
        self._put_and_end(replace(account, password_hash=hashed), event)

    def _hashed(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(_normal(password))

    def _verified(self, hashed: str, password: str) -> bool:
        if len(password) > MAX_PASSWORD:
            return False
        try:
            with self._hashing:
                return self._hasher.verify(hashed, _normal(password))
        except InvalidHashError as error:
            raise StorageCorrupt("account: its password hash is no argon2 hash") from error
        except VerificationError:
            return False

    def _rehash(self, account: Account, password: str) -> None:
        """A hash of today's strength, now that the password is at hand."""
        if self._hasher.check_needs_rehash(account.password_hash):
            self._rows.put(replace(account, password_hash=self._hashed(password)))

    def _started(self, account: Account, kind: SessionKind) -> tuple[str, Session]:
        token, now_ns = secrets.token_urlsafe(32), self._now()
        expires_ns = now_ns + ns_of(self._lives_s[kind])
        session = Session(_sha256(token), account.account_id, now_ns, expires_ns, kind)
        self._audit.write(event_by(account, EventKind.LOGIN, {"session": kind}))
        self._rows.put_session(session)
        return token, session

    def _note_failure(self, account: Account | None, origin: str) -> None:
        """A name that does not exist is not written down: people type passwords there."""
        error = AuthenticationFailed("wrong name or password")
        detail = {"origin": printable(origin, 200), "known": account is not None}
        event = AuditEvent(
            kind=EventKind.LOGIN_FAILED,
            outcome=Outcome.DENY,
            actor=account.account_id if account else None,
            actor_name=account.name if account else "unknown",
            organisation=account.organisation if account else "",
            case_id=None,
            purpose="",
            detail=detail,
        )
        self._audit.write(denied(event, error))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _normal(password: str) -> bytes:
    """The same bytes from every keyboard: NFKC, as NIST SP 800-63B section 5.1.1.2 asks."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _normal_name(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _checked_name(name: str) -> str:
    normal = _normal_name(name)
    fits = all(letter.isalnum() or letter in _NAME_EXTRA for letter in normal)
    if not 2 <= len(normal) <= 64 or not fits:
        raise InvalidInput("name: want 2 to 64 letters, digits or any of . _ - @")
    return normal


def _checked_password(password: str, name: str) -> str:
    """The password, never its text in a message."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidInput(
            f"password: want {MIN_PASSWORD} to {MAX_PASSWORD} characters, got {len(password)}"
        )
    if name in _normal_name(password) or len(set(password)) < 5:
        raise InvalidInput("password: want one without the name, of at least 5 different letters")
    return password
