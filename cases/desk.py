"""Cases: asked for by one person, approved by another, ended, and what they produced erased."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from cases.audit import AuditLog
from cases.authority import (
    DEFAULT_LIMITS,
    CaseLimits,
    authority_ends_ns,
    check_role,
    nothing_there,
    people_of,
)
from cases.events import EventKind, denied, event_by, printable
from cases.papers import (
    MAX_MEMBERS,
    CaseRequest,
    checked_expiry,
    checked_field,
    checked_grants,
    same_reference,
    widens,
)
from core.clocks import Now
from core.errors import (
    CaseTraceError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    SamePerson,
    TooLarge,
)
from core.protocols import ProbeStore, Store
from core.types import Account, AuditEvent, CameraSpan, Case, CaseState, Role

_TRIES = 5
_OPEN = (CaseState.REQUESTED, CaseState.ACTIVE)


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """Where cases are opened, decided and ended. It gives authority; it reads no footage.

    Each step is written to the audit log before it is done: the log may say more than happened
    (a second entry says that it failed), never less.
    """

    store: Store
    probes: ProbeStore
    audit: AuditLog
    now: Now
    limits: CaseLimits = DEFAULT_LIMITS

    # --- asking -------------------------------------------------------------------------------

    def request(self, actor: Account, asked: CaseRequest) -> Case:
        """A new case, waiting for approval. An emergency one may be read for 48 hours meanwhile.

        Raises `InvalidInput` naming the field, `TooLarge`, `OutOfScope` for a span that reaches
        past now, `Conflict` for a second emergency over one reference.
        """
        self._allowed(actor, EventKind.CASE_REQUESTED, None, Role.INVESTIGATOR)
        case = self._settled(actor, EventKind.CASE_REQUESTED, self._drafted(actor, asked))
        if case.emergency:
            self._check_first_emergency(case)
        for _ in range(_TRIES):
            numbered = replace(case, case_id=self._free_id())
            try:
                self._write(actor, EventKind.CASE_REQUESTED, numbered, _paper(numbered))
            except Conflict:
                continue  # another process took the number
            return numbered
        raise Conflict("case: others keep taking the next number; try again")

    def amend(
        self,
        actor: Account,
        case_id: int,
        reason: str,
        *,
        grants: Iterable[CameraSpan] | None = None,
        expires_ns: int | None = None,
        hold: bool | None = None,
    ) -> Case:
        """The case's next version. What asks for more waits for approval again, as a whole."""
        kind = EventKind.CASE_AMENDED
        before = self._case_of(actor, kind, case_id)
        if before.state not in _OPEN:
            raise Conflict(f"case {case_id}: is {before.state}, nothing to amend")
        after = replace(
            before,
            grants=before.grants if grants is None else tuple(grants),
            expires_ns=before.expires_ns if expires_ns is None else expires_ns,
            hold=before.hold if hold is None else hold,
        )
        after = self._settled(actor, kind, after)
        asks_again = before.state is CaseState.ACTIVE and widens(before, after)
        if asks_again:
            after = replace(after, state=CaseState.REQUESTED, approver=None, decided_ns=None)
        said = {"note": checked_field("reason", reason), "asks_again": asks_again}
        return self._advance(actor, kind, after, {**_paper(after), **said})

    def add_member(self, actor: Account, case_id: int, account_id: int) -> Case:
        """The case with one more person in it; never its approver (`SamePerson`)."""
        kind = EventKind.MEMBER_ADDED
        case = self._case_of(actor, kind, case_id)
        detail = {"account": account_id}
        if account_id == case.approver:
            error = SamePerson(f"case {case_id}: who approved it cannot work in it")
            self._refuse(actor, kind, case_id, error)
        if account_id in people_of(case):
            return case
        if case.state not in _OPEN:
            raise Conflict(f"case {case_id}: is {case.state}, nobody can join it")
        if len(case.members) >= MAX_MEMBERS:
            raise TooLarge(f"members: want at most {MAX_MEMBERS}")
        members = case.members | self._checked_members({account_id})
        return self._advance(actor, kind, replace(case, members=members), detail)

    # --- deciding -----------------------------------------------------------------------------

    def approve(
        self, actor: Account, case_id: int, note: str = "", *, version: int | None = None
    ) -> Case:
        """The case, active. `SamePerson` for one's own; `Conflict` for one that waits for nothing.

        `version` is the one that the approver has read: a later one is not approved unseen.
        """
        kind = EventKind.CASE_APPROVED
        case = self._to_decide(actor, kind, case_id)
        if case.state is not CaseState.REQUESTED:
            raise Conflict(f"case {case_id}: is {case.state}, want it requested")
        if version is not None and version != case.version:
            raise Conflict(f"case {case_id}: changed since; now version {case.version}")
        at_ns = self.now()
        if at_ns >= case.expires_ns:
            raise Conflict(f"case {case_id}: has expired before anybody approved it")
        decided = replace(case, state=CaseState.ACTIVE, approver=actor.account_id, decided_ns=at_ns)
        return self._advance(actor, kind, decided, {"note": printable(note)})

    def reject(self, actor: Account, case_id: int, reason: str) -> Case:
        """The case, rejected: its use stops at once and what it produced is erased.

        An active one can be rejected too: an approval is withdrawn. A rejected amendment ends the
        case as a whole. If erasing fails the case stays rejected; `sweep` finishes.
        """
        kind = EventKind.CASE_REJECTED
        said = checked_field("reason", reason)
        case = self._to_decide(actor, kind, case_id)
        if case.state not in _OPEN:
            raise Conflict(f"case {case_id}: is {case.state} already")
        decided = replace(
            case,
            state=CaseState.REJECTED,
            approver=actor.account_id,
            decided_ns=self.now(),
            hold=False,
        )
        after = self._advance(actor, kind, decided, {"note": said})
        erase_products(self.store, self.probes, case_id)
        return after

    def close(self, actor: Account, case_id: int, reason: str = "") -> Case:
        """The case, closed: nothing more is read with it, and it holds nothing any longer."""
        kind = EventKind.CASE_CLOSED
        case = self._case_of(actor, kind, case_id)
        if case.state not in _OPEN:
            raise Conflict(f"case {case_id}: is {case.state} already")
        closed = replace(case, state=CaseState.CLOSED, hold=False)
        return self._advance(actor, kind, closed, {"note": printable(reason)})

    def sweep(self) -> int:
        """Erase again what rejected cases produced, at start; how many rows there still were."""
        rejected = [c for c in self.store.cases.all() if c.state is CaseState.REJECTED]
        return sum(erase_products(self.store, self.probes, case.case_id) for case in rejected)

    # --- looking at the papers ----------------------------------------------------------------

    def visible(self, actor: Account) -> list[Case]:
        """The papers that the actor may see, newest first: not what was found."""
        seen = [case for case in self.store.cases.all() if _may_see(actor, case)]
        return sorted(seen, key=lambda case: case.case_id, reverse=True)

    def get(self, actor: Account, case_id: int) -> Case:
        """One case's papers; a stranger learns nothing, not even whether there is one."""
        kind = EventKind.READ_CASE
        case = self._found(actor, kind, case_id)
        if not _may_see(actor, case):
            self._refuse(actor, kind, case_id, Forbidden(nothing_there(case_id)))
        self.audit.write(event_by(actor, kind, {"case_version": case.version}, case=case))
        return case

    def ends_ns(self, case: Case) -> int | None:
        """Until when the case can be read as it stands; None if it cannot."""
        return authority_ends_ns(case, self.limits)

    # --- inside: what may be -------------------------------------------------------------------

    def _drafted(self, actor: Account, asked: CaseRequest) -> Case:
        return Case(
            case_id=0,
            version=1,
            state=CaseState.REQUESTED,
            reference=checked_field("reference", asked.reference),
            offence=checked_field("offence", asked.offence),
            legal_basis=checked_field("legal_basis", asked.legal_basis),
            purpose=checked_field("purpose", asked.purpose),
            requester=actor.account_id,
            members=self._checked_members(asked.members),
            approver=None,
            opened_ns=self.now(),
            decided_ns=None,
            expires_ns=asked.expires_ns,
            grants=tuple(asked.grants),
            emergency=asked.emergency,
            hold=asked.hold,
        )

    def _settled(self, actor: Account, kind: EventKind, case: Case) -> Case:
        """The case with its grants merged and its limits checked, as of now."""
        at_ns = self.now()
        known = frozenset(camera.camera_id for camera in self.store.cameras.all())
        expires_ns = checked_expiry(case.expires_ns, at_ns, self.limits)
        try:
            grants = checked_grants(case.grants, known, at_ns, self.limits)
        except Forbidden as error:
            self._refuse(actor, kind, case.case_id or None, error)
        return replace(case, grants=grants, expires_ns=expires_ns)

    def _checked_members(self, members: Iterable[int]) -> frozenset[int]:
        wanted = frozenset(members)
        if len(wanted) > MAX_MEMBERS:
            raise TooLarge(f"members: want at most {MAX_MEMBERS}, got {len(wanted)}")
        for account_id in sorted(wanted):
            try:
                account = self.store.accounts.get(account_id)
            except NotFound as error:
                raise InvalidInput(f"members: no account {account_id}") from error
            if account.disabled or Role.INVESTIGATOR not in account.roles:
                raise InvalidInput(f"members: {account.name} is no enabled investigator")
        return wanted

    def _check_first_emergency(self, case: Case) -> None:
        """An emergency that was refused, or ran out, cannot be declared once more."""
        at_ns = self.now()
        for other in self.store.cases.all():
            spent = other.state is CaseState.REJECTED or (
                other.state is CaseState.REQUESTED
                and (authority_ends_ns(other, self.limits) or 0) <= at_ns
            )
            if other.emergency and spent and same_reference(other.reference, case.reference):
                raise Conflict(
                    f"case: {case.reference} had its emergency in case {other.case_id}; "
                    "ask in the ordinary way"
                )

    def _case_of(self, actor: Account, kind: EventKind, case_id: int) -> Case:
        """The case, if the actor works in it."""
        case = self._found(actor, kind, case_id)
        if actor.account_id not in people_of(case):
            self._refuse(actor, kind, case_id, Forbidden(nothing_there(case_id)))
        self._allowed(actor, kind, case_id, Role.INVESTIGATOR)
        return case

    def _to_decide(self, actor: Account, kind: EventKind, case_id: int) -> Case:
        """The case, if the actor may decide it: an approver who does not work in it."""
        case = self._found(actor, kind, case_id)
        self._allowed(actor, kind, case_id, Role.APPROVER)
        if actor.account_id in people_of(case):
            error = SamePerson(f"case {case_id}: a second person has to decide it")
            self._refuse(actor, kind, case_id, error)
        return case

    def _found(self, actor: Account, kind: EventKind, case_id: int) -> Case:
        try:
            return self.store.cases.get(case_id)
        except NotFound:
            self._refuse(actor, kind, case_id, Forbidden(nothing_there(case_id)))

    def _allowed(self, actor: Account, kind: EventKind, case_id: int | None, role: Role) -> None:
        try:
            check_role(actor, role)
        except Forbidden as error:
            self._refuse(actor, kind, case_id, error)

    def _free_id(self) -> int:
        return max((case.case_id for case in self.store.cases.all()), default=0) + 1

    # --- inside: what is done -------------------------------------------------------------------

    def _advance(self, actor: Account, kind: EventKind, case: Case, detail: dict[str, Any]) -> Case:
        after = replace(case, version=case.version + 1)
        self._write(actor, kind, after, {**detail, "case_version": after.version})
        return after

    def _write(self, actor: Account, kind: EventKind, case: Case, detail: dict[str, Any]) -> None:
        event = event_by(actor, kind, detail, case=case)
        self._noted(event, lambda: self.store.cases.put(case))

    def _noted(self, event: AuditEvent, step: Callable[[], None]) -> None:
        self.audit.write(event)
        try:
            step()
        except CaseTraceError as error:
            self.audit.write(denied(event, error))
            raise

    def _refuse(
        self, actor: Account, kind: EventKind, case_id: int | None, error: Forbidden
    ) -> NoReturn:
        self.audit.refuse(event_by(actor, kind, {}, case_id=case_id), error)
        raise error


def erase_products(store: Store, probes: ProbeStore, case_id: int) -> int:
    """Delete what a case produced, pictures first; how many rows there were. Safe to repeat."""
    probes.erase_case(case_id)
    return store.cases.erase_products(case_id)


def _paper(case: Case) -> dict[str, Any]:
    """What the audit log keeps of a version: enough to say later what it allowed."""
    return {
        "case_version": case.version,
        "reference": case.reference,
        "offence": case.offence,
        "legal_basis": case.legal_basis,
        "grants": [[g.camera_id, g.span.start_ns, g.span.end_ns] for g in case.grants],
        "expires_ns": case.expires_ns,
        "members": sorted(case.members),
        "emergency": case.emergency,
        "hold": case.hold,
    }


def _may_see(actor: Account, case: Case) -> bool:
    """Its people, and whoever decides or audits."""
    works = actor.account_id in people_of(case)
    return works or bool(actor.roles & {Role.APPROVER, Role.AUDITOR})
