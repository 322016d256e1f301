"""A city on film: its pictures one by one, its clips, and what is true of them.

A clip is H.264 in MP4 as a camera would send it: `FPS` pictures a second, a keyframe each second,
no pictures out of order. A city's film is a folder with a clip and true boxes for each camera and
one file about all; it may be made in parts, and what is there is not made again.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from fractions import Fraction
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import av
import cv2
import numpy as np

from core.errors import Conflict, InvalidInput
from scenes.city import City
from scenes.exposures import FPS, Exposure, Seen, frames
from scenes.storing import stored, written
from scenes.truth import (
    CITY_FILE,
    Boxes,
    CameraTruth,
    CityTruth,
    boxes_path,
    clip_path,
    described,
    read_truth,
    write_boxes,
)

__all__ = ["FPS", "Exposure", "Seen", "film", "film_city", "frames"]

Progress = Callable[[float], None]
"""Is told the share that is done, 0 to 1."""

_QUALITY = 23
_MOST_BITS = 5.0  # a pixel and second: what a camera of that size is set to
_TOLD_EACH_S = 0.5


def film(
    city: City, camera: int, folder: Path, *, on_picture: Callable[[], None] | None = None
) -> CameraTruth:
    """Write one camera's clip and its boxes into `folder`, and give what is true of it.

    `on_picture` is called after each. Raises `StorageFull` or `StorageError`, leaving neither of
    the two files; what another run wrote of them is replaced.
    """
    clip = clip_path(folder, camera)
    seen: list[Seen] = []
    with written(clip) as draft:
        exposures = _noted(frames(city, camera), seen, on_picture)
        _encode(exposures, draft, city.cameras[camera].view.size_hw)
    boxes = boxes_of(seen)
    try:
        write_boxes(boxes_path(folder, camera), boxes)
    except BaseException:
        clip.unlink(missing_ok=True)
        raise
    placed = city.cameras[camera]
    return CameraTruth(
        row=camera,
        name=placed.name,
        kind=placed.kind,
        lon_lat_deg=placed.lon_lat_deg,
        clock_offset_s=placed.clock_offset_s,
        size_hw=placed.view.size_hw,
        clip=clip,
        pictures=len(seen),
        boxes=boxes,
    )


def _noted(
    exposures: Iterator[Exposure], seen: list[Seen], on_picture: Callable[[], None] | None
) -> Iterator[Exposure]:
    for exposure in exposures:
        yield exposure
        seen.append(exposure.boxes)
        if on_picture is not None:
            on_picture()


def _encode(exposures: Iterator[Exposure], path: Path, size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    most = int(_MOST_BITS * height * width)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.codec_context.thread_count = 1
        stream.options = {
            "preset": "veryfast",
            "crf": str(_QUALITY),
            "maxrate": str(most),
            "bufsize": str(2 * most),
            "bf": "0",
            "g": str(FPS),
            "sc_threshold": "0",
        }
        for number, exposure in enumerate(exposures):
            picture = av.VideoFrame.from_ndarray(exposure.rgb, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def boxes_of(seen: Sequence[Seen]) -> Boxes:
    """The boxes of pictures 0, 1, 2 ... as one."""
    lengths = [len(one) for one in seen]
    none = Seen.none()
    return Boxes(
        np.repeat(np.arange(len(seen), dtype=np.int64), lengths),
        np.concatenate([none.actor, *(one.actor for one in seen)]),
        np.concatenate([none.class_id, *(one.class_id for one in seen)]),
        np.concatenate([none.xyxy, *(one.xyxy for one in seen)]),
        np.concatenate([none.visibility, *(one.visibility for one in seen)]),
    )


# --- a whole city ------------------------------------------------------------------------------


def film_city(
    city: City, folder: Path, *, workers: int = 2, progress: Progress | None = None
) -> CityTruth:
    """Film all cameras into `folder`, those that are missing, and give what is true of them.

    Raises `Conflict` if the folder holds another city's film (another seed, length, number of
    cameras, light or weather), `StorageFull` or `StorageError` if it cannot be written; cameras
    that were finished before stay.
    """
    if workers < 1:
        raise InvalidInput(f"workers: want 1 or more, got {workers}")
    _claim(city, folder)
    missing = [row for row in range(len(city.cameras)) if not _filmed(folder, row)]
    told = _Told(len(city.cameras), len(city.cameras) - len(missing), city.seconds, progress)
    if workers == 1 or len(missing) < 2:
        for row in missing:
            film(city, row, folder, on_picture=told.one_more)
    else:
        _film_beside(city, missing, folder, workers, told)
    return read_truth(folder)


def _filmed(folder: Path, row: int) -> bool:
    return clip_path(folder, row).is_file() and boxes_path(folder, row).is_file()


def _claim(city: City, folder: Path) -> None:
    """Make the folder this city's, or see that it is."""
    text, path = described(city, fps=FPS), folder / CITY_FILE
    with stored(path):
        folder.mkdir(parents=True, exist_ok=True)
        held = path.read_text() if path.is_file() else None
        strangers = sorted(one.name for one in folder.glob("camera-*")) if held is None else []
    if strangers:
        raise Conflict(f"{folder}: want a new or empty folder, got {', '.join(strangers)}")
    if held is not None and held != text:
        raise Conflict(
            f"{folder}: holds the film of another city, or of another version; want one of seed "
            f"{city.seed} ({city.split.name}), {len(city.cameras)} cameras, {city.seconds:g} s, "
            f"{city.light}, {city.weather}"
        )
    if held is None:
        with written(path) as draft:
            draft.write_text(text)


class _Told:
    """Counts pictures, and tells their share."""

    def __init__(self, cameras: int, done: int, seconds: float, progress: Progress | None) -> None:
        each = round(seconds * FPS)
        self._all, self._before = cameras * each, done * each
        self._count, self._progress = 0, progress

    def one_more(self) -> None:
        self._count += 1
        if self._count % FPS == 0:
            self.tell(self._count)

    def tell(self, count: int) -> None:
        if self._progress is not None:
            self._progress((self._before + count) / self._all)


def _film_beside(city: City, rows: Sequence[int], folder: Path, workers: int, told: _Told) -> None:
    """The longest cameras first, each in a process of its own. Fresh processes: a copy of one that
    runs threads may hang."""
    context = multiprocessing.get_context("spawn")
    counter: Synchronized[int] = context.Value("q", 0)
    first = sorted(rows, key=lambda row: -city.cameras[row].view.size_hw[0])
    with ProcessPoolExecutor(workers, context, _begin, (counter,)) as pool:
        jobs: list[Future[None]] = [pool.submit(_film_alone, city, row, folder) for row in first]
        try:
            left = set(jobs)
            while left:
                done, left = wait(left, timeout=_TOLD_EACH_S, return_when="FIRST_EXCEPTION")
                told.tell(counter.value)
                for job in done:
                    job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_counter: "Synchronized[int] | None" = None  # of this worker; set once, before its first job


def _begin(counter: "Synchronized[int]") -> None:
    global _counter
    _counter = counter
    cv2.setNumThreads(1)


def _film_alone(city: City, row: int, folder: Path) -> None:
    film(city, row, folder, on_picture=_count)


def _count() -> None:
    if _counter is not None:
        with _counter.get_lock():
            _counter.value += 1
