"""How routes state the failures that they share, for OpenAPI."""

from typing import Any, Final

from api.schemas.errors import FailureAnswer

_WORDS: Final = {
    401: "No valid session, token or password.",
    403: "Authority is missing; the audit log has the refusal.",
    404: "No such thing, or none inside the case.",
    409: "The state does not allow the step, or a second person is wanted.",
    413: "Beyond a stated limit.",
    422: "The input cannot be used.",
    502: "A camera address is refused.",
    503: "A model or a lock is not available now.",
}

Answers = dict[int | str, dict[str, Any]]


def failures(*statuses: int) -> Answers:
    """OpenAPI responses for those statuses, all in the one error shape."""
    return {status: {"model": FailureAnswer, "description": _WORDS[status]} for status in statuses}


def media(content_type: str, description: str, *statuses: int) -> Answers:
    """OpenAPI responses of a route that answers with bytes."""
    picture = {
        "description": description,
        "content": {content_type: {"schema": {"type": "string", "format": "binary"}}},
    }
    return {200: picture, **failures(401, 403, 404, 422, *statuses)}


SIGNED_IN: Final = failures(401, 403, 422)
IN_A_CASE: Final = failures(401, 403, 404, 409, 422)
