"""Licences of pictures end: one new revision without them on that day, once, and the entry keeps them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.calendar.entry.arrival import receive
from services.calendar.entry.documents import parse_entry, write_entry
from services.calendar.entry.model import Entry, get_public_event
from services.calendar.entry.publication import lapse_pictures, make_programme_message
from services.calendar.lapse.commands import LAPSE, lapse_all
from services.calendar.review.model import accept
from shared.jobs.model import Job
from shared.messages import EventPublished
from tests.services.calendar.builders import LATER, NOW, make_event, make_live, make_message, make_waiting
from tests.services.calendar.conftest import Calendar

LAST = date(2026, 12, 31)
AFTER = (LAST + timedelta(days=1)).isoformat()
A, B = "ab" * 32, "cd" * 32


def picture(media: str, until: str | None = None) -> dict[str, Any]:
    end = {"valid_until": until} if until else {}
    return {"media": media, "alt": {"pl": "Żagle"}, "credit": "Anna", "licence": "permission", **end}


PICTURED = make_event(images=[picture(A, LAST.isoformat()), picture(B)])


def shown(entry: Entry) -> list[str]:
    event = get_public_event(entry)
    return [each.media for each in event.images] if event else []


def test_on_its_last_day_a_picture_is_public_and_on_the_next_it_is_not() -> None:
    live = make_live(event=PICTURED)

    assert lapse_pictures(live, LAST.isoformat(), now=LATER) == (live, ())
    after, (published, _review) = lapse_pictures(live, AFTER, now=LATER)

    assert isinstance(published, EventPublished)
    assert (published.revision, published.changed_at, published.notice) == (live.revision + 1, LATER, None)
    assert published.event == make_event(images=[picture(B)])
    assert after.live == live.live, "the entry keeps what was accepted"
    assert lapse_pictures(after, AFTER, now=LATER) == (after, ())
    assert lapse_pictures(after, "2027-06-01", now=LATER) == (after, ())


def test_a_longer_licence_brings_the_picture_back() -> None:
    lapsed, _ = lapse_pictures(make_live(event=PICTURED), AFTER, now=LATER)
    longer = make_event(images=[picture(A, "2028-12-31"), picture(B)])
    waiting, messages = receive(lapsed, make_message(2, event=longer), now=LATER)
    assert [type(each).__name__ for each in messages] == ["SubmissionReviewed"]
    assert shown(waiting) == [B]

    accepted, (published, _review) = accept(waiting, by="Anna Nowak", now=LATER)

    assert isinstance(published, EventPublished)
    assert shown(accepted) == [A, B]


def test_what_is_accepted_after_the_licence_ended_does_not_show_the_picture() -> None:
    waiting = make_waiting(event=make_event(images=[picture(A, "2026-11-01")]))

    accepted, (published, _review) = accept(waiting, by="Anna Nowak", now=NOW)

    assert isinstance(published, EventPublished)
    assert published.event == make_event()
    assert shown(accepted) == []


DAYS = st.dates(date(2026, 12, 1), date(2027, 2, 28)).map(date.isoformat)


@given(st.lists(st.one_of(st.none(), DAYS), max_size=4), st.lists(DAYS, max_size=6))
def test_jobs_of_any_days_in_any_order_bring_one_revision_for_what_each_hides(
    ends: list[str | None], days: list[str]
) -> None:
    images = [picture(f"{number:064x}", end) for number, end in enumerate(ends)]
    entry = make_live(event=make_event(images=images))
    for day in days:
        before = shown(entry)
        entry, messages = lapse_pictures(entry, day, now=LATER)
        assert bool(messages) == (shown(entry) != before)
    latest = max(days, default="")

    assert shown(entry) == [each["media"] for each in images if each.get("valid_until", "9999") >= latest]
    assert parse_entry(write_entry(entry)) == entry
    message = make_programme_message(entry)
    assert isinstance(message, EventPublished)
    assert [each["media"] for each in message.event.get("images", [])] == shown(entry)


def test_entries_without_such_pictures_are_stored_as_before() -> None:
    for event in (make_event(), make_event(images=[picture(B)])):
        assert "picture_until" not in write_entry(make_live(event=event))["slot"]


async def lapse(calendar: Calendar, day: str) -> int:
    now = datetime.now(UTC)
    done = await lapse_all(calendar.state, Job(id="1", kind=LAPSE, key=day, due_at=now, created_at=now))
    return int(done["events"])


async def publish(calendar: Calendar, entry_id: str, event: dict[str, Any]) -> Entry:
    await calendar.receive(make_message(submission_id=entry_id, event=event))
    waiting = await calendar.state.entries.find(entry_id)
    assert waiting
    accepted, messages = accept(waiting, by="Anna Nowak", now=NOW)
    assert await calendar.state.entries.save(waiting, accepted, messages, at=NOW)
    return accepted


async def test_the_job_of_a_day_changes_what_lapses_once_and_nothing_else(calendar: Calendar) -> None:
    event = make_event(images=[picture(A, "2099-01-01"), picture(B)])
    before = {each: await publish(calendar, each, event) for each in ("0195-a", "0195-b")}
    await publish(calendar, "0195-c", make_event())
    await calendar.receive(make_message(submission_id="0195-d", event=event))
    find = calendar.state.entries.find

    assert await lapse(calendar, "2099-01-01") == 0
    assert await lapse(calendar, "2099-01-05") == 2, "a job that came days later loses none"
    assert await lapse(calendar, "2099-01-05") == await lapse(calendar, "2099-06-01") == 0

    for entry_id, old in before.items():
        entry = await find(entry_id)
        assert entry
        assert (entry.revision, entry.live, entry.lapsed_on) == (old.revision + 1, old.live, "2099-01-05")
        assert shown(entry) == [B]
    other, waiting = await find("0195-c"), await find("0195-d")
    assert other
    assert waiting
    assert (other.revision, waiting.revision) == (1, 0)


async def test_an_event_that_is_withdrawn_meanwhile_stays_so(calendar: Calendar) -> None:
    event = make_event(images=[picture(A, "2099-01-01")])
    await publish(calendar, "0195-a", event)
    await calendar.receive(make_message(2, content=1, withdrawn=2, submission_id="0195-a", event=event))

    assert await lapse(calendar, "2099-01-02") == 0
