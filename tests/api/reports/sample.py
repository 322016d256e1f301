"""A report with everything in it, made of small valid values: no store, no door."""

from dataclasses import replace

import cv2
import numpy as np

from api.reports.document import Document
from cases.plates import reading_of
from cases.report import signs_of
from cases.report_content import (
    AuditShown,
    ClockShown,
    DecisionShown,
    Making,
    ModelShown,
    Papers,
    Person,
    PictureShown,
    Place,
    PlateShown,
    Report,
    RoadMap,
    SceneShown,
    SearchShown,
    ShotShown,
    SightingShown,
)
from cases.report_lacks import lacks_of
from core.types import (
    CameraSpan,
    ClockCorrection,
    ClockSource,
    Coverage,
    Decision,
    Family,
    Hop,
    NextCamera,
    ObjectClass,
    Probe,
    Pruned,
    Reconstruction,
    Rival,
    SearchAnswer,
    Sighting,
    Trajectory,
    Verdict,
    WayThrough,
)
from tests.builders import at, case, plate, span, tracklet

ANN = Person(1, "ann", "安娜", "第一派出所")
BEN = Person(2, "ben", "Ben Ohm", "Precinct 1")
CHIEF = Person(3, "chief", "陈峰", "分局")
DIGITS = 912_156_167_591_956_480


def picture(height: int = 240, width: int = 96, shade: int = 90) -> bytes:
    """A JPEG with something on it."""
    pixels = np.full((height, width, 3), shade, np.uint8)
    pixels[: height // 3, width // 3 : 2 * width // 3] = (30, 140, 200)
    pixels[height // 3 :, width // 4 : 3 * width // 4] = (180, 60, 40)
    return bytes(cv2.imencode(".jpg", pixels)[1])


def shot(number: int, at_s: float, *, jpeg: bytes | None = None) -> ShotShown:
    left = 300.0 + 90 * number
    return ShotShown(
        DIGITS + number,
        at(at_s),
        at(at_s + 1.5),
        (left, 220.0, left + 96, 460.0),
        PictureShown.of(picture(shade=60 + 30 * number) if jpeg is None else jpeg),
    )


def decision(
    tracklet_id: int,
    person: Person = ANN,
    verdict: Verdict = Verdict.CONFIRM,
    *,
    counts: bool = True,
    informed: bool = False,
    note: str = "",
) -> DecisionShown:
    made = Decision(
        tracklet_id + person.account_id, 1, tracklet_id, person.account_id, verdict, at(5000), note
    )
    return DecisionShown(made, person, counts, informed)


def sighting(
    number: int,
    start_s: float,
    *,
    by: tuple[Person, ...] = (ANN, BEN),
    class_: ObjectClass = ObjectClass.PERSON,
    correction: ClockCorrection | None = None,
    text: str = "",
    shots: int = 3,
) -> SightingShown:
    """At camera `number`."""
    seen = Sighting(
        tracklet_id=DIGITS + 100 * number,
        camera_id=number,
        family=class_.family,
        span=span(start_s, start_s + 9.5),
        clock_sigma_s=0.5,
        llr={"appearance": 3.1, "plate": 6.2} if text else {"appearance": 2.4},
        decisions=(),
        shot_ids=(),
    )
    read = None
    if text:
        of = tracklet(seen.tracklet_id, camera_id=number, class_id=class_)
        doubtful = plate(1, of, text=text, sure=0.86, shot_id=1)
        read = PlateShown(reading_of(doubtful, []), signs_of(doubtful))
    return SightingShown(
        sighting=seen,
        class_label=class_.label,
        clock=ClockShown(ClockSource.RTCP, 0.05, correction, (720, 1280)),
        shots=tuple(shot(i, start_s + 2 * i) for i in range(shots)),
        shots_kept=7,
        plate=read,
        decisions=tuple(decision(seen.tracklet_id, person) for person in by),
    )


def hop(start: int, *, feasible: bool = True, gap_s: float = 192.0) -> Hop:
    why = "312 m by road in 192 s, clocks within 1.5 s: 1.6 m/s"
    if not feasible:
        why = "2312 m by road in 20.0 s: a person takes 289.0 s at least"
    return Hop(start, start + 1, gap_s, 312.0, 39.0, 693.0, feasible, why, llr=1.25, missed=(9,))


def coverage(cameras: int = 2) -> Coverage:
    missing = tuple(
        (CameraSpan(i, span(600.0 * i, 600.0 * i + 90)), why)
        for i, why in zip(
            range(1, cameras + 1), ("outage", "never looked at") * cameras, strict=False
        )
    )
    return Coverage(missing, 10_800.0, 10_620.0)


def places(count: int = 5) -> dict[int, Place]:
    """Cameras along a bent road, 150 m from one to the next."""
    return {
        i: Place(
            i,
            f"{'路口' if i % 2 else 'Gate'} {i}",
            "street",
            (116.3 + 0.0016 * i, 39.9 + 0.0009 * (i % 3)),
        )
        for i in range(1, count + 1)
    } | {9: Place(9, "东门九号", "checkpoint", (116.3052, 39.9021))}


def scene(number: int = 1, *, kept: bool = True) -> SceneShown:
    probe = Probe(DIGITS + 7, 1, Family.PERSON, "frame", at(4000), "key", {}, 1, at(100), None)
    return SceneShown(
        probe,
        PictureShown.of(picture()),
        ANN,
        camera_id=1,
        at_ns=at(100),
        box=(412, 120, 508, 360),
        frame=PictureShown.of(picture(720, 1280)) if kept else None,
        frame_hw=(720, 1280) if kept else None,
    )


def reconstruction(sightings: tuple[SightingShown, ...]) -> Reconstruction:
    first = sightings[0].sighting
    rival = Rival((DIGITS + 900, DIGITS + 901), 1.4)
    proposed = replace(
        first, tracklet_id=DIGITS + 950, camera_id=9, proposed=True, probability=0.81, margin=2.2
    )
    laid = Trajectory(
        (replace(first, probability=0.99, rivals=(rival,)), proposed), (), (), (), coverage(), 1.4
    )
    answer = SearchAnswer(77, (), coverage(), 41)
    later = NextCamera(9, 0.41, span(1200.0, 1300.0), "outside", 410.0, 12.0)
    return Reconstruction(
        answer, laid, (WayThrough((1, 2), 9.0),), (later,), Pruned(1000, 40, 0.01)
    )


def report(**changes: object) -> Report:
    """A theft with four sightings: walked, then by car with a plate."""
    sightings = (
        sighting(1, 100.0, correction=ClockCorrection(at(0), 1.5, 0.5)),
        sighting(2, 302.0, by=(ANN,)),
        sighting(3, 322.0),
        sighting(4, 900.0, class_=ObjectClass.CAR, text="京A12B45", shots=2),
    )
    laid = Trajectory(
        tuple(one.sighting for one in sightings),
        (hop(0), hop(1, feasible=False), replace(hop(2), change="person to vehicle")),
        ("Gate 2 to 路口 3: unseen for 612 s from 2026-05-04T07:05:31.500Z",),
        (
            "tracklets 101 and 102: at once at Gate 2 and 路口 3, "
            "for 4.0 s from 2026-05-04T07:05:02.000Z",
        ),
        coverage(),
    )
    papers = replace(
        case(12, cameras=(1, 2, 3, 4), requester=1, members=(1, 2), approver=3),
        purpose="查明07:55后嫌疑人去向",
    )
    made = Report(
        making=Making(
            at(7200),
            ANN,
            51,
            (AuditShown("search", False, (12, 13, 14, 30)), AuditShown("read_shot", True, (17,))),
            77,
        ),
        papers=Papers(papers, ANN, (BEN,), CHIEF),
        scenes=(scene(),),
        sightings=sightings,
        trajectory=laid,
        reconstruction=reconstruction(sightings),
        why_none="",
        decisions=(
            decision(DIGITS + 100, note="same bag"),
            decision(DIGITS + 200, BEN, Verdict.UNSURE, counts=False),
            decision(DIGITS + 200, BEN, Verdict.REJECT, informed=True),
        ),
        searches=(
            SearchShown(77, at(4500), ANN, 2, "京A1?", 50, 31, ("city-person@fb0443da223b",)),
        ),
        places=places(),
        road_map=RoadMap(
            tuple(places().values()), ((1, 2), (2, 3), (3, 4), (4, 5), (2, 9), (9, 4))
        ),
        models=(
            ModelShown("detect", "city-detector", "1", "ab" * 32, "AGPL-3.0-or-later"),
            ModelShown(
                "embed",
                "city-person",
                "1",
                "cd" * 32,
                "AGPL-3.0-or-later",
                "hard pairs of 4 synthetic cities",
                0.404,
            ),
        ),
        lacks=(),
    )
    made = replace(made, **changes)  # type: ignore[arg-type]
    return replace(made, lacks=lacks_of(made))


def text_of(document: Document) -> str:
    """Everything that the document says, for tests to look into."""
    return str(document.blocks)
