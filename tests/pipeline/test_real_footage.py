"""A man of one real clip is found in another one, from an uploaded crop to the ordered answer."""

import os
import shutil
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from benchmarks.site import START_NS, Site, model_values
from cases.search import SearchRequest
from core.arrays import U8
from core.types import Family, Tracklet
from ingest.folders import TimedFile

DATA = Path(
    os.environ.get("CASETRACE_TESTDATA", Path(__file__).parents[2] / "../shared/testdata")
).resolve()
CLIPS = DATA / "video/epfl_lab"
IN_HIS_TROUSERS_PX = (640.0, 260.0)  # of the man in the light trousers, two seconds into the clip
AT_NS = START_NS + 2_000_000_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.testdata,
    pytest.mark.skipif(not CLIPS.is_dir(), reason=f"no real clips at {CLIPS}"),
]


def picture(clip: Path, number: int) -> U8:
    with av.open(str(clip)) as container:
        for count, frame in enumerate(container.decode(video=0)):
            if count == number:
                return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    raise AssertionError(f"{clip.name} ends before picture {number}")


def as_jpeg(rgb: U8) -> bytes:
    return cv2.imencode(".jpg", rgb[..., ::-1])[1].tobytes()


def holds(tracklet: Tracklet, at_ns: int, px: tuple[float, float]) -> bool:
    row = int(np.argmin(np.abs(tracklet.device_ns - at_ns)))
    left, top, right, bottom = tracklet.xyxy[row]
    return bool(left < px[0] < right and top < px[1] < bottom)


def test_an_uploaded_crop_finds_its_man_in_another_clip_with_public_models() -> None:
    values = model_values("yolov8n-int8", "person-reidentification-retail-0248", DATA)
    try:
        with Site(**values) as site:
            site.ingest({"lab": [TimedFile(CLIPS / "Double1.mp4", START_NS)]})
            case, who = site.open_case(), site.people.investigator
            crop = as_jpeg(picture(CLIPS / "Single1.mp4", 150)[45:395, 172:265])
            probe = site.service.search.probe_from_upload(
                who, case.case_id, crop, None, Family.PERSON
            )
            answer = site.service.search.search(who, case.case_id, SearchRequest((probe.probe_id,)))
            by_id = {part.tracklet_id: part for part in site.tracklets()["lab"]}
    finally:
        shutil.rmtree(values["model_dir"])
    assert len(answer.candidates) >= 2, "both people of the clip are tracked"
    first, second = answer.candidates[:2]
    assert holds(by_id[first.tracklet_id], AT_NS, IN_HIS_TROUSERS_PX)
    assert first.cosine is not None
    assert second.cosine is not None
    assert first.cosine > second.cosine + 0.2
