"""A chief reminds organisations: a preview first, each person once, and back again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import unescape
from uuid import uuid4

import pytest

from shared.jobs.model import Job
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
    assert all(each.due_at > each.created_at for each in mails)


async def test_reminder_is_called_back_before_it_leaves(calendar: Calendar, chief: Browser) -> None:
    key = str(uuid4())
    await chief.send(REMINDER, {"organisation": [SLUG], "act": "send", "key": key})
    assert f"{REMINDER}/{key}/call-back" in await chief.read("/calendar/board/2027")

    back = await chief.send(f"{REMINDER}/{key}/call-back", {})
    again = await chief.send(f"{REMINDER}/{key}/call-back", {})

    assert (back.status_code, again.status_code) == (303, 409)
    assert await list_mails(calendar) == []


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
