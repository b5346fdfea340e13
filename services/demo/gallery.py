"""Sends the demo's patterns as pictures of events, by ingest's public API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx
import stamina

from services.demo.editions import build_reference
from services.demo.patterns import draw_pattern
from services.demo.programme import Pattern, ProgrammeEvent

CREDIT: Final = "Kalendarium, generated pattern"
LICENCE: Final = "CC0-1.0"
ALTS: Final[Mapping[Pattern, Mapping[str, str]]] = {
    "waves": {
        "pl": "Wzór zastępujący zdjęcie: fale i słońce.",
        "en": "A pattern in place of a photograph: waves and a sun.",
        "de": "Ein Muster anstelle eines Fotos: Wellen und eine Sonne.",
    },
    "stripes": {
        "pl": "Wzór zastępujący zdjęcie: ukośne pasy w kolorach morza.",
        "en": "A pattern in place of a photograph: slanting stripes in the colours of the sea.",
        "de": "Ein Muster anstelle eines Fotos: schräge Streifen in den Farben des Meeres.",
    },
    "sails": {
        "pl": "Wzór zastępujący zdjęcie: żaglówki na wodzie.",
        "en": "A pattern in place of a photograph: sailing boats on the water.",
        "de": "Ein Muster anstelle eines Fotos: Segelboote auf dem Wasser.",
    },
    "rays": {
        "pl": "Wzór zastępujący zdjęcie: promienie wokół koła.",
        "en": "A pattern in place of a photograph: rays around a disc.",
        "de": "Ein Muster anstelle eines Fotos: Strahlen um einen Kreis.",
    },
}
TRY_FOR_SECONDS: Final = 15.0


def list_patterns(events: Iterable[ProgrammeEvent], year: int) -> Mapping[str, Pattern]:
    """By the reference of an edition."""
    return {build_reference(event.slug, year): event.pattern for event in events if event.pattern}


class Gallery:
    """One picture at a time: ingest reads few at once. What it cannot read here, no event shows."""

    def __init__(
        self, client: httpx.AsyncClient, ingest_url: str, patterns: Mapping[str, Pattern], *, keys: Mapping[str, str]
    ) -> None:
        self._client, self._address = client, f"{ingest_url}/ingest/api/v1/media"
        self._patterns, self._keys = patterns, keys
        self._turn = asyncio.Lock()
        self._is_open = True

    async def add_images(self, organisation: str, reference: str) -> list[dict[str, Any]]:
        """The images of an event; none once ingest has refused one, as where it may have no sandbox."""
        pattern = self._patterns.get(reference)
        if pattern is None:
            return []
        async with self._turn:
            media = await self._upload(pattern, reference, key=self._keys[organisation]) if self._is_open else None
        if media is None:
            self._is_open = False
            return []
        return [{"media": media, "alt": dict(ALTS[pattern]), "credit": CREDIT, "licence": LICENCE}]

    async def _upload(self, pattern: Pattern, seed: str, *, key: str) -> str | None:
        drawn = await asyncio.to_thread(draw_pattern, pattern, seed)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "image/png"}
        try:
            async for attempt in stamina.retry_context(on=httpx.HTTPError, attempts=None, timeout=TRY_FOR_SECONDS):
                with attempt:
                    answer = (await self._client.post(self._address, content=drawn, headers=headers)).raise_for_status()
        except httpx.HTTPError:
            return None
        media: str = answer.json()["media"]
        return media
