"""Named colours of clothes and bodywork, to filter a gallery by."""

from typing import Annotated, Literal, cast

from pydantic import ConfigDict, Field

from api.schemas.scalars import Id, Wire
from cases.reading import MAX_PICTURES
from reid.colours import Colour, ColourOf


class ColoursIn(Wire):
    """Shots that the case already shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shot_ids": ["817263549182999"]}]})

    shot_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_PICTURES)]


Part = Literal["upper", "lower", "body"]


class ColourOut(Wire):
    """One colour of a part: of clothes `upper` or `lower`, never of skin; `body` of a vehicle."""

    part: Part
    colour: Colour
    share: float = Field(description="How much of the part has it.", examples=[0.72])

    @classmethod
    def of(cls, one: ColourOf) -> "ColourOut":
        """The colour as it goes out."""
        return cls(part=cast("Part", one.part), colour=one.colour, share=round(one.share, 3))


class ShotColoursOut(Wire):
    """A shot's colours by part and share; none where no colour has a quarter of the part."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "shot_id": "817263549182999",
                    "colours": [{"part": "upper", "colour": "red", "share": 0.72}],
                }
            ]
        }
    )

    shot_id: Id
    colours: list[ColourOut]
