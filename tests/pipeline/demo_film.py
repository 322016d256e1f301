"""A film of coloured shapes, which the small fakes see rightly: 12 s of three cameras."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.clocks import HOUR_NS
from core.types import ObjectClass
from pipeline.demo import Film
from scenes.theft import Appearance, Subject, Theft
from scenes.truth import Boxes, CameraTruth, CityTruth
from tests.street import FPS, PALETTE, SIZE_HW, Crossing, Street, render
from tests.street import Subject as Shape

THIEF, ALIKE = 7, 8
SECONDS = 12
_SPEED_PX_S, _WIDE_PX = 150.0, 640
_OFFSETS_S = (0.0, 2.25, -1.0)
_PERSON_HW = (80, 34)


def thief() -> Shape:
    return Shape("thief", PALETTE[0], PALETTE[1], _PERSON_HW)


def street() -> Street:
    """The thief passes three cameras in turn; one in the same coat passes each before or after."""
    alike = Shape("same coat", PALETTE[0], PALETTE[4], _PERSON_HW)
    crossings = []
    for camera in range(3):
        crossings.append(Crossing(thief(), camera, 0.5 + 3 * camera, _SPEED_PX_S, 284))
        crossings.append(Crossing(alike, camera, 6.5 - 3 * camera, _SPEED_PX_S, 190))
    names = ("north", "middle", "south")
    places = tuple((116.0 + 0.0012 * row, 39.9) for row in range(3))
    return Street(1, names, places, tuple(crossings), thief(), SECONDS)


def street_film(folder: Path, *, offsets_s: Sequence[float] = _OFFSETS_S) -> Film:
    """The street, rendered into `folder`."""
    return film_of([rendered(folder, row) for row in range(3)], offsets_s=offsets_s)


def rendered(folder: Path, row: int) -> Path:
    path = folder / f"camera-{row}.mp4"
    render(street(), row, path)
    return path


def film_of(clips: Sequence[Path], *, offsets_s: Sequence[float] = _OFFSETS_S) -> Film:
    """What is true of those clips of the street."""
    planned = street()
    cameras = [
        CameraTruth(
            row=row,
            name=planned.names[row],
            kind="street",
            lon_lat_deg=planned.lon_lat_deg[row],
            clock_offset_s=offsets_s[row],
            size_hw=SIZE_HW,
            clip=clip,
            pictures=SECONDS * FPS,
            boxes=true_boxes(planned, row),
        )
        for row, clip in enumerate(clips)
    ]
    theft = Theft("thief", "victim", 2.0, (0.0, 0.0), 0, (0, 1, 2), "ebike")
    subject = Subject("thief", (THIEF,), appearances(planned), ())
    return Film(city_of(cameras, theft, subject), theft, subject)


def city_of(cameras: Sequence[CameraTruth], theft: Theft, subject: Subject) -> CityTruth:
    roads = [(row, row + step) for row in range(3) for step in (-1, 1) if 0 <= row + step < 3]
    return CityTruth(
        seed=1,
        split="TEST",
        start_ns=7 * HOUR_NS,
        seconds=float(SECONDS),
        fps=FPS,
        light="day",
        weather="clear",
        cameras=tuple(cameras),
        actors={},
        roads=np.array(roads, np.int32),
        distance_m=np.full(len(roads), 4.0, np.float32),
        theft=theft,
        subjects=(subject,),
    )


def appearances(planned: Street) -> tuple[Appearance, ...]:
    width = _WIDE_PX + thief().size_hw[1]
    return tuple(
        Appearance(one.camera, one.start_s, one.start_s + width / one.speed_px_s, "walk", THIEF)
        for one in planned.truth()
    )


def true_boxes(planned: Street, camera: int) -> Boxes:
    rows = [
        (number, THIEF if one.subject == planned.wanted else ALIKE, box, one.subject.size_hw[1])
        for number in range(SECONDS * FPS)
        for one in planned.crossings
        if one.camera == camera and (box := one.box(number / FPS)) is not None
    ]
    return Boxes(
        np.array([number for number, *_ in rows], np.int64),
        np.array([actor for _, actor, *_ in rows], np.int64),
        np.full(len(rows), ObjectClass.PERSON, np.int32),
        np.array([box for _, _, box, _ in rows], np.float32),
        np.array([(box[2] - box[0]) / wide for _, _, box, wide in rows], np.float32),
    )
