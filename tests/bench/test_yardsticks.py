"""The yardsticks: they do what they are compared for."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec
import pytest
from icalendar import Calendar

from bench.client import Answer
from bench.events import published
from bench.yardsticks.answers import keep, kept
from bench.yardsticks.bare_asgi import BareAsgi
from bench.yardsticks.naive_fastapi import calendar_of
from services.distribution.formats import Imprint, formats_of
from shared.region import load_region


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers"


async def test_the_bare_server_gives_the_answer_that_was_kept(file: Path) -> None:
    keep({"/whole": Answer(200, {"etag": '"a"', "date": "today", "content-length": "2"}, b"hi")}, file)

    transport = httpx.ASGITransport(BareAsgi(kept(file)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bare.test") as client:
        answer = await client.get("/whole")

    assert (answer.status_code, dict(answer.headers), answer.content) == (
        200,
        {"etag": '"a"', "content-length": "2"},
        b"hi",
    )


def test_the_naive_calendar_holds_every_event() -> None:
    region = load_region(Path(__file__).parents[2] / "deploy" / "region")
    messages = [msgspec.to_builtins(published(number, region)) for number in range(20)]

    calendar = Calendar.from_ical(calendar_of(messages))

    assert [str(event["UID"]) for event in calendar.events] == [
        f"{message['event_id']}@kalendarium.example" for message in messages
    ]


def test_the_naive_calendar_is_as_long_as_ours_and_has_the_same_properties() -> None:
    region = load_region(Path(__file__).parents[2] / "deploy" / "region")
    messages = [published(number, region) for number in range(200)]
    naive = calendar_of([msgspec.to_builtins(message) for message in messages])
    form = formats_of(Imprint(region, "https://kalendarium.example"))["ics"]
    ours = b"".join(form.block(message, "pl") for message in messages)

    assert 0.95 < len(naive) / len(ours) < 1.05
    assert properties(naive) == properties(b"BEGIN:VCALENDAR\r\n" + ours + b"END:VCALENDAR\r\n")


def properties(calendar: bytes) -> set[tuple[str, ...]]:
    """Name the properties of the first event, each with its parameters."""
    first = Calendar.from_ical(calendar).events[0]
    return {(name, *getattr(each, "params", ())) for name, each in first.property_items(recursive=False)}
