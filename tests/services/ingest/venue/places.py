"""Places of a register, as tests need them."""

from __future__ import annotations

from typing import Any

from services.ingest.venue.model import RegisteredVenue
from tests.services.ingest.conftest import Ingest

API = "/ingest/api/v1/venues"


def make_venue(name: str = "Zamek Książąt Pomorskich", **changes: Any) -> RegisteredVenue:  # noqa: ANN401 - fields of all kinds
    fields: dict[str, Any] = {
        "id": name,
        "name": name,
        "street": "ul. Korsarzy 34",
        "town": "Szczecin",
        "county": "3262",
        "lat": 53.4262,
        "lon": 14.5602,
        "organisation": "lot-szczecin",
        "created_at": "2026-11-30T10:00:00.000Z",
    } | changes
    return RegisteredVenue(**fields)


def make_place(name: str = "Zamek Książąt Pomorskich", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of all kinds
    """As the API takes it."""
    fields: dict[str, Any] = {"name": name, "street": "ul. Korsarzy 34", "town": "Szczecin", "county": "3262"}
    return fields | {"lat": 53.4262, "lon": 14.5602} | changes


async def add(ingest: Ingest, name: str = "Zamek Książąt Pomorskich", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of all kinds
    answer = await ingest.lot.post(API, json=make_place(name, **changes), params={"again": "true"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
