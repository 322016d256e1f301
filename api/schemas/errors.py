"""The one shape of every failure."""

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """One field that was wrong."""

    field: str = Field(examples=["body.probe_ids"])
    message: str = Field(examples=["List should have at least 1 item after validation, not 0"])


class Failure(BaseModel):
    """Why a request was not answered; `code` is stable, `message` is for people."""

    code: str = Field(examples=["out_of_scope"])
    message: str = Field(examples=["camera 817263549182736 is not among the case's cameras"])
    request_id: str = Field(examples=["3f0c9a6a4b0f4a519e1f2f0f9f1f7a55"])
    detail: list[Fault] | None = None


class FailureAnswer(BaseModel):
    """The body of every answer that is no success."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "out_of_scope",
                        "message": "case 17: camera 817263549182736 is not granted",
                        "request_id": "3f0c9a6a4b0f4a519e1f2f0f9f1f7a55",
                    }
                }
            ]
        }
    )

    error: Failure
