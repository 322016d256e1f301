"""Our index and its peers, each in the layout that suits it best, behind one interface."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from benchmarks.gallery import SHOTS, Gallery, Request, camera_starts, ranges
from core.arrays import F32, I64
from core.clocks import HOUR_NS
from core.errors import InvalidInput
from core.types import CameraSpan, Embeddings, Family, Scope, TimeSpan, VectorRows

MODEL = "benchmark@000000000000"
_ADDED_ROWS = 1024
_MILVUS_ROWS = 10_000
_BUILD_BLOCK = 50_000


class Engine(Protocol):
    def build(self, gallery: Gallery, folder: Path) -> float:
        """Take all rows in; seconds spent inside the engine."""

    def prepare(self, request: Request) -> Any:
        """The request in the engine's own words; not timed."""

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        """Choose what is fastest for requests like these."""

    def search(self, asked: Any, k: int) -> Sequence[int]:
        """The k best distinct tracklets; timed."""

    def close(self) -> None: ...


class CaseTrace:
    """`FaissIndex` on its files: rows come in order of time and are durable after each add."""

    def build(self, gallery: Gallery, folder: Path) -> float:
        from index.faiss_index import FaissIndex

        self.index = FaissIndex(folder / "vectors", writer=1, reserve_bytes=0)
        spent_s = 0.0
        hours = gallery.device_ns // HOUR_NS
        bounds = np.append(np.unique(hours, return_index=True)[1], len(hours)).tolist()
        for low, high in itertools.pairwise(bounds):
            batches = [
                _vector_rows(gallery, start, min(start + _ADDED_ROWS, high))
                for start in range(low, high, _ADDED_ROWS)
            ]
            began = perf_counter()
            for batch in batches:
                self.index.add(batch)
            self.index.seal((int(hours[low]) + 1) * HOUR_NS)
            spent_s += perf_counter() - began
        return spent_s

    def prepare(self, request: Request) -> Any:
        return request.query[None], Scope(1, 1, 1, camera_spans(request), 0)

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        for one in asked:
            self.search(one, 10)

    def search(self, asked: Any, k: int) -> Sequence[int]:
        query, scope = asked
        hits = self.index.search(scope, Family.PERSON, MODEL, query, k)
        found: list[int] = hits.ids[0].tolist()
        return found

    def close(self) -> None:
        self.index.close()


def camera_spans(request: Request) -> tuple[CameraSpan, ...]:
    """The windows as a scope or a case names them."""
    columns = (request.camera_ids, request.start_ns, request.end_ns)
    return tuple(
        CameraSpan(camera, TimeSpan(start, end))
        for camera, start, end in zip(*(column.tolist() for column in columns), strict=True)
    )


def _vector_rows(gallery: Gallery, low: int, high: int) -> VectorRows:
    return VectorRows(
        Family.PERSON,
        Embeddings(MODEL, np.arange(low + 1, high + 1), np.array(gallery.vectors[low:high])),
        gallery.tracklet_ids[low:high],
        gallery.camera_ids[low:high],
        gallery.device_ns[low:high],
    )


class SortedRows:
    """Rows by camera and time, so that a scope is a few ranges: what suits every peer best."""

    def __init__(self, gallery: Gallery) -> None:
        self.order = gallery.by_camera
        cameras = gallery.camera_ids[self.order]
        self.device_ns = gallery.device_ns[self.order]
        self.tracklet_ids = gallery.tracklet_ids[self.order]
        self.starts = camera_starts(cameras, int(cameras[-1]))

    def ranges(self, request: Request) -> list[tuple[int, int]]:
        return ranges(self.starts, self.device_ns, request)

    def distinct(self, rows: Sequence[int], k: int) -> list[int]:
        """The first k tracklets of rows that are ranked, best first."""
        ranked = self.tracklet_ids[np.asarray(rows, np.int64)].tolist()
        return list(dict.fromkeys(ranked))[:k]


class FaissFlat:
    """`IndexFlatIP` in memory with its selectors: range by range, or one bitmap."""

    def build(self, gallery: Gallery, folder: Path) -> float:
        import faiss

        self.faiss: Any = faiss
        self.rows = SortedRows(gallery)
        self.index = faiss.IndexFlatIP(gallery.vectors.shape[1])
        self.ways: dict[str, Callable[[Request, int], list[int]]] = {
            "ranges": self._by_ranges,
            "bitmap": self._by_bitmap,
            "whole": self._whole,
        }
        return _fed(gallery, self.rows.order, self.index.add)

    def prepare(self, request: Request) -> Any:
        return request

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        exact = {}
        for name, way in self.ways.items():
            seconds, recall = _tried(lambda one, way=way: way(one, 10), asked, true)  # type: ignore[misc]
            if recall > 0.999:
                exact[name] = seconds
        self.way = self.ways[min(exact, key=lambda name: exact[name])]

    def search(self, asked: Any, k: int) -> Sequence[int]:
        return self.way(asked, k)

    def _by_ranges(self, request: Request, k: int) -> list[int]:
        found: list[tuple[float, int]] = []
        for low, high in self.rows.ranges(request):
            selector = self.faiss.IDSelectorRange(low, high)
            found += self._searched(request, min(k * SHOTS, high - low), selector)
        best = heapq.nlargest(k * SHOTS, found)
        return self.rows.distinct([row for _, row in best], k)

    def _by_bitmap(self, request: Request, k: int) -> list[int]:
        inside = np.zeros(self.index.ntotal, np.bool_)
        for low, high in self.rows.ranges(request):
            inside[low:high] = True
        packed = np.packbits(inside, bitorder="little")
        found = self._searched(request, k * SHOTS, self.faiss.IDSelectorBitmap(packed))
        return self.rows.distinct([row for _, row in found], k)

    def _whole(self, request: Request, k: int) -> list[int]:
        return self.rows.distinct([row for _, row in self._searched(request, k * SHOTS, None)], k)

    def _searched(self, request: Request, count: int, selector: Any) -> list[tuple[float, int]]:
        chosen = self.faiss.SearchParameters(sel=selector) if selector else None
        scores, rows = self.index.search(request.query[None], count, params=chosen)
        ranked = zip(scores[0].tolist(), rows[0].tolist(), strict=True)
        return [(score, row) for score, row in ranked if row >= 0]

    def close(self) -> None:
        self.index.reset()


class Hnswlib:
    """One graph over all, filtered while it walks; or hnswlib's own exact index where it wins.

    A graph that is filtered hard finds little unless `ef` is large: `tune` takes the fastest that
    reaches a recall of 0.99, else the best recall there is.
    """

    LINKS = 16
    BUILD_EF = 100
    EFS = (64, 128, 256, 512, 1024, 2048, 4096)

    def build(self, gallery: Gallery, folder: Path) -> float:
        import hnswlib

        self.rows = SortedRows(gallery)
        count, dim = gallery.vectors.shape
        self.graph = hnswlib.Index("ip", dim)
        self.graph.init_index(count, M=self.LINKS, ef_construction=self.BUILD_EF)
        labels = itertools.count(0, _BUILD_BLOCK)

        def add(block: F32) -> None:
            first = next(labels)
            self.graph.add_items(block, np.arange(first, first + len(block)))

        spent_s = _fed(gallery, self.rows.order, add)
        # A filter is a Python function: more threads would only wait for each other.
        self.graph.set_num_threads(1)
        return spent_s

    def prepare(self, request: Request) -> Any:
        return request

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        best = (-1.0, 0)
        for ef in self.EFS:
            self.graph.set_ef(ef)
            _, recall = _tried(lambda one: self.search(one, 10), asked, true)
            best = max(best, (recall, -ef))
            if recall >= 0.99:
                break
        self.graph.set_ef(-best[1])

    def search(self, asked: Any, k: int) -> Sequence[int]:
        spans = self.rows.ranges(asked)
        count = sum(high - low for low, high in spans)
        keep = None
        if count < len(self.rows.order):
            inside = np.zeros(len(self.rows.order), np.uint8)
            for low, high in spans:
                inside[low:high] = 1
            keep = inside.data.__getitem__
        with suppress(RuntimeError):  # it found fewer than asked for
            labels, _ = self.graph.knn_query(asked.query[None], min(k * SHOTS, count), filter=keep)
            return self.rows.distinct(labels[0].astype(np.int64).tolist(), k)
        return []

    def close(self) -> None:
        del self.graph


class MilvusLite:
    """A local collection with a flat index, filtered by camera and time."""

    def build(self, gallery: Gallery, folder: Path) -> float:
        from pymilvus import DataType, MilvusClient

        self.client = MilvusClient(str(folder / "milvus.db"))
        schema = self.client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        for name in ("camera", "device_ns", "tracklet"):
            schema.add_field(name, DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=gallery.vectors.shape[1])
        flat = self.client.prepare_index_params()
        flat.add_index("vector", index_type="FLAT", metric_type="IP")
        self.client.create_collection("shots", schema=schema, index_params=flat)
        spent_s = 0.0
        for start in range(0, len(gallery.device_ns), _MILVUS_ROWS):
            rows = _milvus_rows(gallery, start)
            began = perf_counter()
            self.client.insert("shots", rows)
            spent_s += perf_counter() - began
        began = perf_counter()
        self.client.flush("shots")
        self.client.load_collection("shots")
        return spent_s + perf_counter() - began

    def prepare(self, request: Request) -> Any:
        windows = " or ".join(
            f"(camera == {part.camera_id} and device_ns >= {part.span.start_ns} "
            f"and device_ns < {part.span.end_ns})"
            for part in camera_spans(request)
        )
        return request.query[None], windows

    def tune(self, asked: Sequence[Any], true: Sequence[Sequence[int]]) -> None:
        self.search(asked[0], 10)

    def search(self, asked: Any, k: int) -> Sequence[int]:
        query, windows = asked
        (found,) = self.client.search(
            "shots",
            data=query,
            limit=k * SHOTS,
            filter=windows,
            output_fields=["tracklet"],
            search_params={"metric_type": "IP"},
        )
        return list(dict.fromkeys(hit["entity"]["tracklet"] for hit in found))[:k]

    def close(self) -> None:
        self.client.close()


def _milvus_rows(gallery: Gallery, start: int) -> list[dict[str, Any]]:
    part = slice(start, start + _MILVUS_ROWS)
    columns = (gallery.camera_ids, gallery.device_ns, gallery.tracklet_ids)
    scalars = zip(*(column[part].tolist() for column in columns), strict=True)
    vectors = np.array(gallery.vectors[part])
    return [
        {"id": start + i, "camera": c, "device_ns": t, "tracklet": tracklet, "vector": vectors[i]}
        for i, (c, t, tracklet) in enumerate(scalars)
    ]


def _fed(gallery: Gallery, order: I64, add: Callable[[F32], object]) -> float:
    """Seconds that `add` took for all vectors in that order."""
    spent_s = 0.0
    for start in range(0, len(order), _BUILD_BLOCK):
        block = np.ascontiguousarray(gallery.vectors[order[start : start + _BUILD_BLOCK]])
        began = perf_counter()
        add(block)
        spent_s += perf_counter() - began
    return spent_s


def _tried(
    search: Callable[[Any], Sequence[int]],
    asked: Sequence[Any],
    true: Sequence[Sequence[int]],
) -> tuple[float, float]:
    """Median seconds and mean recall of a few searches."""
    seconds, recalls = [], []
    for one, wanted in zip(asked, true, strict=True):
        began = perf_counter()
        found = search(one)
        seconds.append(perf_counter() - began)
        recalls.append(recall(found, wanted))
    return float(np.median(seconds)), float(np.mean(recalls))


def recall(found: Sequence[int], wanted: Sequence[int]) -> float:
    """Which share of the true tracklets was found."""
    return len(set(found) & set(wanted)) / len(wanted) if wanted else 1.0


def make_engine(name: str) -> Engine:
    """The engine of that name."""
    from benchmarks.door import Door

    known: dict[str, Callable[[], Engine]] = {
        "casetrace": CaseTrace,
        "faiss_flat": FaissFlat,
        "hnswlib": Hnswlib,
        "milvus_lite": MilvusLite,
        "door": Door,
    }
    if name not in known:
        raise InvalidInput(f"engine: want one of {', '.join(known)}, got {name!r}")
    return known[name]()
