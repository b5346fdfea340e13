"""Distance of two places. Pure."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_KM: Final = 6371.0

Point = tuple[float, float]
"""Latitude and longitude in WGS 84 degrees."""


def compute_distance_km(one: Point, other: Point) -> float:
    """Great-circle distance (haversine)."""
    (lat, lon), (other_lat, other_lon) = [(radians(each[0]), radians(each[1])) for each in (one, other)]
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))
