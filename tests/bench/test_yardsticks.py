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
