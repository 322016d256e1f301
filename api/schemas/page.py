"""What the page needs to know of the installation before it shows anything of a case."""

from pydantic import ConfigDict, Field

from api.schemas.scalars import Wire


class PageOut(Wire):
    """Where the map comes from, and how much a case may ask for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "0.1.0",
                    "map_tiles": "https://tiles.example/{z}/{x}/{y}.png",
                    "map_attribution": "City survey office",
                    "map_file": True,
                    "case_cameras": 500,
                    "case_hours": 72,
                    "case_days": 90,
                }
            ]
        }
    )

    version: str = Field(examples=["0.1.0"])
    map_tiles: str = Field(description="URL with `{z}`, `{x}`, `{y}`; empty for none.")
    map_attribution: str
    map_file: bool = Field(description="Whether `map.geojson` has streets to draw.")
    case_cameras: int = Field(examples=[500])
    case_hours: int = Field(examples=[72])
    case_days: int = Field(examples=[90])
