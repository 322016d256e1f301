"""Vehicles of the city: how they look, which look alike, and their figures."""

from dataclasses import dataclass
from functools import lru_cache

from scenes.bodies import Hull, body
from scenes.buses import bus_axles, bus_body
from scenes.fittings import fitted, paints_of
from scenes.lorries import truck_axles, truck_body
from scenes.markings import markings, plate_decals
from scenes.motors import alike_vehicle, sample_vehicle
from scenes.outlines import OUTLINES
from scenes.shapes import Decal, Figure, Mesh, joined
from scenes.sheets import dirtied
from scenes.vehicle_looks import VehicleLabel, VehicleLook
from scenes.wheels import Rolling, rolling, standing

__all__ = ["VehicleLabel", "VehicleLook", "alike_vehicle", "sample_vehicle", "vehicle_figure"]


def vehicle_figure(
    look: VehicleLook, travelled_m: float, plate: str, *, detail: float = 1.0
) -> Figure:
    """The vehicle after `travelled_m` of its way: wheels on z=0, facing +x, the origin in the
    middle of its footprint. An empty `plate` hangs none.

    `detail` below 0.5 leaves out what nobody sees from afar.
    """
    built = _built(look, fine=detail >= 0.5)
    mesh = joined([built.mesh, built.rims.at(travelled_m)])
    return Figure(mesh, built.decals + plate_decals(look, plate))


@dataclass(frozen=True, slots=True, eq=False)
class _Built:
    """What does not depend on the moment."""

    mesh: Mesh
    decals: tuple[Decal, ...]
    rims: Rolling


@lru_cache(maxsize=512)
def _built(look: VehicleLook, *, fine: bool) -> _Built:
    paints = paints_of(look, fine=fine)
    if look.label == "bus":
        mesh, axles, sill_m = bus_body(look, paints), bus_axles(look), 0.30
    elif look.label == "truck":
        mesh, axles, sill_m = truck_body(look, paints), truck_axles(look), 0.36
    else:
        hull = Hull(look, OUTLINES[look.shape])
        mesh, axles, sill_m = body(look, paints), hull.axles, hull.outline.sill_m
    wheels = [standing(axle, sill_m, look.rims, fine=fine) for axle in axles]
    whole = joined([mesh, *wheels, *fitted(look, paints)])
    return _Built(
        dirtied(whole, look.dirt, look.height_m),
        markings(look),
        rolling(axles, look.rims, fine=fine),
    )
