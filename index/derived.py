"""What is worked out from all payloads of a segment when it is sealed, by their type."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from index.codes import Scale, fitted
from index.plates.postings import postings_of
from index.segments import VECTOR, Array, Head, Payloads


def derived(head: Head, payloads: Payloads) -> tuple[Head, Mapping[str, Payloads]]:
    """The head of the sealed file, and the further columns that it now tells of."""
    if head.payload == VECTOR:
        return _codes(head, payloads)
    return _postings(head, payloads)


def _codes(head: Head, vectors: Payloads) -> tuple[Head, Mapping[str, Payloads]]:
    scale, error = fitted(vectors)
    told = replace(head, code_low=scale.low, code_width=scale.width, code_error=error)
    return told, {"codes": partial(_encoded, scale, vectors)}


def _encoded(scale: Scale, vectors: Payloads) -> Iterator[Array]:
    return map(scale.encoded, vectors())


def _postings(head: Head, packed: Payloads) -> tuple[Head, Mapping[str, Payloads]]:
    columns = postings_of(packed(), head.rows)
    told = tuple((name, column.dtype.str, column.size) for name, column in columns.items())
    return replace(head, derived=told), {
        name: partial(iter, (column,)) for name, column in columns.items()
    }
