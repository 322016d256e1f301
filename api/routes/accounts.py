"""The people of the installation. Administrators make and change them."""

from fastapi import APIRouter

from api.access import Caller, SignedInRoute, Wired
from api.routes.answers import IN_A_CASE, SIGNED_IN
from api.schemas.accounts import AccountIn, AccountOut, NewPasswordIn, RolesIn
from api.schemas.scalars import Id

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=SignedInRoute)


@router.get("", responses=SIGNED_IN)
def list_accounts(wired: Wired, caller: Caller) -> list[AccountOut]:
    """Everybody by name: whoever requests a case must be able to name its members."""
    return [AccountOut.of(account) for account in wired.accounts.all(caller)]


@router.post("", status_code=201, responses=IN_A_CASE)
def create_account(wired: Wired, caller: Caller, body: AccountIn) -> AccountOut:
    """Add a person."""
    account = wired.accounts.create(
        caller,
        body.name,
        body.password.get_secret_value(),
        body.roles,
        full_name=body.full_name,
        organisation=body.organisation,
    )
    return AccountOut.of(account)


@router.put("/{account_id}/roles", responses=IN_A_CASE)
def change_roles(wired: Wired, caller: Caller, account_id: Id, body: RolesIn) -> AccountOut:
    """Give an account other roles; its sessions end."""
    return AccountOut.of(wired.accounts.change_roles(caller, account_id, body.roles))


@router.put("/{account_id}/password", status_code=204, responses=IN_A_CASE)
def reset_password(wired: Wired, caller: Caller, account_id: Id, body: NewPasswordIn) -> None:
    """Set somebody's password; that person's sessions end."""
    wired.accounts.reset_password(caller, account_id, body.password.get_secret_value())


@router.post("/{account_id}/disable", status_code=204, responses=IN_A_CASE)
def disable_account(wired: Wired, caller: Caller, account_id: Id) -> None:
    """Nobody gets in with that account any more; its sessions end."""
    wired.accounts.disable(caller, account_id)
