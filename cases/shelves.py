"""What lies behind the reading door: the stores, asked within a scope that the door has made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from cases.answers import (
    Found,
    Passage,
    Picture,
    Reported,
    Rows,
    SceneRows,
    Traced,
    VectorSearch,
)
from cases.authority import grants_by_camera
from cases.coverage import coverage_of
from cases.marks import Marks, marks_of
from cases.plates import reading_of
from core.arrays import F32
from core.clocks import format_utc
from core.errors import InvalidInput, NotFound, TooLarge
from core.protocols import (
    Footage,
    FootageStore,
    PlateIndex,
    ProbeStore,
    ShotStore,
    Store,
    VectorIndex,
)
from core.types import (
    Coverage,
    Epoch,
    Family,
    FootageSegment,
    Frame,
    Hits,
    ObjectClass,
    Plate,
    PlateHit,
    PlateReading,
    Scope,
    Shot,
    TimeSpan,
    Tracklet,
    VectorRows,
)

_IDS_AT_ONCE = 200  # ids in one query
_ALL_PARTS = 1_000_000  # a tracklet of an hour has 360 parts; none may be cut off


@dataclass(frozen=True, slots=True)
class Shelves:
    """Reads for a `Passage`, which only the door gives. It decides nothing and logs nothing."""

    store: Store
    vectors: VectorIndex
    plates: PlateIndex
    shots: ShotStore
    footage_files: FootageStore
    probe_files: ProbeStore
    footage_reader: Footage

    def found(self, passage: Passage, wanted: VectorSearch) -> Found:
        """Hits of every query with the rows that stand behind them."""
        hits, plate_hits = self.hits(passage, wanted)
        ids = {int(i) for hit in hits for i in hit.ids.flat if i >= 0}
        ids |= {hit.tracklet_id for hit in plate_hits}
        rows = self.rows(passage.scope, ids)
        plates = self.plates_of(passage.scope, ids, [hit.plate_id for hit in plate_hits])
        rows = replace(rows, plates=plates)
        return Found(passage, hits, rows, self.coverage(passage), plate_hits)

    def hits(
        self, passage: Passage, wanted: VectorSearch
    ) -> tuple[tuple[Hits, ...], tuple[PlateHit, ...]]:
        """Hits of every query, and of the plate if one is asked for."""
        scope = passage.scope
        hits = tuple(self._hits(scope, wanted))
        if wanted.plate is None:
            return hits, ()
        return hits, tuple(self.plates.search(scope, wanted.plate.pattern, wanted.k))

    def _hits(self, scope: Scope, wanted: VectorSearch) -> Iterator[Hits]:
        """Those of each query: all that one index is asked, it is asked at once."""
        asked: dict[tuple[Family, str], list[F32]] = {}
        for query in wanted.queries:
            asked.setdefault((query.family, query.model), []).append(query.vectors)
        found = {
            (family, model): self.vectors.search(
                scope, family, model, np.concatenate(vectors), wanted.k
            )
            for (family, model), vectors in asked.items()
        }
        taken = dict.fromkeys(found, 0)
        for query in wanted.queries:
            pair = (query.family, query.model)
            rows = slice(taken[pair], taken[pair] + len(query.vectors))
            taken[pair] = rows.stop
            whole = found[pair]
            yield Hits(whole.ids[rows], whole.shots[rows], whole.scores[rows])

    def plates_of(
        self, scope: Scope, tracklet_ids: Iterable[int], plate_ids: Sequence[int] = ()
    ) -> dict[int, Plate]:
        """Of each tracklet the plate of these ids, or else the one of the most reads."""
        tracks = self.store.tracks
        chosen: dict[int, Plate] = {}
        for ids in _chunks(sorted(set(tracklet_ids))):
            chosen |= {one.tracklet_id: one for one in tracks.plates(scope, tracklet_ids=ids)}
        for ids in _chunks(sorted(set(plate_ids))):
            chosen |= {one.tracklet_id: one for one in tracks.plates(scope, plate_ids=ids)}
        return chosen

    def traced(self, passage: Passage, tracklet_ids: Sequence[int]) -> Traced:
        """Those tracklets with the epochs of their time lines."""
        rows = self.rows(passage.scope, tracklet_ids)
        return Traced(passage, rows, self.epochs(passage, rows), self.coverage(passage))

    def epochs(self, passage: Passage, rows: Rows) -> dict[int, Epoch]:
        """The epochs of those rows' parts, by number."""
        numbers = sorted({part.epoch for parts in rows.parts.values() for part in parts})
        found = chain.from_iterable(
            self.store.tracks.epochs(passage.scope, some) for some in _chunks(numbers)
        )
        return {epoch.epoch: epoch for epoch in found}

    def scene(self, passage: Passage, models: Iterable[tuple[Family, str]], most: int) -> SceneRows:
        """Who passed in the passage's scope, with their vectors; `TooLarge` beyond so many."""
        passings = self.store.tracks.passings(passage.scope)
        vectors: dict[str, list[VectorRows]] = {}
        for family, model in models:
            of = np.array([c.family is family for c in ObjectClass])[passings.class_ids]
            ids = passings.tracklet_ids[of]
            if len(ids) > most:
                raise TooLarge(
                    f"scene from {format_utc(passage.asked[0].span.start_ns)}: want at most {most} "
                    f"of family {family}, got {len(ids)}; narrow its cameras or its window"
                )
            rows = self.vectors.rows(passage.scope, family, model, ids)
            vectors.setdefault(model, []).append(rows)
        kept = {model: tuple(rows) for model, rows in vectors.items()}
        ends = passage.utc_ends(passings)
        return SceneRows(passage, passings, *ends, kept, self.coverage(passage))

    def reported(
        self,
        passage: Passage,
        tracklet_ids: Sequence[int],
        shots_each: int,
        probe_ids: Sequence[int],
    ) -> Reported:
        """Those tracklets with their plates and best pictures, as far as these are still kept.

        The picture that a plate was read in comes first.
        """
        traced = self.traced(passage, tracklet_ids)
        plates = self.plates_of(passage.scope, tracklet_ids)
        chosen = {
            tracklet_id: best_shots(shots, shots_each, first=plates.get(tracklet_id))
            for tracklet_id, shots in traced.rows.shots.items()
        }
        shot_jpegs: dict[int, bytes] = {}
        for shot in chain.from_iterable(chosen.values()):
            with suppress(NotFound):  # the report says that it is gone
                shot_jpegs[shot.shot_id] = self.shots.get(passage.scope, shot.key)
        probe_jpegs: dict[int, bytes] = {}
        for probe_id in probe_ids:
            with suppress(NotFound):
                probe_jpegs[probe_id] = self.probe_picture(passage, probe_id)
        kept = {tracklet_id: len(shots) for tracklet_id, shots in traced.rows.shots.items()}
        rows = replace(traced.rows, shots=chosen, plates=plates)
        return Reported(replace(traced, rows=rows), kept, shot_jpegs, probe_jpegs)

    def reading(self, passage: Passage, tracklet_id: int) -> PlateReading | None:
        """What was read of that tracklet's plate; None where nothing was."""
        plate = self.plates_of(passage.scope, [tracklet_id]).get(tracklet_id)
        if plate is None:
            return None
        return reading_of(plate, self.store.tracks.shots(passage.scope, shot_ids=[plate.shot_id]))

    def coverage(self, passage: Passage) -> Coverage:
        """What of the passage's scope was never searched."""
        activities = self.store.tracks.activity(passage.scope)
        return coverage_of(passage.asked, passage.cameras, activities)

    def marks(self, passage: Passage, bucket_s: float | None) -> Marks:
        """How much passed each of the passage's cameras and when."""
        passings = self.store.tracks.passings(passage.scope)
        return marks_of(passage, passings, self.coverage(passage), bucket_s)

    def rows(self, scope: Scope, tracklet_ids: Iterable[int]) -> Rows:
        """Parts and shots of those tracklets; of one that is gone none."""
        parts: dict[int, list[Tracklet]] = defaultdict(list)
        shots: dict[int, list[Shot]] = defaultdict(list)
        for ids in _chunks(sorted(set(tracklet_ids))):
            for part in self.store.tracks.tracklets(scope, ids=ids, limit=_ALL_PARTS):
                parts[part.tracklet_id].append(part)
            for shot in self.store.tracks.shots(scope, tracklet_ids=ids):
                shots[shot.tracklet_id].append(shot)
        return Rows(dict(parts), dict(shots))

    def known(self, passage: Passage, tracklet_id: int | None) -> Passage:
        """The same passage; `NotFound` if that tracklet has no part in its scope."""
        if tracklet_id is not None and not self.rows(passage.scope, [tracklet_id]).parts:
            raise NotFound(f"tracklet {tracklet_id}: none in case {passage.case.case_id}")
        return passage

    def pictures(self, passage: Passage, shot_ids: Sequence[int]) -> list[Picture]:
        """The shots with their JPEGs, in the order asked; `NotFound` names one that is missing."""
        chunks = _chunks(list(dict.fromkeys(shot_ids)))
        rows = chain.from_iterable(
            self.store.tracks.shots(passage.scope, shot_ids=ids) for ids in chunks
        )
        shots = {shot.shot_id: shot for shot in rows}
        parts = self.rows(passage.scope, {s.tracklet_id for s in shots.values()}).parts
        return [self._picture(passage.scope, i, shots, parts) for i in shot_ids]

    def shot_jpeg(self, passage: Passage, shot_id: int) -> bytes:
        """One shot's JPEG; `NotFound` if there is no such shot in the scope."""
        for shot in self.store.tracks.shots(passage.scope, shot_ids=[shot_id]):
            return self.shots.get(passage.scope, shot.key)
        raise NotFound(f"shot {shot_id}: none in case {passage.case.case_id}")

    def _picture(
        self,
        scope: Scope,
        shot_id: int,
        shots: Mapping[int, Shot],
        parts: Mapping[int, list[Tracklet]],
    ) -> Picture:
        shot = shots.get(shot_id)
        if shot is None or shot.tracklet_id not in parts:
            raise NotFound(f"shot {shot_id}: none in case {scope.case_id}")
        family = parts[shot.tracklet_id][0].family
        return Picture(shot, family, self.shots.get(scope, shot.key))

    def probe_picture(self, passage: Passage, probe_id: int) -> bytes:
        """The JPEG of one of the case's probes."""
        for probe in self.store.cases.probes(passage.case.case_id):
            if probe.probe_id == probe_id:
                return self.probe_files.get(passage.scope, probe.key)
        raise NotFound(f"probe {probe_id}: none in case {passage.case.case_id}")

    def footage(self, passage: Passage, max_hours: int) -> list[FootageSegment]:
        """Segments that overlap the scope; `TooLarge` beyond so many hours of footage."""
        hours = sum(part.span.duration_s for part in passage.scope.spans) / 3600
        if hours > max_hours:
            raise TooLarge(f"footage: want at most {max_hours} camera hours, got {hours:.1f}")
        return self.store.tracks.footage(passage.scope)

    def frame(self, passage: Passage, camera_id: int, at_utc_ns: int) -> Frame:
        """The picture shown at the passage's one instant, if that picture is granted itself."""
        gone = NotFound(f"camera {camera_id}: no picture is kept of {format_utc(at_utc_ns)}")
        segments = self.store.tracks.footage(passage.scope)
        if not segments or not passage.scope.spans:
            raise gone
        segment, device_ns = segments[0], passage.scope.spans[0].span.start_ns
        path = self.footage_files.path(passage.scope, segment)
        frame = self.footage_reader.frame(path, segment, device_ns)
        shown_ns = passage.cameras[camera_id].utc_of(frame.device_ns)
        granted = grants_by_camera(passage.case.grants)[camera_id]
        if not any(span.holds(shown_ns) for span in granted):
            raise gone  # the last picture before a grant's first instant is not granted
        return frame

    def _packets(
        self, passage: Passage, span: TimeSpan
    ) -> tuple[list[tuple[Path, FootageSegment]], TimeSpan]:
        """The files that overlap the scope, and its one span of device time."""
        device = [part.span for part in passage.scope.spans]
        if len(device) > 1:
            raise InvalidInput(f"clip: the camera's clock was corrected within {span}; ask for two")
        segments = self.store.tracks.footage(passage.scope)
        if not segments or not device:
            raise NotFound(f"clip: no footage is kept of {span}")
        paths = [(self.footage_files.path(passage.scope, s), s) for s in segments]
        return paths, device[0]

    def clip(self, passage: Passage, span: TimeSpan) -> bytes:
        """MP4 of the original packets of `span` (UTC)."""
        parts, device = self._packets(passage, span)
        return self.footage_reader.clip(parts, device, not_before_ns=_granted_from(passage, device))

    def proxy(self, passage: Passage, span: TimeSpan) -> bytes:
        """The same, transcoded for a browser."""
        return self.footage_reader.proxy(*self._packets(passage, span))


def _granted_from(passage: Passage, device: TimeSpan) -> int:
    """Since when, in device time, the grant runs that a clip's span lies in."""
    starts = (
        span.start_ns
        for grant in passage.case.grants
        for camera in passage.cameras.values()
        if grant.camera_id == camera.camera_id
        for span in camera.device_spans(grant.span)
        if span.holds(device.start_ns)
    )
    return min(starts, default=device.start_ns)


def best_shots(shots: Iterable[Shot], count: int, *, first: Plate | None = None) -> list[Shot]:
    """The best by quality, one of each of the plate's and the others, in time order."""
    plates = -1 if first is None else first.shot_id
    ordered = sorted(shots, key=lambda s: (s.shot_id != plates, -s.quality, s.shot_id))
    return sorted(ordered[:count], key=lambda s: (s.device_ns, s.shot_id))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]
