"""Events in every state that a page can show, put there as people would: through the public APIs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.browser.kalendarium import Kalendarium
from tests.support.clients import Curator, Editor, Keys, Reader, Submission, eventually, people

REGATTA: Final[Mapping[str, Any]] = {
    "summary": {
        "pl": "Trzy dni żeglowania po jeziorze Jamno, z pokazem świateł na zakończenie.",
        "de": "Drei Tage Segeln auf dem Jamno-See, zum Abschluss eine Lichtschau.",
        "en": "Three days of sailing on Lake Jamno, with a light show at the end.",
    },
    "description": {
        "pl": "Starty codziennie o dziesiątej z przystani w Mielnie.\n\nW sobotę wieczorem koncert na plaży.",
        "de": "Start täglich um zehn Uhr vom Hafen in Mielno.\n\nAm Samstagabend Konzert am Strand.",
    },
    "category": "maritime",
    "also": ["family"],
    "venue": {
        "name": "Przystań nad Jamnem",
        "street": "ul. 6 Marca 2",
        "postcode": "76-032",
        "town": "Mielno",
        "county": "3209",
        "lat": 54.25,
        "lon": 16.06,
    },
    "website": "https://regaty.example.pl/jamno",
    "tickets": {"free": False, "price": {"pl": "20 zł, dzieci bez opłat"}, "url": "https://bilety.example.pl/jamno"},
    "accessibility": ["step_free", "accessible_toilet"],
    "contact": {"name": "Anna Żak", "email": "biuro@example.pl", "phone": "+48 94 123 45 67"},
}
"""Everything that an event may have, but for its title and dates."""
SLIPPED: Final[Mapping[str, Any]] = {"name": "Szkutnia", "town": "Mielno", "county": "3261", "lat": 16.06, "lon": 54.25}
"""A venue that breaks no rule and cannot be right: another county, and its coordinates swapped."""


def make_regatta(year: int, title: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    """Three days in August with every field filled; a field given as None is left out."""
    dates = {"certainty": "exact", "start": f"{year}-08-20", "end": f"{year}-08-22"}
    event = {**REGATTA, "title": {"pl": title, "de": f"{title} (de)"}, "dates": dates, **changes}
    return {name: value for name, value in event.items() if value is not None}


@dataclass(frozen=True)
class Scene:
    """Ids of events by the state in which they are.

    Those of the organisation have every field; ``public`` is on exact days, ``waiting`` at a venue to be asked about.
    ``provisional``, ``month``, ``season`` and ``longest`` (by its title) are of the region's programme. ``venue`` is a
    place of the register with a possible twin, ``style_guide`` the address of the style guide's own server.
    """

    public: str
    cancelled: str
    withdrawn: str
    waiting: str
    changed: str
    reported: str
    changes_requested: str
    rejected: str
    provisional: str
    month: str
    season: str
    longest: str
    venue: str
    style_guide: str


async def stage(kalendarium: Kalendarium, style_guide: str) -> Scene:
    """Put one event into each state and wait until everybody knows."""
    keys = Keys(kalendarium.logins["editor"].api_key, kalendarium.logins["curator"].api_key)
    url = kalendarium.url
    async with people(keys, ingest=url, calendar=url, public=url) as (editor, curator, reader):
        stand = _Stand(kalendarium.year, editor, curator, reader)
        async with asyncio.TaskGroup() as group:
            found = {
                "public": group.create_task(stand.public("Regaty o Puchar Jamna")),
                "cancelled": group.create_task(stand.cancelled("Parada jachtów w Mielnie")),
                "withdrawn": group.create_task(stand.withdrawn("Dzień otwartej przystani")),
                "waiting": group.create_task(stand.waiting("Warsztaty szkutnicze", venue=SLIPPED)),
                "changed": group.create_task(stand.changed("Święto latawców w Unieściu")),
                "reported": group.create_task(stand.reported("Nocny spływ kajakowy")),
                "changes_requested": group.create_task(stand.changes_requested("Jarmark rybacki")),
                "rejected": group.create_task(stand.rejected("Zebranie klubu żeglarskiego")),
            }
        own = {state: task.result().id for state, task in found.items()}
        of_the_programme = await stand.of_the_programme(besides=set(own.values()))
        venue = await stand.venue()
        return Scene(**own, **of_the_programme, venue=venue, style_guide=style_guide)


class _Stand:
    """Brings events into a state: what an editor and a curator do for it."""

    def __init__(self, year: int, editor: Editor, curator: Curator, reader: Reader) -> None:
        self._year = year
        self._editor = editor
        self._curator = curator
        self._reader = reader

    async def venue(self) -> str:
        """Add two places to the register that may be the same, and give the id of the first."""
        words = {**REGATTA["venue"], "name": "Przystań żeglarska"}
        found = []
        for name in (words["name"], "Przystań jachtowa nad Jamnem"):
            place = {**words, "name": name}
            answer = await self._editor.http.post("/ingest/api/v1/venues?again=true", json=place)
            found.append(str(answer.raise_for_status().json()["id"]))
        return found[0]

    async def waiting(self, title: str, **changes: Any) -> Submission:  # noqa: ANN401 - an event's fields are of all kinds
        sent = await self._editor.send(make_regatta(self._year, title, **changes))
        await self._arrives(sent)
        return sent

    async def public(self, title: str) -> Submission:
        sent = await self.waiting(title)
        await self._curator.accept(sent.id)
        assert await eventually(lambda: self._editor.state_of(sent.id), "accepted") == "accepted"
        await self._is_answered(sent, 200)
        return sent

    async def cancelled(self, title: str) -> Submission:
        sent = await self._editor.cancel(await self.public(title))
        assert await eventually(lambda: self._is_called_off(sent.id), expected=True)
        return sent

    async def withdrawn(self, title: str) -> Submission:
        sent = await self._editor.withdraw(await self.public(title))
        await self._is_answered(sent, 410)
        return sent

    async def changed(self, title: str) -> Submission:
        """Send an edit of a public event: texts, dates and the place differ."""
        event = make_regatta(
            self._year,
            title,
            summary={"pl": "Dwa dni żeglowania po jeziorze Jamno, z koncertem na zakończenie."},
            dates={
                "certainty": "provisional",
                "start": f"{self._year}-08-21T10:00",
                "end": f"{self._year}-08-22T18:00",
            },
            venue={"name": "Plaża w Unieściu", "town": "Mielno", "county": "3209"},
            website=None,
            tickets={"free": True},
        )
        sent = await self._editor.edit(await self.public(title), event)
        await self._arrives(sent)
        return sent

    async def reported(self, title: str) -> Submission:
        """Send an edit of a public event that changes nothing but its dates: it is shown at once, marked."""
        dates = {"certainty": "exact", "start": f"{self._year}-08-21", "end": f"{self._year}-08-23"}
        sent = await self._editor.edit(await self.public(title), make_regatta(self._year, title, dates=dates))
        await self._arrives(sent)
        return sent

    async def changes_requested(self, title: str) -> Submission:
        sent = await self.waiting(title)
        await self._curator.request_changes(sent.id, "Podaj godzinę otwarcia i nazwę przystani.")
        assert await eventually(lambda: self._editor.state_of(sent.id), "changes_requested") == "changes_requested"
        return sent

    async def rejected(self, title: str) -> Submission:
        sent = await self.waiting(title)
        await self._curator.reject(sent.id, reason="not_touristic")
        assert await eventually(lambda: self._editor.state_of(sent.id), "rejected") == "rejected"
        return sent

    async def of_the_programme(self, *, besides: set[str]) -> dict[str, str]:
        """Find an event of each certainty in the region's programme, and the one with the longest title."""
        answer = await self._reader.http.get("/api/v1/events", params={"limit": "200"})
        events = {each["id"]: each["event"] for each in answer.json()["items"] if each["id"] not in besides}
        longest = max(events, key=lambda event_id: len(events[event_id]["title"]["pl"]))
        found = {event["dates"]["certainty"]: event_id for event_id, event in events.items()} | {"longest": longest}
        found.pop("exact", None)  # what another test has sent in; the programme's own have none
        return found

    async def _arrives(self, sent: Submission) -> None:
        async def version() -> int | None:
            return (await self._curator.waiting()).get(sent.id)

        assert await eventually(version, sent.version) == sent.version

    async def _is_answered(self, sent: Submission, status: int) -> None:
        async def answered() -> int:
            return (await self._reader.page(sent.id)).status_code

        assert await eventually(answered, status) == status

    async def _is_called_off(self, event_id: str) -> bool:
        return (await self._reader.events())[event_id].status == "cancelled"
