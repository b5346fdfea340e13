"""A chief asks one organisation for an event and takes a request back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest

from services.calendar.request.commands import MAIL_REQUEST, mail_request
from services.calendar.request.model import EventRequest
from tests.services.calendar.conftest import PASSWORD, Browser, Calendar, browser, key_of
from tests.support.nesting import list_blocks_in_spans

NEW = "/calendar/requests/new"
SLUG = "um-szczecin"


@pytest.fixture
async def chief(calendar: Calendar) -> AsyncIterator[Browser]:
    await key_of(calendar.accounts, "chief")
    await calendar.accounts.put_account(
        email="jan@example.pl",
        name="Jan Lis",
        organisation=SLUG,
        organisation_name="Szczecin",
        role="editor",
        password=PASSWORD,
    )
    opened = await browser(calendar, "chief")
    async with opened.client:
        yield opened


def make_form(calendar: Calendar) -> dict[str, object]:
    until = calendar.state.get_today() + timedelta(days=10)
    return {
        "key": str(uuid4()),
        "organisation": SLUG,
        "text": "Coś w listopadzie?",
        "until": until.isoformat(),
        "county": "3262",
    }


async def list_requests(calendar: Calendar) -> list[EventRequest]:
    return await calendar.state.requests.list_requests()


async def list_mails(calendar: Calendar) -> list[str]:
    """List the keys of the mails there are once the jobs of all requests are done."""
    for job in await calendar.state.jobs.list(MAIL_REQUEST):
        await mail_request(calendar.state, calendar.accounts, job)
    return [each.key for each in await calendar.state.mail.jobs.list("mail") if each.key.startswith("request:")]


async def test_request_whose_process_died_is_saved_and_mailed(calendar: Calendar, chief: Browser) -> None:
    await chief.send(NEW, make_form(calendar))
    (asked,) = await list_requests(calendar)
    await list_mails(calendar)
    await calendar.state.requests.collection.delete_many({})  # as if it had died after the first write
    await calendar.state.mail.mails.remove_all("jan@example.pl")

    assert await list_mails(calendar) == await list_mails(calendar) != []
    assert await list_requests(calendar) == [asked]


async def test_another_request_from_the_same_page_is_offered_as_a_second_one(
    calendar: Calendar, chief: Browser
) -> None:
    form = make_form(calendar)
    await chief.send(NEW, dict(form))

    other = await chief.send(NEW, {**form, "text": "A w grudniu?"})
    offered = re.findall(r'name="key" value="([0-9a-f-]{36})"', other.text)
    second = await chief.send(NEW, {**form, "text": "A w grudniu?", "key": offered})

    assert (other.status_code, second.status_code) == (409, 303)
    assert "A w grudniu?" in other.text
    assert {each.text for each in await list_requests(calendar)} == {"Coś w listopadzie?", "A w grudniu?"}
    assert len(await list_mails(calendar)) == 2


async def test_a_request_that_was_taken_back_is_offered_as_a_new_one_and_not_mailed(
    calendar: Calendar, chief: Browser
) -> None:
    form = make_form(calendar)
    await chief.send(NEW, dict(form))
    (asked,) = await list_requests(calendar)
    await list_mails(calendar)
    await chief.send(f"/calendar/requests/{asked.id}/take-back", {})
    await calendar.state.mail.mails.remove_all("jan@example.pl")

    again = await chief.send(NEW, dict(form))

    assert again.status_code == 409
    assert await list_mails(calendar) == []


async def test_request_is_sent_once_and_mailed_to_the_editors(calendar: Calendar, chief: Browser) -> None:
    form = make_form(calendar)

    first, second = await chief.send(NEW, dict(form)), await chief.send(NEW, dict(form))

    assert (first.status_code, second.status_code) == (303, 303)
    (asked,) = await list_requests(calendar)
    assert (asked.organisation, asked.county, asked.state) == (SLUG, "3262", "open")
    assert len(await list_mails(calendar)) == 1
    listed = await chief.read("/calendar/requests")
    assert "Coś w listopadzie?" in listed
    assert list_blocks_in_spans(listed) == []
    assert "Poproszona" in await chief.read("/calendar/board/2027?view=asked")


async def test_form_comes_back_with_all_that_is_wrong(calendar: Calendar, chief: Browser) -> None:
    refused = await chief.send(NEW, {**make_form(calendar), "organisation": "", "text": "", "until": "kiedyś"})

    page = unescape(refused.text)
    assert refused.status_code == 422
    assert all(f'href="#{field}"' in page for field in ("organisation", "text", "until"))
    assert 'value="kiedyś"' in page
    assert await list_requests(calendar) == []


async def test_request_is_taken_back_once(calendar: Calendar, chief: Browser) -> None:
    await chief.send(NEW, make_form(calendar))
    (asked,) = await list_requests(calendar)

    back = await chief.send(f"/calendar/requests/{asked.id}/take-back", {})
    again = await chief.send(f"/calendar/requests/{asked.id}/take-back", {})

    assert (back.status_code, again.status_code) == (303, 409)
    assert "Cofnięta" in await chief.read("/calendar/requests")


async def test_empty_month_of_a_county_fills_in_the_form(chief: Browser) -> None:
    page = await chief.read(f"{NEW}?county=3262")

    assert '<option value="3262" selected>' in page
