"""From pixels to a plate found over HTTP: a filmed street, ingest, a case, a search, an erasure."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from api.app import create_app
from cases.papers import CaseRequest
from core.plates.alphabet import likeliest_text
from core.plates.patterns import parse_pattern
from core.plates.rectifying import rectified_plates
from core.types import Camera, CameraSpan, CaseState, Role
from index.plates.files import FilePlateIndex
from index.rows.store import SqlStore
from ingest.folders import TimedFile
from ingest.stills import Still, stated_plates
from ingest.surface import HostSurface
from pipeline.counters import Counters
from pipeline.ingest import Job, opened_host
from pipeline.plates import PlateModels
from pipeline.service import Service, open_service
from pipeline.settings import Settings, checked_settings
from tests.api.client import Client
from tests.builders import SetClock, at, scope, span
from tests.plates import PLATE_HW, PaintedPlateFinder, PaintedPlateReader, paint_plate
from tracking.plates import MOST_PER_PART

FPS, SECONDS, SIZE_HW = 10, 16, (360, 640)
CAR_HW = (56, 120)
STREET, GATE = 1, 2
WANTED, OTHER = "京A12345", "沪B98765"
DRIVES = ((WANTED, (220, 30, 30), 1.0), (OTHER, (40, 60, 220), 8.0))
"""Plate, colour of the car, and when it drives into view."""
PASSWORD = "a long enough phrase"


def picture(at_s: float) -> Any:
    """The street with whoever drives through it, RGB."""
    street = np.full((*SIZE_HW, 3), 105, np.uint8)
    for text, colour, start_s in DRIVES:
        left = round((at_s - start_s) * 100) - CAR_HW[1]
        if -CAR_HW[1] < left < SIZE_HW[1]:
            top = 200
            right, bottom = min(left + CAR_HW[1], SIZE_HW[1]), top + CAR_HW[0]
            street[top:bottom, max(left, 0) : right] = colour
            across = (CAR_HW[1] - PLATE_HW[1]) // 2
            paint_plate(street, left + across, bottom - PLATE_HW[0] - 6, text)
    return street


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.height, stream.width = SIZE_HW
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(FPS)}
        for number in range(FPS * SECONDS):
            frame = av.VideoFrame.from_ndarray(picture(number / FPS), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def still(at_s: float) -> bytes:
    """The street as a checkpoint's JPEG."""
    return HostSurface.of_rgb(picture(at_s)).jpeg()


def settings(folder: Path) -> Settings:
    fakes = {"detector": "colour", "person_embedder": "colour", "vehicle_embedder": "colour"}
    return checked_settings("test", {"data_dir": folder, "disk_reserve_mb": 1, **fakes})


def ingest(folder: Path, *jobs: Job, read: bool = True) -> PaintedPlateFinder:
    """Run ingest with the painted plates' finder and reader, as if the settings named them."""
    finder = PaintedPlateFinder()
    with opened_host(settings(folder), jobs, now=SetClock(at(86_000))) as host:
        host.plate_models = PlateModels(finder, PaintedPlateReader()) if read else None
        report = host.run(Counters(), threading.Event())
    assert not report.failed
    return finder


class Office:
    """The installation served, with ann and her approved case over both cameras."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(at(86_400))
        self.service: Service = open_service(settings(folder), now=self.clock)
        accounts = self.service.accounts
        admin = accounts.create_first_admin("admin", PASSWORD)
        ann = accounts.create(admin, "ann", PASSWORD, (Role.INVESTIGATOR,))
        approver = accounts.create(admin, "approver", PASSWORD, (Role.APPROVER,))
        asked = CaseRequest(
            reference="2026-05-0417",
            offence="theft of a phone",
            legal_basis="criminal procedure act, section 1",
            purpose="find where the car went",
            grants=tuple(CameraSpan(camera_id, span()) for camera_id in (STREET, GATE)),
            expires_ns=at(7 * 86_400),
            members=frozenset(),
        )
        self.case_id = self.service.desk.request(ann, asked).case_id
        self.service.desk.approve(approver, self.case_id)
        token = accounts.login("ann", PASSWORD, "bearer")[0]
        self.client = Client(create_app(self.service), token=token)

    def search(self, **body: Any) -> list[Any]:
        response = self.client.post(f"/api/v1/cases/{self.case_id}/searches", json=body)
        assert response.status_code == 201, response.text
        candidates: list[Any] = response.json()["candidates"]
        return candidates

    def shot(self, shot_id: str) -> Any:
        answer = self.client.get(f"/api/v1/cases/{self.case_id}/shots/{shot_id}.jpg")
        return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = SqlStore.open(settings(tmp_path).url)
    store.cameras.put(Camera(STREET, "street"))
    store.cameras.put(Camera(GATE, "gate", kind="checkpoint"))
    store.close()
    return tmp_path


@pytest.fixture
def office(folder: Path, clip: Path) -> Iterator[Office]:
    """After a film of the street, and a checkpoint's picture that states its plate."""
    ingest(folder, Job(STREET, (TimedFile(clip, at(0)),)))
    stated = stated_plates('{"plates": [{"text": "京A12345", "confidence": 0.8}]}'.encode())
    event = Still("event", at(600), still(4.0), stated)
    ingest(folder, Job(GATE, stills=(event,)), read=False)
    opened = Office(folder)
    yield opened
    opened.service.close()


def test_a_plate_is_found_from_its_pixels(office: Office) -> None:
    street, gate, *rest = office.search(plate="京a·123?5")
    assert {street["camera_id"], gate["camera_id"]} == {str(STREET), str(GATE)}
    assert {street["plate"]["text"], gate["plate"]["text"]} == {WANTED}
    assert all(one["plate_llr"] < street["plate_llr"] - 5 for one in rest)


def test_the_evidence_shows_the_plate_where_its_corners_say(office: Office) -> None:
    (found,) = office.search(plate=OTHER, camera_ids=[str(STREET)], limit=1)
    plate = found["plate"]
    assert (plate["text"], plate["reads"] > 1) == (OTHER, True)
    shown = HostSurface.of_bgr(np.asarray(office.shot(plate["shot_id"]), np.uint8))
    corners = np.array(plate["corners"], np.float32)
    level = rectified_plates(shown, corners[None], PaintedPlateReader().spec.input_hw)
    (again,) = PaintedPlateReader().read(level)
    assert likeliest_text(again.log_probs) == OTHER


def test_a_stated_plate_has_a_picture_and_no_corners(office: Office) -> None:
    (found,) = office.search(plate=WANTED, camera_ids=[str(GATE)], limit=1)
    assert found["plate"]["corners"] == []
    assert office.shot(found["plate"]["shot_id"]) is not None


def test_a_plate_and_a_picture_find_one_together(office: Office) -> None:
    (car,) = office.search(plate=WANTED, camera_ids=[str(STREET)], limit=1)
    path = f"/api/v1/cases/{office.case_id}/probes/shot"
    probe = office.client.post(path, json={"shot_id": car["shot_id"]}).json()["probe_id"]
    candidates = office.search(plate=WANTED, probe_ids=[probe])
    assert candidates[0]["tracklet_id"] == car["tracklet_id"]
    assert candidates[0]["plate_llr"] > 5


def test_an_erased_camera_leaves_nothing_of_its_plates(office: Office, folder: Path) -> None:
    office.service.retention.erase_camera(STREET)
    assert [one["camera_id"] for one in office.search(plate=OTHER)] == [str(GATE)]
    office.service.kept.plates.verify()
    assert cameras_of_plates(folder) == [GATE]


def test_retention_leaves_nothing_of_what_is_too_old(office: Office, folder: Path) -> None:
    office.clock.advance(40 * 86_400)
    cases = office.service.store.cases
    case = cases.get(office.case_id)
    cases.put(replace(case, version=case.version + 1, state=CaseState.CLOSED))
    office.service.retention.run()
    assert cameras_of_plates(folder) == []
    assert [path.name for path in (folder / "plates").rglob("*.seg")] == []


def test_ingest_reads_few_looks(folder: Path, clip: Path) -> None:
    """Two cars, each in view for some seconds: 8 reads of each part at most."""
    finder = ingest(folder, Job(STREET, (TimedFile(clip, at(0)),)))
    assert 2 <= finder.looks <= 2 * MOST_PER_PART


def test_what_was_not_committed_is_swept_at_the_next_start(folder: Path, clip: Path) -> None:
    ingest(folder, Job(STREET, (TimedFile(clip, at(0)),)))
    with closing(sqlite3.connect(folder / "casetrace.db")) as rows, rows:
        rows.execute("DELETE FROM plates")
    assert found(folder) > 0
    ingest(folder, Job(GATE, stills=(Still("event", at(600), still(10.0)),)), read=False)
    assert found(folder) == 0


def found(folder: Path) -> int:
    index = FilePlateIndex(folder / "plates", threads=1)
    try:
        return len(index.search(scope((STREET, GATE)), parse_pattern(WANTED), 10))
    finally:
        index.close()


def cameras_of_plates(folder: Path) -> list[int]:
    """The cameras that rows of plates are of."""
    with closing(sqlite3.connect(folder / "casetrace.db")) as rows:
        return [one for (one,) in rows.execute("SELECT DISTINCT camera_id FROM plates")]
