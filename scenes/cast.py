"""The people and vehicles of one city: identities, looks, look-alikes, plates."""

from dataclasses import replace

import numpy as np

from core.types import ObjectClass
from scenes.cycles import CycleKind, sample_cycle
from scenes.numberplates import sample_plate
from scenes.people import PersonLook, alike, sample_person, with_other_jacket
from scenes.plan import Actor
from scenes.vehicles import VehicleLook, alike_vehicle, sample_vehicle

_COPIED = 0.24
"""Share of looks drawn as the look-alike of an earlier one; two of five then have a counterpart."""

_RIDERS: dict[CycleKind, ObjectClass] = {
    "bicycle": ObjectClass.BICYCLE_RIDER,
    "ebike": ObjectClass.EBIKE_RIDER,
    "motorcycle": ObjectClass.MOTORCYCLE_RIDER,
}
_VEHICLES = {
    "car": ObjectClass.CAR,
    "van": ObjectClass.VAN,
    "bus": ObjectClass.BUS,
    "truck": ObjectClass.TRUCK,
}


class Cast:
    """Hands out actors, each with a fresh `actor_id`; the generator is the only source of looks."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._actors = 0
        self._identities = 0
        self._unpaired_people: list[PersonLook] = []
        self._unpaired_vehicles: list[VehicleLook] = []

    def _next(self) -> int:
        self._actors += 1
        return self._actors

    def _identity(self, letter: str) -> str:
        self._identities += 1
        return f"{letter}{self._identities:04d}"

    def walker(self, look: PersonLook | None = None) -> Actor:
        """Somebody new on foot, in a look of their own unless one is given."""
        person = look or self._person()
        return Actor(self._next(), self._identity("p"), ObjectClass.PERSON, person=person)

    def lookalike(self, actor: Actor) -> Actor:
        """Somebody else on foot who looks much like `actor`. Needs an actor with a person."""
        return self.walker(alike(_worn(actor), self._rng))

    def changed(self, actor: Actor) -> Actor:
        """The same person in another jacket."""
        person = with_other_jacket(_worn(actor), self._rng)
        return replace(actor, actor_id=self._next(), person=person)

    def rider(self, *, of: Actor | None = None, kind: CycleKind | None = None) -> Actor:
        """Somebody on a cycle: somebody new, or the walker `of`, who mounts."""
        cycle = sample_cycle(self._rng, kind)
        style = cycle.plate_style
        plate = sample_plate(self._rng, style) if style else ""
        identity, person = (of.identity, _worn(of)) if of else (self._identity("r"), self._person())
        return Actor(
            self._next(), identity, _RIDERS[cycle.kind], person=person, cycle=cycle, plate=plate
        )

    def parked(self, rider: Actor) -> Actor:
        """The rider's cycle with nobody on it."""
        return replace(rider, actor_id=self._next(), identity=self._identity("c"), person=None)

    def vehicle(self) -> Actor:
        """A car, van, bus or truck with a plate of its own."""
        look = self._vehicle()
        plate = sample_plate(self._rng, look.plate_style)
        kind = _VEHICLES[look.label]
        return Actor(self._next(), self._identity("v"), kind, vehicle=look, plate=plate)

    def car(self) -> Actor:
        """A car that looks like no other one so far."""
        look = sample_vehicle(self._rng, "car")
        self._unpaired_vehicles.append(look)
        plate = sample_plate(self._rng, look.plate_style)
        return Actor(self._next(), self._identity("v"), ObjectClass.CAR, vehicle=look, plate=plate)

    def _person(self) -> PersonLook:
        if self._unpaired_people and self._rng.random() < _COPIED:
            row = int(self._rng.integers(len(self._unpaired_people)))
            return alike(self._unpaired_people.pop(row), self._rng)
        self._unpaired_people.append(sample_person(self._rng))
        return self._unpaired_people[-1]

    def _vehicle(self) -> VehicleLook:
        if self._unpaired_vehicles and self._rng.random() < _COPIED:
            row = int(self._rng.integers(len(self._unpaired_vehicles)))
            return alike_vehicle(self._unpaired_vehicles.pop(row), self._rng)
        self._unpaired_vehicles.append(sample_vehicle(self._rng))
        return self._unpaired_vehicles[-1]


def _worn(actor: Actor) -> PersonLook:
    if actor.person is None:
        raise TypeError(f"actor {actor.actor_id}: want somebody, got a {actor.kind.label}")
    return actor.person
