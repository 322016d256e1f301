"""Several scenes of one case, and who looks alike at more than one of them."""

from typing import Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.coverage import COVERAGE_EXAMPLE, CoverageOut
from api.schemas.scalars import Id, Span, Wire
from cases.series import (
    MAX_GROUPS,
    MAX_SCENES,
    SceneSeen,
    SceneWindow,
    SeriesAnswer,
    SeriesGroup,
    SeriesMember,
)
from core.types import Family

SCENE_EXAMPLE: Final[JsonDict] = {
    "cameras": ["817263549182737"],
    "span": {"start": "2026-05-03T23:50:00Z", "end": "2026-05-04T00:10:00Z"},
}
MEMBER_EXAMPLE: Final[JsonDict] = {
    "scene": 0,
    "tracklet_id": "817263549182801",
    "camera_id": "817263549182737",
    "class_label": "ebike_rider",
    "span": {"start": "2026-05-03T23:57:02.120Z", "end": "2026-05-03T23:57:09.480Z"},
    "shot_ids": ["817263549182999"],
}


class SceneIn(Wire):
    """Where and when one of the acts was."""

    model_config = ConfigDict(json_schema_extra={"examples": [SCENE_EXAMPLE]})

    cameras: list[Id] = Field(
        default_factory=list, max_length=500, description="None: all that the case grants."
    )
    span: Span

    def to_core(self) -> SceneWindow:
        """The scene as the case takes it."""
        return SceneWindow(tuple(self.cameras), self.span.to_core())


class SeriesIn(Wire):
    """Scenes to compare. A group has a tracklet of `least` of them or more; all, if left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scenes": [
                        SCENE_EXAMPLE,
                        {
                            "cameras": ["817263549182738"],
                            "span": {
                                "start": "2026-05-04T23:40:00Z",
                                "end": "2026-05-05T00:00:00Z",
                            },
                        },
                    ],
                    "families": ["rider"],
                }
            ]
        }
    )

    scenes: list[SceneIn] = Field(min_length=2, max_length=MAX_SCENES)
    families: list[Family] = Field(default_factory=list, max_length=3)
    least: int | None = Field(default=None, ge=2, le=MAX_SCENES)
    limit: int = Field(default=20, ge=1, le=MAX_GROUPS)


class SeriesMemberOut(Wire):
    """A tracklet at one of the scenes; `scene` is its place in the request."""

    scene: int
    tracklet_id: Id
    camera_id: Id
    class_label: str = Field(examples=["ebike_rider"])
    span: Span
    shot_ids: list[Id] = Field(description="Best first; `search_id` covers their pictures.")

    @classmethod
    def of(cls, one: SeriesMember) -> "SeriesMemberOut":
        """The member as it goes out."""
        return cls(
            scene=one.scene,
            tracklet_id=one.tracklet_id,
            camera_id=one.camera_id,
            class_label=one.class_label,
            span=Span.of(one.span),
            shot_ids=list(one.shot_ids),
        )


class SeriesLinkOut(Wire):
    """How alike two members are: their places in `members`, and the log-likelihood ratio."""

    start: int
    end: int
    llr: float


class SeriesGroupOut(Wire):
    """Similar appearance across scenes, never the same person.

    Of `combinations` compared at most `by_chance` would look as alike by accident; `stands_out`
    where that is rare. `also` could stand in a member's place.
    """

    members: list[SeriesMemberOut]
    links: list[SeriesLinkOut]
    llr: float
    combinations: int
    by_chance: float
    stands_out: bool
    also: list[SeriesMemberOut]

    @classmethod
    def of(cls, group: SeriesGroup) -> "SeriesGroupOut":
        """The group as it goes out."""
        return cls(
            members=[SeriesMemberOut.of(one) for one in group.members],
            links=[
                SeriesLinkOut(start=link.start, end=link.end, llr=link.llr) for link in group.links
            ],
            llr=group.llr,
            combinations=group.combinations,
            by_chance=group.by_chance,
            stands_out=group.stands_out,
            also=[SeriesMemberOut.of(one) for one in group.also],
        )


class SceneOut(Wire):
    """What was compared of one scene: of `passed` tracklets those that have a vector."""

    passed: int
    tracklets: int
    coverage: CoverageOut

    @classmethod
    def of(cls, scene: SceneSeen) -> "SceneOut":
        """The scene as it goes out."""
        return cls(
            passed=scene.passed,
            tracklets=scene.tracklets,
            coverage=CoverageOut.of(scene.coverage),
        )


class SeriesOut(Wire):
    """Groups, those that stand out most from chance first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "search_id": "817263549183100",
                    "scenes": [{"passed": 40, "tracklets": 31, "coverage": COVERAGE_EXAMPLE}] * 2,
                    "pairs": 961,
                    "groups": [
                        {
                            "members": [MEMBER_EXAMPLE, {**MEMBER_EXAMPLE, "scene": 1}],
                            "links": [{"start": 0, "end": 1, "llr": 4.2}],
                            "llr": 4.2,
                            "combinations": 961,
                            "by_chance": 14.4,
                            "stands_out": False,
                            "also": [],
                        }
                    ],
                }
            ]
        }
    )

    search_id: Id
    scenes: list[SceneOut]
    pairs: int = Field(description="How many pairs of tracklets were compared.")
    groups: list[SeriesGroupOut]

    @classmethod
    def of(cls, answer: SeriesAnswer) -> "SeriesOut":
        """The answer as it goes out."""
        return cls(
            search_id=answer.search_id,
            scenes=[SceneOut.of(scene) for scene in answer.scenes],
            pairs=answer.pairs,
            groups=[SeriesGroupOut.of(group) for group in answer.groups],
        )
