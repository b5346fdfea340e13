"""Naive baseline: FastAPI, icalendar and MongoDB; every request loads all events and builds the feed.

``python -m bench.baselines.naive_fastapi PORT MONGO_URL DATABASE``; the collection ``events`` holds ``EventPublished``
messages. Each event has the properties and texts of our feed, except for some words of the description.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Response
from icalendar import Calendar, Event
from pymongo import AsyncMongoClient

from services.runtime.server import create_server
from shared.region import load_region
from shared.settings import CommonSettings

WARSAW = ZoneInfo("Europe/Warsaw")
REGION = load_region(Path("deploy/region"))
PAGES = "https://kalendarium.example/pl/events"
ACCESSIBILITY = {"step_free": "wejście bez schodów"}


def create_app(mongo_url: str, database: str) -> FastAPI:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url)
    events = client[database]["events"]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await client.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/ready")
    async def ready() -> str:
        return "yes"

    @app.get("/programme.ics")
    async def programme() -> Response:
        found = await events.find({}, {"_id": 0}).sort("event.dates.start", 1).to_list()
        return Response(render_calendar(found), media_type="text/calendar")

    return app


def render_calendar(messages: list[dict[str, Any]]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//kalendarium.example//naive//PL")
    calendar.add("version", "2.0")
    for message in messages:
        calendar.add_component(_build_vevent(message))
    written: bytes = calendar.to_ical()
    return written


def _build_vevent(message: Mapping[str, Any]) -> Event:
    content, venue = message["event"], message["event"]["venue"]
    changed = datetime.fromisoformat(message["changed_at"])
    vevent = Event()
    vevent.add("uid", f"{message['event_id']}@kalendarium.example")
    vevent.add("dtstamp", changed)
    vevent.add("last-modified", changed)
    vevent.add("created", datetime.fromisoformat(message["published_at"]))
    vevent.add("sequence", message["revision"])
    vevent.add("status", "CONFIRMED")
    vevent.add("transp", "TRANSPARENT")
    vevent.add("x-microsoft-cdo-busystatus", "FREE")
    _add_dates(vevent, content["dates"])
    page = f"{PAGES}/{message['event_id']}"
    polish = {"LANGUAGE": "pl"}
    vevent.add("summary", content["title"]["pl"], parameters=polish)
    vevent.add("description", _describe(message, page), parameters=polish)
    vevent.add("location", _format_place(venue))
    vevent.add("geo", (venue["lat"], venue["lon"]))
    kinds = [REGION.categories[slug].get_label("pl") for slug in (content["category"], *content["also"])]
    vevent.add("categories", kinds, parameters=polish)
    vevent.add("contact", message["organiser"]["name"])
    vevent.add("url", page)
    return vevent


def _describe(message: Mapping[str, Any], page: str) -> str:
    content = message["event"]
    begin, end = (datetime.fromisoformat(content["dates"][name]) for name in ("start", "end"))
    texts = [content["summary"]["pl"], content["description"].get("pl", "")]
    facts = [
        f"Miejsce: {_format_place(content['venue'])}",
        f"Bilety: {'wstęp wolny' if content['tickets']['free'] else 'płatne'}",
        f"Dostępność: {', '.join(ACCESSIBILITY[code] for code in content['accessibility'])}",
        f"Organizator: {message['organiser']['name']}",
    ]
    links = [f"Więcej: {content['website']}", f"Więcej: {page}"]
    when = f"{begin:%A %d %B %Y}, {begin:%H:%M}–{end:%H:%M}"
    return "\n\n".join(part for part in (when, *texts, "\n".join(facts), "\n".join(links)) if part)


def _format_place(venue: Mapping[str, Any]) -> str:
    return f"{venue['name']}, {venue['street']}, {venue['postcode']} {venue['town']}"


def _add_dates(vevent: Event, dates: Mapping[str, str]) -> None:
    if "T" in dates["start"]:
        vevent.add("dtstart", datetime.fromisoformat(dates["start"]).replace(tzinfo=WARSAW))
        vevent.add("dtend", datetime.fromisoformat(dates["end"]).replace(tzinfo=WARSAW))
    else:
        vevent.add("dtstart", date.fromisoformat(dates["start"]))
        vevent.add("dtend", date.fromisoformat(dates["end"]) + timedelta(days=1))


def main() -> None:
    port, mongo_url, database = sys.argv[1:]
    create_server(create_app(mongo_url, database), CommonSettings(port=int(port)), name="the naive server").run()


if __name__ == "__main__":
    main()
