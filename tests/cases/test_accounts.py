"""Accounts, logins and sessions on real rows, with a cheap hash."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from cases.accounts import Accounts
from cases.audit import AuditLog
from core.clocks import HOUR_NS, NS
from core.errors import AuthenticationFailed, Conflict, Forbidden, InvalidInput
from core.types import Account, AuditEntry, Role
from index.rows.store import SqlStore
from tests.builders import SetClock

PASSWORD = "correct horse battery"
OTHER = "staple of another kind"


class House:
    """Accounts with their clock and log. `ann` investigates; the first account administers."""

    def __init__(self, store: SqlStore) -> None:
        self.clock = SetClock()
        self.store = store
        self.hasher = CountingHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts(
            store.accounts,
            AuditLog(store.audit, self.clock),
            self.clock,
            session_s=8 * 3600.0,
            hasher=self.hasher,
            free_failures=3,
        )
        self.admin = self.accounts.create_first_admin("root", PASSWORD)
        self.ann = self.add("ann", Role.INVESTIGATOR)

    def add(self, name: str, *roles: Role) -> Account:
        return self.accounts.create(self.admin, name, PASSWORD, roles)

    def log(self) -> list[AuditEntry]:
        return self.store.audit.entries(limit=1000)

    def newest(self) -> AuditEntry:
        return self.log()[-1]


class CountingHasher(PasswordHasher):
    """argon2id at its cheapest, counting how often it had to work."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.verified += 1
        return bool(super().verify(hash, password))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'rows.db'}")
    try:
        yield House(store)
    finally:
        store.close()


def test_first_admin_is_refused_once_there_is_an_account(house: House) -> None:
    with pytest.raises(Conflict, match="accounts already"):
        house.accounts.create_first_admin("second", PASSWORD)


def test_passwords_are_kept_as_argon2id(house: House) -> None:
    assert house.store.accounts.by_name("ann").password_hash.startswith("$argon2id$")


def test_no_password_and_no_hash_stands_in_the_log(house: House) -> None:
    house.accounts.login("ann", PASSWORD)
    written = repr([entry.event for entry in house.log()])
    assert PASSWORD not in written
    assert "argon2" not in written


def test_create_by_anybody_but_an_admin_is_forbidden_and_logged(house: House) -> None:
    with pytest.raises(Forbidden, match="admin"):
        house.accounts.create(house.ann, "eve", PASSWORD, [Role.ADMIN])
    assert (house.newest().event.kind, house.newest().event.outcome) == ("account_created", "deny")


def test_create_with_a_taken_name_conflicts_however_it_is_typed(house: House) -> None:
    with pytest.raises(Conflict, match="taken"):
        house.add(" ANN ", Role.INVESTIGATOR)


@pytest.mark.parametrize("name", ["", "a", "a b", "a/b", "x" * 65, "nul\0"])
def test_create_refuses_a_name_that_cannot_be_typed_safely(house: House, name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        house.add(name, Role.INVESTIGATOR)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "my ann password", "x1y2z" * 60])
def test_create_refuses_a_weak_password_without_showing_it(house: House, password: str) -> None:
    with pytest.raises(InvalidInput, match="password: want") as caught:
        house.accounts.create(house.admin, "ann", password, [Role.INVESTIGATOR])
    assert password not in str(caught.value)


def test_login_gives_a_token_that_says_who(house: House) -> None:
    token, _ = house.accounts.login("ann", PASSWORD)
    assert house.accounts.who(token).name == "ann"


def test_login_takes_the_name_in_any_case(house: House) -> None:
    token, _ = house.accounts.login(" Ann", PASSWORD)
    assert house.accounts.who(token).name == "ann"


def test_login_takes_the_same_password_from_another_keyboard(house: House) -> None:
    house.accounts.create(house.admin, "jo", "caf\u00e9 au lait, noir", [Role.INVESTIGATOR])
    token, _ = house.accounts.login("jo", "cafe\u0301 au lait, noir")
    assert house.accounts.who(token).name == "jo"


def test_only_the_hash_of_a_token_is_kept(house: House) -> None:
    token, session = house.accounts.login("ann", PASSWORD)
    assert token not in repr(house.store.accounts.session(session.token_sha256))
    assert len(session.token_sha256) == 64


def test_sessions_of_browsers_and_of_tokens_last_as_set(house: House) -> None:
    browser = house.accounts.login("ann", PASSWORD, "browser")[1]
    bearer = house.accounts.login("ann", PASSWORD, "bearer")[1]
    lasts = [(s.expires_ns - s.created_ns) // HOUR_NS for s in (browser, bearer)]
    assert lasts == [8, 30 * 24]


@pytest.mark.parametrize(("name", "password"), [("ann", OTHER), ("nobody", PASSWORD)])
def test_login_fails_with_the_same_words_for_all(house: House, name: str, password: str) -> None:
    with pytest.raises(AuthenticationFailed, match=r"^wrong name or password$"):
        house.accounts.login(name, password)


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_login_does_the_same_work_for_a_name_that_does_not_exist(house: House, name: str) -> None:
    before = house.hasher.verified
    with pytest.raises(AuthenticationFailed):
        house.accounts.login(name, OTHER)
    assert house.hasher.verified == before + 1


def test_a_failed_login_is_logged_without_the_unknown_name(house: House) -> None:
    with pytest.raises(AuthenticationFailed):
        house.accounts.login("my-secret-password", OTHER, origin="192.0.2.7")
    entry = house.newest().event
    assert (entry.kind, entry.actor_name, entry.detail["origin"], entry.detail["known"]) == (
        "login_failed",
        "unknown",
        "192.0.2.7",
        False,
    )


def test_login_after_failures_waits_without_any_work(house: House) -> None:
    for _ in range(3):
        with pytest.raises(AuthenticationFailed, match="wrong"):
            house.accounts.login("ann", OTHER)
    before = house.hasher.verified
    with pytest.raises(AuthenticationFailed, match="wait"):
        house.accounts.login("ann", PASSWORD)
    assert house.hasher.verified == before


def test_login_from_elsewhere_is_not_locked_out_by_a_guesser(house: House) -> None:
    for _ in range(3):
        with pytest.raises(AuthenticationFailed):
            house.accounts.login("ann", OTHER, origin="203.0.113.9")
    house.accounts.login("ann", PASSWORD, origin="192.0.2.7")


def test_who_refuses_an_unknown_token(house: House) -> None:
    with pytest.raises(AuthenticationFailed):
        house.accounts.who("made up")


def test_who_refuses_a_session_at_its_last_moment(house: House) -> None:
    token, session = house.accounts.login("ann", PASSWORD)
    house.clock.now_ns = session.expires_ns - 1
    house.accounts.who(token)
    house.clock.now_ns = session.expires_ns
    with pytest.raises(AuthenticationFailed, match="expired"):
        house.accounts.who(token)


def test_logout_ends_that_session_only(house: House) -> None:
    first, second = (house.accounts.login("ann", PASSWORD)[0] for _ in range(2))
    house.accounts.logout(first)
    with pytest.raises(AuthenticationFailed):
        house.accounts.who(first)
    assert house.accounts.who(second).name == "ann"


def test_change_password_ends_all_sessions(house: House) -> None:
    tokens = [house.accounts.login("ann", PASSWORD)[0] for _ in range(2)]
    house.accounts.change_password(house.ann, PASSWORD, OTHER)
    for token in tokens:
        with pytest.raises(AuthenticationFailed):
            house.accounts.who(token)
    house.accounts.login("ann", OTHER)


def test_change_password_wants_the_old_one(house: House) -> None:
    with pytest.raises(AuthenticationFailed, match="old password"):
        house.accounts.change_password(house.ann, OTHER, "a third, long enough")
    house.accounts.login("ann", PASSWORD)


def test_disable_ends_sessions_and_refuses_logins(house: House) -> None:
    token, _ = house.accounts.login("ann", PASSWORD)
    house.accounts.disable(house.admin, house.ann.account_id)
    with pytest.raises(AuthenticationFailed):
        house.accounts.who(token)
    with pytest.raises(AuthenticationFailed, match=r"^wrong name or password$"):
        house.accounts.login("ann", PASSWORD)


def test_who_refuses_an_account_disabled_behind_its_back(house: House) -> None:
    token, _ = house.accounts.login("ann", PASSWORD)
    row = house.store.accounts.get(house.ann.account_id)
    disabled = Account(
        row.account_id, row.name, "", "", row.roles, row.password_hash, disabled=True
    )
    house.store.accounts.put(disabled)
    with pytest.raises(AuthenticationFailed):
        house.accounts.who(token)


def test_the_last_administrator_stays(house: House) -> None:
    with pytest.raises(Conflict, match="last administrator"):
        house.accounts.disable(house.admin, house.admin.account_id)
    with pytest.raises(Conflict, match="last administrator"):
        house.accounts.change_roles(house.admin, house.admin.account_id, [Role.AUDITOR])


def test_change_roles_ends_sessions_so_that_the_new_ones_count(house: House) -> None:
    token, _ = house.accounts.login("ann", PASSWORD)
    changed = house.accounts.change_roles(house.admin, house.ann.account_id, [Role.APPROVER])
    assert changed.roles == {Role.APPROVER}
    with pytest.raises(AuthenticationFailed):
        house.accounts.who(token)


def test_a_stronger_hash_replaces_the_old_one_at_login(house: House) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    later = Accounts(
        house.store.accounts, AuditLog(house.store.audit, house.clock), house.clock, hasher=stronger
    )
    later.login("ann", PASSWORD)
    assert "t=2" in house.store.accounts.by_name("ann").password_hash


def test_all_shows_no_hash_and_the_disabled_only_to_an_admin(house: House) -> None:
    house.accounts.disable(house.admin, house.add("ben", Role.INVESTIGATOR).account_id)
    names = {
        actor.name: [account.name for account in house.accounts.all(actor)]
        for actor in (house.admin, house.ann)
    }
    assert names == {"root": ["ann", "ben", "root"], "ann": ["ann", "root"]}
    assert {account.password_hash for account in house.accounts.all(house.admin)} == {""}


def test_the_throttle_forgives_after_its_time(house: House) -> None:
    for _ in range(3):
        with pytest.raises(AuthenticationFailed):
            house.accounts.login("ann", OTHER)
    house.clock.now_ns += NS
    house.accounts.login("ann", PASSWORD)
