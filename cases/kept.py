"""A search's answer as JSON, kept with its case and shown again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import StorageCorrupt
from core.plates.explaining import Outcome, SignMatch
from core.types import CameraSpan, Candidate, Coverage, PlateReading, SearchAnswer, TimeSpan

FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """An answer with who asked, when, and of which version of the case."""

    actor: int
    at_ns: int
    case_version: int
    probe_ids: tuple[int, ...]
    answer: SearchAnswer
    plate: str | None = None


def written(kept: KeptSearch) -> dict[str, Any]:
    """The search as JSON; verdicts are left out, they are looked up when it is shown."""
    answer = kept.answer
    return {
        "format": FORMAT,
        "search_id": answer.search_id,
        "actor": kept.actor,
        "at_ns": kept.at_ns,
        "case_version": kept.case_version,
        "audit_seq": answer.audit_seq,
        "probe_ids": list(kept.probe_ids),
        "plate": kept.plate,
        "shot_ids": sorted({i for c in answer.candidates for i in (c.shot_id, *c.shot_ids)}),
        "candidates": [_candidate_row(candidate) for candidate in answer.candidates],
        "coverage": _coverage_row(answer.coverage),
    }


def read(row: Mapping[str, Any]) -> KeptSearch:
    """The search that was kept; `StorageCorrupt` if the row is none."""
    try:
        answer = SearchAnswer(
            search_id=row["search_id"],
            candidates=tuple(_candidate(c) for c in row["candidates"]),
            coverage=_coverage(row["coverage"]),
            audit_seq=row["audit_seq"],
        )
        return KeptSearch(
            actor=row["actor"],
            at_ns=row["at_ns"],
            case_version=row["case_version"],
            probe_ids=tuple(row["probe_ids"]),
            answer=answer,
            plate=row.get("plate"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StorageCorrupt(f"search: the kept answer cannot be read: {error!r}") from error


def _candidate_row(candidate: Candidate) -> dict[str, Any]:
    return {
        "tracklet_id": candidate.tracklet_id,
        "camera_id": candidate.camera_id,
        "class_label": candidate.class_label,
        "span": [candidate.span.start_ns, candidate.span.end_ns],
        "cosine": candidate.cosine,
        "llr": candidate.llr,
        "shot_id": candidate.shot_id,
        "shot_ids": list(candidate.shot_ids),
        "probe_id": candidate.probe_id,
        "plate_llr": candidate.plate_llr,
        "plate": None if candidate.plate is None else _reading_row(candidate.plate),
        "notes": list(candidate.notes),
        "transit_llr": candidate.transit_llr,
        "probability": candidate.probability,
    }


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        tracklet_id=row["tracklet_id"],
        camera_id=row["camera_id"],
        class_label=row["class_label"],
        span=TimeSpan(*row["span"]),
        cosine=row["cosine"],
        llr=row["llr"],
        shot_id=row["shot_id"],
        shot_ids=tuple(row["shot_ids"]),
        probe_id=row["probe_id"],
        # What was kept before plates were read has none of these.
        plate_llr=row.get("plate_llr"),
        plate=_reading(row["plate"]) if row.get("plate") else None,
        notes=tuple(row.get("notes", ())),
        # Only a reconstruction has these.
        transit_llr=row.get("transit_llr"),
        probability=row.get("probability"),
    )


def _reading_row(reading: PlateReading) -> dict[str, Any]:
    return {
        "plate_id": reading.plate_id,
        "text": reading.text,
        "chances": list(reading.chances),
        "layout": reading.layout,
        "colour": reading.colour,
        "reads": reading.reads,
        "shot_id": reading.shot_id,
        "corners": [list(point) for point in reading.corners],
        "signs": [
            [one.asked, one.read, one.position, one.chance, one.llr, one.outcome.value]
            for one in reading.signs
        ],
    }


def _reading(row: Mapping[str, Any]) -> PlateReading:
    return PlateReading(
        plate_id=row["plate_id"],
        text=row["text"],
        chances=tuple(row["chances"]),
        layout=row["layout"],
        colour=row["colour"],
        reads=row["reads"],
        shot_id=row["shot_id"],
        corners=tuple((x, y) for x, y in row["corners"]),
        signs=tuple(_sign(*one) for one in row["signs"]),
    )


def _sign(
    asked: str, read: str, position: int, chance: float, llr: float, outcome: str
) -> SignMatch:
    return SignMatch(asked, read, position, chance, llr, Outcome(outcome))


def _coverage_row(coverage: Coverage) -> dict[str, Any]:
    return {
        "missing": [
            [part.camera_id, part.span.start_ns, part.span.end_ns, why]
            for part, why in coverage.missing
        ],
        "asked_s": coverage.asked_s,
        "searched_s": coverage.searched_s,
    }


def _coverage(row: Mapping[str, Any]) -> Coverage:
    missing = tuple(
        (CameraSpan(camera_id, TimeSpan(start_ns, end_ns)), why)
        for camera_id, start_ns, end_ns, why in row["missing"]
    )
    return Coverage(missing, row["asked_s"], row["searched_s"])
