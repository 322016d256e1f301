"""A made-up city's shots for the search benchmark: rows, random scopes, and the true answers.

Vectors are drawn around identities and tracklets, since that is how embeddings lie; uniform ones
would only make graphs look bad.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.arrays import F32, I64
from core.clocks import HOUR_NS, parse_utc

START_NS = parse_utc("2026-05-04T00:00:00Z")
SHOTS = 4
"""Shots per tracklet; an engine that ranks shots must ask for so many times k."""

FILTERS = {"100pct": 1.0, "10pct": 0.1, "1pct": 0.01, "0.1pct": 0.001}
_IDENTITY_SHARE = 0.75
_TRACKLET_SHARE = 0.85
_SIGHTINGS = 10  # tracklets of one identity
_BLOCK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class City:
    """How much there is: `rows` shots of `cameras` over `hours`."""

    rows: int = 1_000_000
    dim: int = 256
    cameras: int = 100
    hours: int = 24
    seed: int = 20260504


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """All rows in order of time: shot i + 1 is row i. Arrays are (N,), vectors (N, D)."""

    tracklet_ids: I64
    camera_ids: I64
    device_ns: I64
    vectors: F32

    @property
    def by_camera(self) -> I64:
        """The rows in order of camera and time."""
        return np.lexsort((self.device_ns, self.camera_ids))


def make_gallery(city: City, folder: Path) -> None:
    """Write the rows as files, so that every engine's process reads the same."""
    rng = np.random.default_rng(city.seed)
    tracklets = city.rows // SHOTS
    camera = rng.integers(1, city.cameras + 1, tracklets)
    start = START_NS + rng.integers(0, city.hours * HOUR_NS - 10**10, tracklets)
    ids = np.repeat(np.arange(tracklets), SHOTS)
    device_ns = start[ids] + np.tile(np.arange(SHOTS) * 10**9, tracklets)
    order = np.argsort(device_ns, kind="stable")
    np.save(folder / "tracklet_ids.npy", ids[order] + 1)
    np.save(folder / "camera_ids.npy", camera[ids[order]])
    np.save(folder / "device_ns.npy", device_ns[order])
    shape = (len(order), city.dim)
    out = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, shape)
    for begin in range(0, len(order), _BLOCK_ROWS):
        part = ids[order[begin : begin + _BLOCK_ROWS]]
        out[begin : begin + len(part)] = _shots(part, city)
    out.flush()


def open_gallery(folder: Path) -> Gallery:
    """The rows as written; vectors stay on the disk until they are touched."""
    columns = [np.load(folder / f"{name}.npy") for name in ("tracklet_ids", "camera_ids")]
    return Gallery(
        columns[0],
        columns[1],
        np.load(folder / "device_ns.npy"),
        np.load(folder / "vectors.npy", mmap_mode="r"),
    )


def _shots(tracklets: I64, city: City) -> F32:
    """A shot's vector (N, D) of each of these tracklets; the same tracklet gives like ones."""
    identities = np.random.default_rng((city.seed, 1)).permutation(tracklets.max() + 1)
    centre = _seeded(identities[tracklets] // _SIGHTINGS, city, 2)
    seen = _near(centre, _seeded(tracklets, city, 3), _IDENTITY_SHARE)
    rng = np.random.default_rng((city.seed, 4, int(tracklets[0])))
    noise = _unit(rng.standard_normal((len(tracklets), city.dim), dtype=np.float32))
    return _near(seen, noise, _TRACKLET_SHARE)


def _seeded(numbers: I64, city: City, kind: int) -> F32:
    """Unit rows that depend on the number alone: one wide table, read at two random places."""
    table = np.random.default_rng((city.seed, kind)).standard_normal(
        (4096, city.dim), dtype=np.float32
    )
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(16)
    one, two, three = (mixed >> np.uint64(12 * i) & np.uint64(4095) for i in range(3))
    return _unit(table[one] + table[two] - table[three])


def _near(centre: F32, noise: F32, share: float) -> F32:
    return _unit(share * centre + (1 - share**2) ** 0.5 * noise)


def _unit(rows: F32) -> F32:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


# --- scopes and queries ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One search: a unit query (D,) and (camera, start, end) windows, all (S,)."""

    query: F32
    camera_ids: I64
    start_ns: I64
    end_ns: I64


def make_requests(city: City, gallery: Gallery, share: float, count: int) -> list[Request]:
    """Searches for somebody who is there, in random cameras and spans that hold `share` of all."""
    rng = np.random.default_rng((city.seed, 5, round(share * 10**6)))
    rows = np.sort(rng.integers(0, len(gallery.device_ns), count))
    noise = _unit(rng.standard_normal((count, city.dim), dtype=np.float32))
    queries = _near(gallery.vectors[rows], noise, _TRACKLET_SHARE)
    return [Request(query, *_windows(city, share, rng)) for query in queries]


def _windows(city: City, share: float, rng: np.random.Generator) -> tuple[I64, I64, I64]:
    """Fewer cameras and shorter spans in equal measure; each span begins at random."""
    cameras = max(1, round(city.cameras * share**0.5))
    whole_ns = city.hours * HOUR_NS
    length_ns = min(whole_ns, round(whole_ns * share * city.cameras / cameras))
    chosen = np.sort(rng.permutation(city.cameras)[:cameras]) + 1
    start = START_NS + rng.integers(0, whole_ns - length_ns + 1, cameras)
    return chosen, start, start + length_ns


def ranges(camera_starts: I64, device_ns: I64, request: Request) -> list[tuple[int, int]]:
    """Row ranges of a request in rows sorted by camera and time.

    `camera_starts[c]` is the first row of camera c, with one more entry at the end.
    """
    found = []
    spans = (request.camera_ids, request.start_ns, request.end_ns)
    for camera, start, end in zip(*(column.tolist() for column in spans), strict=True):
        low, high = camera_starts[camera], camera_starts[camera + 1]
        first = low + device_ns[low:high].searchsorted(start)
        past = low + device_ns[low:high].searchsorted(end)
        if first < past:
            found.append((int(first), int(past)))
    return found


def camera_starts(camera_ids: I64, cameras: int) -> I64:
    """For rows sorted by camera: where each camera's begin, (cameras + 2,)."""
    return np.searchsorted(camera_ids, np.arange(cameras + 2))


def true_tracklets(gallery: Gallery, requests: Sequence[Request], k: int) -> list[list[int]]:
    """The k best tracklets of each request, by looking at every row."""
    order = gallery.by_camera
    starts = camera_starts(gallery.camera_ids[order], int(gallery.camera_ids.max()))
    device_ns, tracklets = gallery.device_ns[order], gallery.tracklet_ids[order]
    inside = [ranges(starts, device_ns, request) for request in requests]
    best: list[list[tuple[float, int]]] = [[] for _ in requests]
    queries = np.stack([request.query for request in requests])
    for begin, scores in _scored(gallery, order, queries):
        for number, spans in enumerate(inside):
            for low, high in spans:
                part = scores[number, max(0, low - begin) : max(0, high - begin)]
                best[number] += _top(part, max(low, begin), tracklets, k * SHOTS)
            best[number] = sorted(best[number], reverse=True)[: k * SHOTS]
    return [_distinct([tracklet for _, tracklet in found], k) for found in best]


def _scored(gallery: Gallery, order: I64, queries: F32) -> Iterator[tuple[int, F32]]:
    for begin in range(0, len(order), _BLOCK_ROWS):
        yield begin, queries @ gallery.vectors[order[begin : begin + _BLOCK_ROWS]].T


def _top(scores: F32, first: int, tracklets: I64, count: int) -> list[tuple[float, int]]:
    if not len(scores):
        return []
    rows = np.argpartition(scores, -min(count, len(scores)))[-count:]
    return [(float(scores[row]), int(tracklets[first + row])) for row in rows]


def _distinct(tracklets: Sequence[int], k: int) -> list[int]:
    return list(dict.fromkeys(tracklets))[:k]
