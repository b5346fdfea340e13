"""Baselines do the same work as the product."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec
import pytest
from icalendar import Calendar

from bench.baselines.bare_asgi import BareAsgi
from bench.baselines.naive_fastapi import render_calendar
from bench.baselines.responses import load_responses, save_responses
from bench.client import Response
from bench.events import make_published
from services.distribution.formats import Site, create_formats
from shared.region import load_region


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers"


async def test_the_bare_server_gives_the_answer_that_was_kept(file: Path) -> None:
    save_responses({"/whole": Response(200, {"etag": '"a"', "date": "today", "content-length": "2"}, b"hi")}, file)

    transport = httpx.ASGITransport(BareAsgi(load_responses(file)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bare.test") as client:
        answer = await client.get("/whole")

    assert (answer.status_code, dict(answer.headers), answer.content) == (
        200,
        {"etag": '"a"', "content-length": "2"},
        b"hi",
    )


def test_the_naive_calendar_holds_every_event() -> None:
    region = load_region(Path(__file__).parents[2] / "deploy" / "region")
    messages = [msgspec.to_builtins(make_published(number, region)) for number in range(20)]

    calendar = Calendar.from_ical(render_calendar(messages))

    assert [str(event["UID"]) for event in calendar.events] == [
        f"{message['event_id']}@kalendarium.example" for message in messages
    ]


def test_the_naive_calendar_is_as_long_as_ours_and_has_the_same_properties() -> None:
    region = load_region(Path(__file__).parents[2] / "deploy" / "region")
    messages = [make_published(number, region) for number in range(200)]
    naive = render_calendar([msgspec.to_builtins(message) for message in messages])
    form = create_formats(Site(region, "https://kalendarium.example"))["ics"]
    ours = b"".join(form.render_event(message, "pl") for message in messages)

    assert 0.95 < len(naive) / len(ours) < 1.05
    assert properties(naive) == properties(b"BEGIN:VCALENDAR\r\n" + ours + b"END:VCALENDAR\r\n")


def properties(calendar: bytes) -> set[tuple[str, ...]]:
    """Name the properties of the first event, each with its parameters."""
    first = Calendar.from_ical(calendar).events[0]
    return {(name, *getattr(each, "params", ())) for name, each in first.property_items(recursive=False)}
