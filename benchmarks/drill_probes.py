"""Probes of a confirmed tracklet, and of what the subject became in its view."""

from collections.abc import Mapping

import numpy as np

from benchmarks.drill_searchers import CaseDesk
from benchmarks.drill_town import KeptTown
from core.arrays import F32
from core.types import Family, ObjectClass, Probe, Scope, Shot, Tracklet
from scenes.population import EMBEDDED
from scenes.travel import CLASSES


class ProbeMaker:
    """As `CaseSearch.probes_from_confirmed`, from kept vectors: a drawn town has no pictures."""

    def __init__(self, kept: KeptTown) -> None:
        self._kept = kept

    def __call__(self, desk: CaseDesk, tracklet_id: int) -> list[int]:
        """Of the tracklet's best shot; where the subject changes carrier there, of that too."""
        return [self.of_tracklet(desk, tracklet_id), *self.entered(desk, tracklet_id)]

    def entered(self, desk: CaseDesk, tracklet_id: int) -> list[int]:
        """A box on what the subject became in view, at the end of this tracklet of it."""
        stop = self._kept.told.stop_of.get(tracklet_id)
        if stop is None or not (becomes := self._becomes(stop)):
            return []
        last = desk.service.door.tracklets(desk.actor, desk.case_id, ids=[tracklet_id])[-1]
        return [self._of_subject(desk, after, last) for after in becomes]

    def _becomes(self, stop: int) -> list[int]:
        """The subject that this stop's one turns into, in view."""
        flight = self._kept.told.flight
        at_s = float(flight.passings.at_s[min(stop + 1, len(flight.passings) - 1)])
        return [change.after for change in flight.changes if change.at_s == at_s]

    def of_tracklet(self, desk: CaseDesk, tracklet_id: int) -> int:
        """The id of a probe of its best shot."""
        service = desk.service
        parts = service.door.tracklets(desk.actor, desk.case_id, ids=[tracklet_id])
        shots = service.door.shots(desk.actor, desk.case_id, tracklet_ids=[tracklet_id])
        best = max(shots, key=lambda shot: (shot.quality, -shot.shot_id))
        family = parts[0].family
        return self._put(desk, family, self._vectors(desk, family, best), best)

    def _vectors(self, desk: CaseDesk, family: Family, shot: Shot) -> dict[str, F32]:
        """The shot's row of every model."""
        found = {}
        for name in EMBEDDED[family]:
            model = self._kept.town.population.models[name]
            scope = Scope(desk.case_id, 1, desk.actor.account_id, desk.case.grants, desk.end_ns)
            ids = np.array([shot.tracklet_id], np.int64)
            rows = desk.service.kept.vectors.rows(scope, family, model, ids).embeddings
            found[model] = rows.vectors[int(np.flatnonzero(rows.shot_ids == shot.shot_id)[0])]
        return found

    def _of_subject(self, desk: CaseDesk, subject: int, last: Tracklet) -> int:
        population = self._kept.town.population
        family = ObjectClass(subject % CLASSES).family
        numbers = np.array([subject], np.int64)
        vectors = {
            population.models[name]: population.probes(numbers, name)[0]
            for name in EMBEDDED[family]
        }
        return self._put(desk, family, vectors, last)

    def _put(
        self, desk: CaseDesk, family: Family, vectors: Mapping[str, F32], place: Shot | Tracklet
    ) -> int:
        """From a shot, or from the frame in which a tracklet ends."""
        service = desk.service
        shot = place if isinstance(place, Shot) else None
        device_ns = place.device_ns if isinstance(place, Shot) else place.span.end_ns - 1
        probe = Probe(
            service.ids.next(),
            desk.case_id,
            family.value,
            "frame" if shot is None else "shot",
            service.now(),
            "",
            {model: row.astype(np.float32).tobytes() for model, row in vectors.items()},
            camera_id=place.camera_id,
            device_ns=device_ns,
            tracklet_id=shot.tracklet_id if shot else None,
        )
        service.store.cases.put_probe(probe)
        return probe.probe_id
