"""Licences of pictures end: one new revision without them on that day, once, and the entry keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar.consumer import on_submission
from services.calendar.entry.arrival import receive
from services.calendar.entry.documents import parse_entry, write_entry
from services.calendar.entry.model import Entry, get_public_event
from services.calendar.entry.publication import hide_lapsed_in, lapse_pictures, make_programme_message
from services.calendar.lapse.commands import LAPSE, lapse_all
from services.calendar.review.commands import apply_command
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


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-12-31T22:59:59Z", [A, B], id="the last second of its last day in the region"),
        pytest.param("2026-12-31T23:00:00Z", [B], id="midnight in the region, before the job"),
        pytest.param("2026-07-01T21:59:59Z", [A, B], id="in summer"),
    ],
)
async def test_what_a_curator_accepts_shows_a_picture_until_midnight_in_the_region(
    calendar: Calendar, at: str, expected: list[str]
) -> None:
    await calendar.receive(make_message(submission_id="0195-a", event=PICTURED))
    state = replace(calendar.state, now=lambda: at)

    accepted = await apply_command(state, "0195-a", partial(accept, by="Anna Nowak"), seen=None)

    assert shown(accepted) == expected
    assert (accepted.revision, accepted.published_at, accepted.changed_at) == (1, at, at)
    assert await lapse(calendar, AFTER) == (len(expected) == 2)


@pytest.mark.parametrize(("at", "expected"), [("2026-12-31T22:59:59Z", [A, B]), ("2026-12-31T23:00:00Z", [B])])
async def test_a_fact_reported_at_once_shows_no_picture_of_yesterday(
    calendar: Calendar, at: str, expected: list[str]
) -> None:
    before = await publish(calendar, "0195-a", PICTURED)
    moved = PICTURED | {"dates": {"certainty": "exact", "start": "2027-09-01", "end": "2027-09-01"}}

    await on_submission(
        calendar.state.entries,
        make_message(2, submission_id="0195-a", event=moved),
        now=lambda: at,
        zone=calendar.state.region.time_zone,
        facts_at_once=frozenset({"dates"}),
    )
    after = await calendar.state.entries.find("0195-a")

    assert after
    event = get_public_event(after)
    assert (event and event.dates.start, shown(after), after.revision) == ("2027-09-01", expected, before.revision + 1)


@given(st.lists(st.one_of(st.none(), DAYS), max_size=4), DAYS)
def test_a_change_made_again_without_lapsed_pictures_is_one_change(ends: list[str | None], day: str) -> None:
    images = [picture(f"{number:064x}", end) for number, end in enumerate(ends)]
    before = make_waiting(event=make_event(images=images))

    after, messages = hide_lapsed_in(before, accept(before, by="Anna Nowak", now=LATER), day, now=LATER)

    assert shown(after) == [each["media"] for each in images if each.get("valid_until", "9999") >= day]
    assert (after.revision, after.review_number) == (before.revision + 1, before.review_number + 1)
    published = messages[0]
    assert isinstance(published, EventPublished)
    assert [each["media"] for each in published.event.get("images", [])] == shown(after)


async def test_an_event_that_is_withdrawn_meanwhile_stays_so(calendar: Calendar) -> None:
    event = make_event(images=[picture(A, "2099-01-01")])
    await publish(calendar, "0195-a", event)
    await calendar.receive(make_message(2, content=1, withdrawn=2, submission_id="0195-a", event=event))

    assert await lapse(calendar, "2099-01-02") == 0
