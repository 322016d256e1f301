"""The city's streets as a map to draw: GeoJSON of pavements and carriageways."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from core.arrays import F64
from scenes.roads import PAVEMENT_M, RoadGraph


def ground_map(roads: RoadGraph) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946) of polygons, to be drawn in turn: pavements from house front
    to house front, carriageways on top. `kind` says which is which."""
    pavements = [*roads.pavements_m(), *_junctions(roads, PAVEMENT_M)]
    streets = [*roads.carriageways_m(), *_junctions(roads, 0.0)]
    kinds = [("pavement", outline) for outline in pavements]
    kinds += [("street", outline) for outline in streets]
    features = [_polygon(roads, kind, outline) for kind, outline in kinds]
    return {"type": "FeatureCollection", "features": features}


def _junctions(roads: RoadGraph, wider_m: float) -> Iterator[F64]:
    outlines: Iterable[F64] = (roads.junction_m(n, wider_m) for n in range(len(roads.nodes_m)))
    return (outline for outline in outlines if len(outline) > 2)


def _polygon(roads: RoadGraph, kind: str, outline_m: F64) -> dict[str, Any]:
    closed = np.concatenate([outline_m, outline_m[:1]])
    ring = np.round(roads.to_lon_lat(closed), 7).tolist()  # a centimetre
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"kind": kind}, "geometry": geometry}
