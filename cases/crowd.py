"""All who passed in a scope, in the order of their UTC, as hops need them: without any evidence.

A case asks for its scope again after each verdict, and who passed there seldom changes meanwhile.
"""

import threading
from dataclasses import dataclass

import numpy as np

from cases.answers import Pursued
from cases.hops import FAMILIES, Pool, rates_of
from cases.network import CameraNetwork
from core.arrays import F64, I64
from core.clocks import NS
from core.types import ObjectClass

RATES_AROUND_S = 600.0

_FAMILY_OF = np.array([FAMILIES.index(kind.family) for kind in ObjectClass], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Passings as a pool, seconds from `origin_ns`; `sigma_s` (C,) of the network's clocks."""

    pool: Pool
    origin_ns: int
    sigma_s: F64

    @classmethod
    def of(cls, read: Pursued, network: CameraNetwork) -> "Crowd":
        """Of what was read, on the network of its scope."""
        passings, cameras = read.passings, read.passage.cameras
        origin_ns = _origin_ns(read)
        order = np.argsort(read.utc_start_ns, kind="stable")
        rows = network.row_of(passings.camera_ids[order])
        families = _FAMILY_OF[passings.class_ids[order]]
        start_s = (read.utc_start_ns[order] - origin_ns) / NS
        sigma_s = np.array(
            [cameras[int(i)].correction_at(origin_ns).sigma_s for i in network.camera_ids]
        )
        count = len(passings)
        pool = Pool(
            passings.tracklet_ids[order],
            rows,
            families,
            start_s,
            (read.utc_end_ns[order] - origin_ns) / NS,
            sigma_s[rows],
            rates_of(rows, families, start_s, (rows, families, start_s), around_s=RATES_AROUND_S),
            np.zeros(count),
            np.zeros(count, np.bool_),
        )
        return cls(pool, origin_ns, sigma_s)

    def rates(self, rows: I64, families: I64, at_s: F64) -> F64:
        """How many of these families come by these cameras a second at these times, all (M,)."""
        every = (self.pool.camera_rows, self.pool.families, self.pool.start_s)
        return rates_of(*every, (rows, families, at_s), around_s=RATES_AROUND_S)


class Crowds:
    """The crowds of the last few scopes; safe to use from several threads."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._kept: list[tuple[CameraNetwork, tuple[I64 | F64, ...], Crowd]] = []

    def of(self, read: Pursued, network: CameraNetwork) -> Crowd:
        """As `Crowd.of`; of equal passings on the same network the one that was made before."""
        asked = _all_that_counts(read, network)
        with self._guard:
            kept = list(self._kept)
        equal = (
            crowd
            for on, known, crowd in kept
            if on is network and all(map(np.array_equal, known, asked))
        )
        crowd = next(equal, None) or Crowd.of(read, network)
        with self._guard:
            others = [each for each in self._kept if each[2] is not crowd]
            self._kept = [(network, asked, crowd), *others][: self._most]
        return crowd


def _origin_ns(read: Pursued) -> int:
    return min((part.span.start_ns for part in read.passage.asked), default=0)


def _all_that_counts(read: Pursued, network: CameraNetwork) -> tuple[I64 | F64, ...]:
    """All that `Crowd.of` reads but the network; what tells two scopes apart soonest first."""
    passings, cameras, origin_ns = read.passings, read.passage.cameras, _origin_ns(read)
    sigmas = [cameras[int(i)].correction_at(origin_ns).sigma_s for i in network.camera_ids]
    return (
        np.array([origin_ns]),
        np.array(sigmas, np.float64),
        passings.tracklet_ids,
        passings.camera_ids,
        passings.class_ids.astype(np.int64),
        read.utc_start_ns,
        read.utc_end_ns,
    )
