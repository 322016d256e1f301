"""Still pictures with a time, as a checkpoint gives them: each its own instant."""

import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.clocks import NS, Now, system_now
from core.errors import InvalidInput, MediaCorrupt, TooLarge
from core.protocols import PictureOpener
from core.types import ClockSource, Frame, StatedPlate

_MOST_SIDECAR_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Still:
    """One picture, encoded, and the instant that its device gave. `name` is for messages.

    `stated` are the plates that the device itself read in it.
    """

    name: str
    device_ns: int
    content: bytes
    stated: tuple[StatedPlate, ...] = ()


def stated_plates(content: bytes) -> tuple[StatedPlate, ...]:
    """The plates of a sidecar: the JSON file that may lie beside a picture, of the same name.

        {"plates": [{"text": "京A1?345", "confidence": 0.93, "colour": "blue",
                     "box": [812, 604, 901, 633]}]}

    `?` in a text is a sign that was not read; `confidence` is one number, or one for each sign;
    `box` is that of the vehicle or of its plate in the picture's pixels. Only `text` is needed.
    Raises `InvalidInput` for anything else, `TooLarge` beyond 64 KiB.
    """
    if len(content) > _MOST_SIDECAR_BYTES:
        raise TooLarge(f"sidecar: want at most {_MOST_SIDECAR_BYTES} bytes, got {len(content)}")
    try:
        plates = json.loads(content)["plates"]
        return tuple(_stated(**plate) for plate in plates)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"sidecar: want a JSON object with a list of plates, each with a text: {error}"
        ) from error


def _stated(
    *,
    text: str,
    confidence: float | list[float] = 0.9,
    colour: str = "",
    box: list[float] | None = None,
) -> StatedPlate:
    chances = confidence if isinstance(confidence, list) else [confidence]
    if not isinstance(text, str) or not isinstance(colour, str):
        raise TypeError("text and colour are words")
    xyxy = None
    if box is not None:
        x1, y1, x2, y2 = (float(side) for side in box)
        if not all(math.isfinite(side) for side in (x1, y1, x2, y2)):
            raise ValueError("a box has four finite numbers")
        xyxy = (x1, y1, x2, y2)
    return StatedPlate(text, tuple(float(chance) for chance in chances), colour, xyxy)


class StillSource:
    """Stills as frames, in the order given, each an epoch of its own: nothing joins them.

    `opener` decodes them; they come from other people's devices. One that cannot be opened does
    not stop the others: at the end `MediaCorrupt` names all of those.
    """

    def __init__(
        self,
        camera_id: int,
        stills: Iterable[Still],
        opener: PictureOpener,
        *,
        next_epoch: Callable[[], int],
        now: Now = system_now,
        clock_sigma_s: float = 0.5,
    ) -> None:
        self._camera_id = camera_id
        self._stills = stills
        self._opener = opener
        self._next_epoch = next_epoch
        self._now = now
        self._clock_sigma_s = clock_sigma_s
        self._closed = threading.Event()

    @property
    def camera_id(self) -> int:
        return self._camera_id

    def close(self) -> None:
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        broken = []
        for still in self._stills:
            if self._closed.is_set():
                return
            try:
                yield self._framed(still)
            except (MediaCorrupt, TooLarge) as error:
                broken.append(f"{still.name}: {error}")
        if broken:
            raise MediaCorrupt("; ".join(broken))

    def _framed(self, still: Still) -> Frame:
        return Frame(
            camera_id=self._camera_id,
            surface=self._opener(still.content),
            pts=0,
            time_base=Fraction(1, NS),
            device_ns=still.device_ns,
            receipt_ns=self._now(),
            clock=ClockSource.CONTAINER,
            clock_sigma_s=self._clock_sigma_s,
            epoch=self._next_epoch(),
            stated=still.stated,
        )
