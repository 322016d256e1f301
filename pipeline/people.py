"""Four accounts of a demo or a benchmark, so that it takes the same way as everybody."""

import secrets
from dataclasses import dataclass

from cases.papers import CaseRequest
from core.clocks import NS
from core.types import Account, CameraSpan, Case, Role
from pipeline.service import Service


@dataclass(frozen=True, slots=True)
class People:
    """Who does what, and their passwords, made at random."""

    operator: Account
    investigator: Account
    approver: Account
    passwords: dict[str, str]


def make_people(service: Service) -> People:
    """An administrator and the three others, in an installation that has no account yet."""
    passwords = {
        name: secrets.token_urlsafe(12)
        for name in ("admin", "operator", "investigator", "approver")
    }
    accounts = service.accounts
    admin = accounts.create_first_admin("admin", passwords["admin"])
    made = {
        role: accounts.create(admin, role.value, passwords[role.value], [role])
        for role in (Role.OPERATOR, Role.INVESTIGATOR, Role.APPROVER)
    }
    return People(made[Role.OPERATOR], made[Role.INVESTIGATOR], made[Role.APPROVER], passwords)


def open_case(service: Service, people: People, grants: tuple[CameraSpan, ...]) -> Case:
    """A case over `grants`, asked for by one and approved by another, for a day."""
    asked = CaseRequest(
        reference="DEMO-1",
        offence="theft of a phone",
        legal_basis="demonstration on generated or published footage",
        purpose="find where the suspect went",
        grants=grants,
        expires_ns=service.now() + 24 * 3600 * NS,
    )
    case = service.desk.request(people.investigator, asked)
    return service.desk.approve(people.approver, case.case_id)
