"""People and their logins. No password and no hash ever goes out."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from api.schemas.scalars import Id, Instant, Wire
from core.types import Account, Role

Name = Annotated[str, Field(min_length=1, max_length=64, examples=["lin.wei"])]
Words = Annotated[str, Field(max_length=200)]
# Bounded because hashing a password of megabytes is a way to keep the service busy.
Password = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class LoginIn(Wire):
    """A browser gets a cookie that scripts cannot read; `bearer` gets the token in the answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "lin.wei", "password": "a long pass phrase", "kind": "bearer"}]
        }
    )

    name: Annotated[str, Field(max_length=200)]
    password: Password
    kind: Literal["browser", "bearer"] = "browser"


class PasswordIn(Wire):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"old": "a long pass phrase", "new": "another, even longer phrase"}]
        }
    )

    old: Password
    new: Password


class AccountIn(Wire):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "lin.wei",
                    "full_name": "Lin Wei",
                    "organisation": "Criminal investigation, district 3",
                    "roles": ["investigator"],
                    "password": "a long pass phrase",
                }
            ]
        }
    )

    name: Name
    full_name: Words
    organisation: Words
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    password: Password


class RolesIn(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["approver"]}]})

    roles: Annotated[frozenset[Role], Field(min_length=1)]


class NewPasswordIn(Wire):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "a first, long pass phrase"}]}
    )

    password: Password


ACCOUNT_EXAMPLE: Final[JsonDict] = {
    "account_id": "4503599627370497",
    "name": "lin.wei",
    "full_name": "Lin Wei",
    "organisation": "Criminal investigation, district 3",
    "roles": ["investigator"],
    "disabled": False,
}


class AccountOut(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [ACCOUNT_EXAMPLE]})

    account_id: Id
    name: str = Field(examples=["lin.wei"])
    full_name: str = Field(examples=["Lin Wei"])
    organisation: str = Field(examples=["Criminal investigation, district 3"])
    roles: list[Role]
    disabled: bool = False

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        """The account without its hash."""
        return cls(
            account_id=account.account_id,
            name=account.name,
            full_name=account.full_name,
            organisation=account.organisation,
            roles=sorted(account.roles),
            disabled=account.disabled,
        )


class SessionOut(Wire):
    """Who is logged in and until when; `token` only for a bearer login, and only once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "account": ACCOUNT_EXAMPLE,
                    "expires": "2026-05-04T20:00:00.000Z",
                    "kind": "bearer",
                    "token": "3q2-7wAAb0C8fGk1Zx9eTg",
                }
            ]
        }
    )

    account: AccountOut
    expires: Instant
    kind: Literal["browser", "bearer"]
    token: str | None = Field(None, examples=["3q2-7wAAb0C8fGk1Zx9eTg"])
