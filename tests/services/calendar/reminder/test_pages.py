"""A chief reminds organisations: a preview first, each person once, and back again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest

from services.calendar.reminder.commands import SEND_REMINDER, mail_reminder
from services.calendar.reminder.model import MAX_CHOSEN
from shared.accounts.organisations import OrganisationRecord
from shared.jobs.model import Job
from shared.web.forms import MAX_FIELDS
from tests.services.calendar.conftest import PASSWORD, Browser, Calendar, browser, key_of

REMINDER = "/calendar/board/2027/reminder"
SLUG = "um-szczecin"


@pytest.fixture
async def chief(calendar: Calendar) -> AsyncIterator[Browser]:
    await key_of(calendar.accounts, "chief")
    for email in ("a@example.pl", "b@example.pl"):
        await calendar.accounts.put_account(
            email=email,
            name="Jan Lis",
            organisation=SLUG,
            organisation_name="LOT Szczecin",
            role="editor",
            password=PASSWORD,
        )
    opened = await browser(calendar, "chief")
    async with opened.client:
        yield opened


async def list_mails(calendar: Calendar) -> list[Job]:
    """List the mails there are once all reminders are due."""
    for job in await calendar.state.jobs.list(SEND_REMINDER):
        await mail_reminder(calendar.state, calendar.accounts, job)
    return [each for each in await calendar.state.mail.jobs.list("mail") if each.key.startswith("reminder:")]


async def test_preview_shows_a_real_mail_and_sends_nothing(calendar: Calendar, chief: Browser) -> None:
    shown = await chief.send(REMINDER, {"organisation": [SLUG], "text": "Czekamy na Żagle."})

    page = unescape(shown.text)
    assert shown.status_code == 200
    assert "Czekamy na Żagle." in page
    assert "2 maile" in page
    assert await list_mails(calendar) == []


async def test_double_click_sends_once_to_each(calendar: Calendar, chief: Browser) -> None:
    form = {"organisation": [SLUG], "act": "send", "key": str(uuid4()), "text": ""}

    first, second = await chief.send(REMINDER, dict(form)), await chief.send(REMINDER, dict(form))

    assert (first.status_code, second.status_code) == (303, 303)
    mails = await list_mails(calendar)
    assert len(mails) == 2
    assert {each.payload["list"] for each in mails} == {"reminders"}
    (job,) = await calendar.state.jobs.list(SEND_REMINDER)
    assert job.due_at - job.created_at > timedelta(minutes=9)


async def test_reminder_is_called_back_before_it_leaves(calendar: Calendar, chief: Browser) -> None:
    key = str(uuid4())
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": key})
    assert f"{REMINDER}/{key}/call-back" in await chief.read("/calendar/board/2027")

    back = await chief.send(f"{REMINDER}/{key}/call-back", {})
    again = await chief.send(f"{REMINDER}/{key}/call-back", {})

    assert (back.status_code, again.status_code) == (303, 409)
    assert await list_mails(calendar) == []


async def test_mails_of_a_reminder_whose_process_died_leave_and_it_is_on_the_board(
    calendar: Calendar, chief: Browser
) -> None:
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": str(uuid4())})
    (sent,) = await calendar.state.reminders.list_latest(2027)
    await calendar.state.reminders.collection.delete_many({})  # as if it had died after the first write

    assert len(await list_mails(calendar)) == 2
    assert len(await list_mails(calendar)) == 2, "a repeat after another crash"
    (saved,) = await calendar.state.reminders.list_latest(2027)
    assert (saved.people, saved.due_at) == (sent.people, sent.due_at)


async def test_another_reminder_from_the_same_page_is_offered_as_a_second_one(
    calendar: Calendar, chief: Browser
) -> None:
    key = str(uuid4())
    form = {"organisation": [SLUG], "act": "send", "key": key, "text": "Czekamy na Żagle."}
    await chief.send(REMINDER, dict(form))

    other = await chief.send(REMINDER, {**form, "text": "Czekamy na Regaty."})
    offered = re.findall(r'name="key" value="([0-9a-f-]{36})"', other.text)
    second = await chief.send(REMINDER, {**form, "text": "Czekamy na Regaty.", "key": offered, "again": "1"})

    assert (other.status_code, second.status_code) == (409, 303)
    assert "Czekamy na Regaty." in other.text
    assert offered not in ([], [key])
    texts = [each.payload["text"] for each in await list_mails(calendar)]
    assert [sum(name in each for each in texts) for name in ("Żagle.", "Regaty.")] == [2, 2]


async def test_a_reminder_that_was_called_back_is_offered_as_a_new_one(calendar: Calendar, chief: Browser) -> None:
    key = str(uuid4())
    form = {"organisation": [SLUG], "act": "send", "key": key, "text": "Czekamy."}
    await chief.send(REMINDER, dict(form))
    await chief.send(f"{REMINDER}/{key}/call-back", {})

    again = await chief.send(REMINDER, dict(form))

    assert again.status_code == 409
    assert "Czekamy." in again.text
    assert await list_mails(calendar) == []


async def test_a_reminder_that_leaves_cannot_be_called_back(calendar: Calendar, chief: Browser) -> None:
    key = str(uuid4())
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": key})
    await list_mails(calendar)

    assert (await chief.send(f"{REMINDER}/{key}/call-back", {})).status_code == 409
    assert len(await list_mails(calendar)) == 2


async def test_who_left_the_list_is_named_as_left_out(calendar: Calendar, chief: Browser) -> None:
    signer = await calendar.state.mail.get_signer()
    for email in ("a@example.pl", "b@example.pl"):
        await calendar.state.mail.addresses.unsubscribe(signer.derive_key(email), "reminders")

    shown = await chief.send(REMINDER, {"organisation": [SLUG], "act": "send"})

    assert shown.status_code == 422
    assert "nie chcą przypomnień" in unescape(shown.text)


async def test_none_ticked_is_asked_for(chief: Browser) -> None:
    shown = await chief.send(REMINDER, {})

    assert shown.status_code == 422
    assert "Zaznacz co najmniej jedną organizację." in unescape(shown.text)


async def test_long_words_come_back(calendar: Calendar, chief: Browser) -> None:
    shown = await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "text": "ż" * 1_001})

    assert shown.status_code == 422
    assert "ż" * 1_001 in unescape(shown.text)
    assert await list_mails(calendar) == []


async def test_who_was_reminded_is_marked_and_left_out_unless_chosen(calendar: Calendar, chief: Browser) -> None:
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": str(uuid4())})
    form = {"organisation": [SLUG], "key": str(uuid4())}

    shown = unescape((await chief.send(REMINDER, dict(form))).text)
    refused = await chief.send(REMINDER, {**form, "act": "send"})
    again = await chief.send(REMINDER, {**form, "act": "send", "again": "1", "people": "2"})

    assert "Jan Lis, " in shown
    assert "Przypomniano w ciągu ostatnich trzech dni: 2" in shown
    assert refused.status_code == 422
    assert again.status_code == 303
    assert len(await list_mails(calendar)) == 4


async def test_a_reminder_that_was_called_back_holds_nobody_off(calendar: Calendar, chief: Browser) -> None:
    key = str(uuid4())
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": key})
    await chief.send(f"{REMINDER}/{key}/call-back", {})

    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": str(uuid4())})

    assert len(await list_mails(calendar)) == 2


async def test_all_of_the_filter_are_reminded_however_many(calendar: Calendar, chief: Browser) -> None:
    many = [OrganisationRecord(f"lot-{number}", f"LOT {number}", "LOT", "3262") for number in range(MAX_FIELDS)]
    await calendar.state.organisations.seed(many)
    form = {"all": "1", "filter": "?view=nothing_sent&county=3262", "key": str(uuid4())}

    board = await chief.read("/calendar/board/2027?view=nothing_sent&county=3262")
    shown = unescape((await chief.send(REMINDER, dict(form))).text)
    people = re.findall(r'name="people" value="(\d+)"', shown)
    sent = await chief.send(REMINDER, {**form, "act": "send", "people": people})
    elsewhere = await chief.send(REMINDER, {**form, "filter": "?county=3201", "key": str(uuid4()), "act": "send"})

    assert 'name="filter" value="?view=nothing_sent&county=3262"' in unescape(board)
    assert 'name="filter" value="?view=nothing_sent&county=3262"' in shown
    assert 'name="organisation"' not in shown
    assert (sent.status_code, elsewhere.status_code) == (303, 422)
    assert [str(len(await list_mails(calendar)))] == people


async def test_another_number_of_mails_than_was_shown_is_shown_first(calendar: Calendar, chief: Browser) -> None:
    form = {"organisation": [SLUG], "act": "send", "key": str(uuid4()), "text": "Czekamy."}

    refused = await chief.send(REMINDER, {**form, "people": "3"})

    assert refused.status_code == 422
    assert "W międzyczasie są to 2 maile." in unescape(refused.text)
    assert "Czekamy." in refused.text
    assert await list_mails(calendar) == []


async def test_more_ticks_than_a_reminder_takes_are_refused_and_not_cut(calendar: Calendar, chief: Browser) -> None:
    slugs = [f"lot-{number}" for number in range(MAX_CHOSEN)]

    refused = await chief.send(REMINDER, {"organisation": [*slugs, SLUG], "act": "send"})

    assert refused.status_code == 422
    assert await list_mails(calendar) == []
