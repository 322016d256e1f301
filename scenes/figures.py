"""The figure of somebody or something in the moment that a plan says."""

from functools import lru_cache
from math import floor

from scenes.cycles import cycle_figure, rider_figure
from scenes.gaits import Gait, stride_m
from scenes.people import PersonLook, person_figure
from scenes.plan import Placed
from scenes.shapes import Figure
from scenes.vehicles import vehicle_figure

_USUAL_MPS = {"walk": 1.35, "run": 3.0}
_PEDAL_TURN_M = {"bicycle": 4.6, "ebike": 2.0, "motorcycle": 2.0}
_SWAY_HZ = 0.11
_IDLE_S = 0.5  # how long somebody who stands is still
_FINE_PX, _MIDDLE_PX = 105.0, 48.0
_SMALL = 0.2  # the detail of what is lower than that
_STEPS = 24  # moments of a stride in which somebody far away is seen


def figure_of(placed: Placed, at_s: float, *, tall_px: float, rain: bool) -> Figure:
    """The figure at the origin, facing +x; `tall_px` is how high 1.7 m are seen there."""
    actor = placed.actor
    detail = 1.0 if tall_px > _FINE_PX else 0.5 if tall_px > _MIDDLE_PX else _SMALL
    if actor.vehicle is not None:
        return vehicle_figure(actor.vehicle, placed.travelled_m, actor.plate, detail=detail)
    if actor.person is not None and actor.cycle is not None:
        gait = Gait(placed.speed_mps, _phase(placed, at_s), placed.pose)
        return rider_figure(actor.person, actor.cycle, gait, actor.plate, detail=detail, rain=rain)
    if actor.person is not None:
        gait = Gait(placed.speed_mps, _phase(placed, at_s), placed.pose)
        if tall_px > _MIDDLE_PX:
            return person_figure(actor.person, gait, detail=detail, rain=rain)
        stepped = round(gait.phase % 1 * _STEPS) / _STEPS if placed.speed_mps else gait.phase
        return _small(actor.person, Gait(round(gait.speed_mps, 1), stepped, gait.pose), rain)
    if actor.cycle is not None:
        return cycle_figure(actor.cycle, plate=actor.plate, detail=detail)
    raise TypeError(f"actor {actor.actor_id}: want a person, a cycle or a vehicle, got none")


def _phase(placed: Placed, at_s: float) -> float:
    """Strides gone, the same for a distance whatever the speed of the moment: feet do not jump."""
    actor = placed.actor
    own = 0.37 * actor.actor_id
    if actor.cycle is not None:
        return placed.travelled_m / _PEDAL_TURN_M[actor.cycle.kind] + own
    usual = _USUAL_MPS.get(placed.pose)
    if usual is None or actor.person is None:
        return idle_s(at_s) * _SWAY_HZ + own
    return placed.travelled_m / stride_m(actor.person.build.height_m, usual) + own


def idle_s(at_s: float) -> float:
    """The instant whose figure somebody who stands still shows at `at_s`."""
    return floor(at_s / _IDLE_S + 1e-6) * _IDLE_S


@lru_cache(maxsize=768)
def _small(look: PersonLook, gait: Gait, rain: bool) -> Figure:
    return person_figure(look, gait, detail=_SMALL, rain=rain)
