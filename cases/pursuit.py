"""What a reconstruction reads behind the door: little of everything, much of what is shown.

A scope holds 100,000 tracklets and more. Of all of them only who was where and when is read; boxes,
shots and plates only of those that people decided on, and of the few hundred that are shown.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from cases.answers import (
    Found,
    Passage,
    Pursued,
    Pursuit,
    Rows,
    Traced,
    VectorsOf,
)
from cases.shelves import Shelves
from core.arrays import I64
from core.errors import TooLarge
from core.types import Passings, VectorRows

MAX_SHOWN = 1000
"""Tracklets shown of one pursuit."""


def pursued(shelves: Shelves, passage: Passage, asked: Pursuit) -> Pursued:
    """What `asked` names, each step knowing what the ones before it read."""
    read = _light(shelves, passage, asked)
    traced = read.traced
    if asked.near_of is not None:
        read = replace(read, near=_vectors(shelves, passage, asked.near_of(read)))
    if asked.choose is None:
        return read
    chosen = list(dict.fromkeys(asked.choose(read)))
    if len(chosen) > MAX_SHOWN:
        raise TooLarge(f"pursuit: want at most {MAX_SHOWN} tracklets to show, got {len(chosen)}")
    plate_ids = [hit.plate_id for hit in read.found.plate_hits if hit.tracklet_id in set(chosen)]
    rows = shelves.rows(passage.scope, chosen)
    rows = replace(rows, plates=shelves.plates_of(passage.scope, chosen, plate_ids))
    epochs = {**traced.epochs, **shelves.epochs(passage, rows)}
    return replace(
        read, found=replace(read.found, rows=rows), traced=replace(traced, epochs=epochs)
    )


def _vectors(
    shelves: Shelves, passage: Passage, vectors_of: Sequence[VectorsOf]
) -> tuple[VectorRows, ...]:
    return tuple(
        shelves.vectors.rows(passage.scope, family, model, np.array(ids, np.int64))
        for family, model, ids in vectors_of
    )


def _light(shelves: Shelves, passage: Passage, asked: Pursuit) -> Pursued:
    """Hits without their rows, and meanwhile the rows of the ids asked for and all passings of the
    scope: the index and the rows are different stores, and each takes about as long."""

    def pass_by() -> tuple[Passings, tuple[I64, I64]]:
        passings = shelves.store.tracks.passings(passage.scope)
        ends = passage.utc_ends(passings)
        if asked.passed is not None:
            asked.passed(passage, passings, ends)
        return passings, ends

    def trace() -> Traced:
        traced = shelves.traced(passage, asked.tracklet_ids)
        if asked.prepare is not None:
            asked.prepare(passage, traced.coverage)
        return traced

    with ThreadPoolExecutor(2, "pursuit") as others:
        passing = others.submit(pass_by)
        tracing = others.submit(trace)
        vectors = _vectors(shelves, passage, asked.vectors_of)
        wanted = asked.wanted
        if asked.queries_of is not None:
            wanted = replace(wanted, queries=asked.queries_of(vectors))
        hits, plate_hits = shelves.hits(passage, wanted)
        (passings, utc_ends), traced = passing.result(), tracing.result()
    plates = {}
    if wanted.plate is not None:  # each hit's plate counts, whichever way it was found
        ids = {int(i) for hit in hits for i in hit.ids.flat if i >= 0}
        ids |= {hit.tracklet_id for hit in plate_hits}
        plates = shelves.plates_of(passage.scope, ids, [hit.plate_id for hit in plate_hits])
    found = Found(passage, hits, Rows({}, {}, plates), traced.coverage, plate_hits)
    return Pursued(passage, found, passings, *utc_ends, vectors, traced)
