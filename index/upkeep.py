"""What the files of a gallery need now and then; run under the lock of the index."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from core.arrays import Bool
from core.errors import Busy
from index import disk, rewriting
from index.gallery import Gallery
from index.names import SegmentName, parsed_name, valid_names
from index.open_segment import reopen, verify_open
from index.rewriting import Keep
from index.segments import SealedSegment


def remove_void(directory: Path) -> None:
    """Delete what a crash left: unfinished sealed files, and those that others made void."""
    left = [*directory.glob("*.seg.tmp")]
    names = _names(directory)
    left += [directory / name.filename for name in sorted(set(names) - set(valid_names(names)))]
    _remove(left)


def remove_ended(directory: Path, before_ns: int) -> int:
    """Delete the segments whose hour ends before, of any writer; their number."""
    remove_void(directory)  # first, or one of them would count again
    ended = [name for name in _names(directory) if name.end_ns <= before_ns]
    _remove([directory / name.filename for name in ended])
    return len(ended)


def seal_abandoned(gallery: Gallery, root: Path, keep: Keep) -> None:
    """Seal the open segments of writers that no process is."""
    opened = [name for name in gallery.listing.fresh_names() if not name.generation]
    for writer, names in groupby(sorted(opened, key=_writer), key=_writer):
        try:
            hold = disk.hold_writer(root, writer)
        except Busy:
            continue
        try:
            for name in names:
                segment = reopen(gallery.directory / name.filename, name)
                rewriting.seal(segment, keep)
        finally:
            hold.release()


def merge_groups(gallery: Gallery, keep: Keep) -> None:
    """Rewrite the sealed segments that hold rows not to be kept, or that can become one."""
    for group in _groups(gallery.listing.fresh_names()):
        segments = [gallery.listing.now.sealed[name] for name in group]
        if len(segments) > 1 or not kept(segments[0], keep).all():
            rewriting.rewrite(segments, keep)


def kept(segment: SealedSegment, keep: Keep) -> Bool:
    """Which of its rows are to be kept, (N,)."""
    columns = segment.map().columns
    return keep(segment.table.row_cameras(), columns.device_ns, columns.shot_ids)


def verify(gallery: Gallery) -> None:
    """`StorageCorrupt` names the first segment whose checksum does not hold."""
    for name in gallery.listing.fresh_names():
        try:
            if name.generation:
                SealedSegment(gallery.directory / name.filename, name).verify()
            else:
                verify_open(gallery.directory / name.filename)
        except FileNotFoundError:
            continue  # sealed or rewritten meanwhile, and checked as it was


def kept_bytes(directory: Path) -> int:
    """What the segments take on the disk."""
    return sum((directory / name.filename).stat().st_size for name in _names(directory))


def _groups(names: Sequence[SegmentName]) -> Iterator[list[SegmentName]]:
    """Sealed names that may become one: of one hour and writer, no open serial between them."""
    for _, members in groupby(sorted(names), key=lambda name: name.group):
        group = list(members)
        sealed = [name for name in group if name.generation]
        serials = [name.first for name in group if not name.generation]
        if any(sealed[0].first < serial < sealed[-1].last for serial in serials if sealed):
            yield from ([name] for name in sealed)
        elif sealed:
            yield sealed


def _names(directory: Path) -> list[SegmentName]:
    names = (parsed_name(path.name) for path in directory.iterdir())
    return [name for name in names if name is not None]


def _writer(name: SegmentName) -> int:
    return name.writer


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        disk.remove(path)
    for directory in {path.parent for path in paths}:
        disk.sync_directory(directory)
