"""What was not searched, and why."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.cases import GRANT_EXAMPLE, Grant
from api.schemas.scalars import Wire
from core.types import Coverage


class Missing(Grant):
    """A span of one camera that no answer could come from."""

    why: str = Field(examples=["outage"])


COVERAGE_EXAMPLE: Final[JsonDict] = {
    "missing": [{**GRANT_EXAMPLE, "why": "outage"}],
    "asked_s": 32400.0,
    "searched_s": 21600.0,
}


class CoverageOut(Wire):
    """Empty `missing` means that all of the scope was searched; seconds add up over cameras."""

    model_config = ConfigDict(json_schema_extra={"examples": [COVERAGE_EXAMPLE]})

    missing: list[Missing]
    asked_s: float = Field(examples=[10800.0])
    searched_s: float = Field(examples=[10744.5])

    @classmethod
    def of(cls, coverage: Coverage) -> "CoverageOut":
        """The coverage as it goes out."""
        return cls(
            missing=[
                Missing(
                    camera_id=part.camera_id,
                    start=part.span.start_ns,
                    end=part.span.end_ns,
                    why=why,
                )
                for part, why in coverage.missing
            ],
            asked_s=coverage.asked_s,
            searched_s=coverage.searched_s,
        )
