"""The life of segments: rows come, hours are sealed, erased, rewritten and dropped."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.arrays import I64, Bool
from core.errors import Conflict
from core.types import Scope, TimeSpan
from index import disk, upkeep
from index.gallery import Gallery
from index.journal import Journal
from index.known import Known, known_in_batches
from index.listing import Maps
from index.tombstones import Tombstones
from index.windows import Windows, erased_rows, windows
from index.writing import Batch, GalleryWriter

ROLLED_ROWS = 1 << 17
"""An open segment of so many rows is sealed although its hour goes on: whoever searches holds open
rows in memory, and a restart reads them all."""


class SegmentedFiles:
    """Segments below `root`, in galleries `<family>/<model>`; what derives says how to search.

    With a `writer` (a number of `WriterRows.lease_writer`) it may add, seal and sweep, and nobody
    else can be that writer until `close`. Without one it searches, erases, drops and compacts.
    Safe to use from several threads and processes.
    """

    def __init__(
        self,
        root: Path,
        *,
        writer: int | None,
        reserve_bytes: int,
        families: Sequence[str],
        rolled_rows: int = ROLLED_ROWS,
    ) -> None:
        """Raises `Busy` while another process is that writer."""
        self._root = root
        self._families = families
        self._rolled_rows = rolled_rows
        self._writer = writer
        self._guard = threading.Lock()
        self._maps = Maps()
        self._galleries: dict[Path, Gallery] = {}
        self._tombstones = Tombstones(root)
        with disk.translated(f"open index {root}"):
            disk.make_directory(root)
            self._hold = None if writer is None else disk.hold_writer(root, writer)
        self._reserve = disk.Reserve(root, reserve_bytes)
        self._journal = Journal(root, -1 if writer is None else writer)
        self._writers: dict[Path, GalleryWriter] = {}

    def close(self) -> None:
        """Stop being the writer; searching goes on."""
        with self._guard:
            self._writers.clear()
            if self._hold is not None:
                self._hold.release()
            self._writer = None

    def seal(self, before_ns: int) -> int:
        with self._changing("seal"):
            return sum(w.seal(before_ns, self._not_erased) for w in self._all_writers())

    def drop(self, before_ns: int) -> int:
        with self._changing("drop"):
            dropped = sum(
                upkeep.remove_ended(gallery.directory, before_ns)
                for gallery in self._all_galleries()
            )
            for writer in self._writers.values():
                writer.forget_dropped()
            return dropped

    def erase(self, camera_id: int, span: TimeSpan | None = None) -> None:
        with disk.translated(f"erase from {self._root}"):
            self._tombstones.add(camera_id, span)

    def compact(self) -> int:
        with self._changing("compact"):
            before = self._kept_bytes()
            if self._writer is not None:
                for writer in self._all_writers():
                    writer.rewrite(self._not_erased)
            for gallery in self._all_galleries():
                upkeep.remove_void(gallery.directory)
                upkeep.seal_abandoned(gallery, self._root, self._not_erased)
                upkeep.merge_groups(gallery, self._not_erased)
            self._tombstones.compact()
            return max(0, before - self._kept_bytes())

    def sweep(self, known: Known) -> int:
        """As the protocol says; call it before anything is added."""
        touched = self._journal.touched()

        def keep(camera_ids: I64, device_ns: I64, shot_ids: I64) -> Bool:
            return known_in_batches(known, shot_ids)

        with self._changing("sweep"):
            # Or what a crash left void would count again where all of its heir is cut off.
            for gallery in self._all_galleries():
                upkeep.remove_void(gallery.directory)
            cut = 0
            for writer in self._all_writers():
                cut += writer.rewrite(keep) + writer.rewrite_sealed(keep, touched)
            self._journal.clear()
            return cut

    def verify(self) -> None:
        with disk.translated(f"verify {self._root}"):
            self._tombstones.verify()
            for gallery in self._all_galleries():
                upkeep.verify(gallery)

    # --- inside -----------------------------------------------------------------------------

    def _keep(self, batch: Batch, directory: Path) -> None:
        with self._guard, disk.translated(f"add to {directory}"):
            writer = self._writer_of(self._gallery(directory))
            self._reserve.claim(batch.payload.nbytes)
            if writer.full(self._rolled_rows):  # before anything is added: it may fail
                with disk.locked(self._segments_lock):
                    writer.roll(self._rolled_rows, self._not_erased)
            writer.add(batch)

    def _allowed(self, scope: Scope) -> Windows:
        """What may be read of `scope` now."""
        return windows(scope, self._tombstones.erased())

    @contextmanager
    def _changing(self, doing: str) -> Iterator[None]:
        """Nobody else replaces or deletes files meanwhile; searches go on."""
        with (
            self._guard,
            disk.translated(f"{doing} {self._root}"),
            disk.locked(self._segments_lock),
        ):
            yield

    @property
    def _segments_lock(self) -> Path:
        """Held by whoever replaces or deletes files."""
        return self._root / "locks" / "segments.lock"

    def _gallery(self, directory: Path) -> Gallery:
        if directory not in self._galleries:
            self._galleries[directory] = Gallery(directory, self._maps)
        return self._galleries[directory]

    def _all_galleries(self) -> list[Gallery]:
        families = [self._root / family for family in self._families]
        return [
            self._gallery(directory)
            for family in families
            if family.is_dir()
            for directory in sorted(family.iterdir())
            if directory.is_dir()
        ]

    def _writer_of(self, gallery: Gallery) -> GalleryWriter:
        if self._writer is None:
            raise Conflict(f"index {self._root}: opened without a writer, nothing can be added")
        if gallery.directory not in self._writers:
            opened = GalleryWriter(gallery.listing, self._writer, self._journal)
            self._writers[gallery.directory] = opened
        return self._writers[gallery.directory]

    def _all_writers(self) -> list[GalleryWriter]:
        return [self._writer_of(gallery) for gallery in self._all_galleries()]

    def _not_erased(self, camera_ids: I64, device_ns: I64, shot_ids: I64) -> Bool:
        return ~erased_rows(camera_ids, device_ns, self._tombstones.erased())

    def _kept_bytes(self) -> int:
        return sum(upkeep.kept_bytes(gallery.directory) for gallery in self._all_galleries())
