"""From the question by mail to the confirmed event: one click, without a log-in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from services.ingest.confirmation.commands import ASK, ask
from services.ingest.submission.model import Review
from shared.accounts.organisations import OrganisationRecord
from shared.jobs.model import Job
from shared.mail.model import StoredMail
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in

API = "/ingest/api/v1/submissions"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def find_monday(ingest: Ingest) -> date:
    today = ingest.state.get_today()
    return today - timedelta(days=today.weekday())


async def publish(ingest: Ingest, start: date, **changes: Any) -> str:  # noqa: ANN401 - an event's fields
    """Send an event and let a curator's acceptance arrive."""
    dates = {"certainty": "exact", "start": start.isoformat(), "end": start.isoformat()}
    made = (await ingest.lot.post(API, json=make_event(dates=dates, **changes))).json()
    accepted = Review(2, 1, "accepted", None, None, 1, ingest.state.now(), 1, "confirmed")
    await ingest.state.submissions.apply_review(made["id"], accepted)
    found: str = made["id"]
    return found


async def run_question(ingest: Ingest) -> list[StoredMail]:
    now = datetime.now(UTC)
    job = Job(id="1", kind=ASK, key=find_monday(ingest).isoformat(), due_at=now, created_at=now)
    await ask(ingest.state, ingest.app.state.accounts, job)
    return [each.mail for each in await ingest.state.mail.mails.list()]


def find_link(mail: StoredMail) -> str:
    found = re.search(r"http://ingest\.test(/ingest/still-right/\S+)", mail.text)
    assert found is not None
    return found[1]


async def read(ingest: Ingest, submission_id: str) -> Any:  # noqa: ANN401 - JSON
    return (await ingest.lot.get(f"{API}/{submission_id}")).json()


async def test_one_mail_names_the_events_of_an_organisation_in_four_weeks(ingest: Ingest) -> None:
    monday = find_monday(ingest)
    await publish(ingest, monday + timedelta(days=22))
    await publish(ingest, monday + timedelta(days=28), title={"pl": "Dni Morza"})
    await publish(ingest, monday + timedelta(days=29), title={"pl": "Za daleko"})

    (mail,) = await run_question(ingest)
    await run_question(ingest)

    assert len(await ingest.state.mail.mails.list()) == 1
    assert mail.to.email == "lot@example.pl"
    assert "Żagle" in mail.text
    assert "Dni Morza" in mail.text
    assert "Za daleko" not in mail.text


async def test_one_click_confirms_all_without_a_log_in(ingest: Ingest) -> None:
    submission_id = await publish(ingest, find_monday(ingest) + timedelta(days=25))
    (mail,) = await run_question(ingest)
    link = find_link(mail)

    shown = await ingest.nobody.get(link)
    before = (await read(ingest, submission_id))["version"]
    done = await ingest.nobody.post(link, headers=SAME_ORIGIN, data={})
    again = await ingest.nobody.post(link, headers=SAME_ORIGIN, data={})

    confirmed = await ingest.nobody.get(done.headers["location"], headers={"Accept-Language": "pl"})

    stored = await ingest.state.submissions.find_any(submission_id)
    assert "Dziękujemy, potwierdzone" in confirmed.text
    assert "Wszystko aktualne</button>" not in confirmed.text
    assert (shown.status_code, done.status_code, again.status_code) == (200, 303, 303)
    assert before == 1
    assert stored is not None
    assert stored.submission.version == 2
    assert stored.submission.is_confirmed
    assert stored.history[-1].what == "confirmed"


async def test_a_week_without_its_monday_is_asked_on_another_day(ingest: Ingest) -> None:
    await publish(ingest, find_monday(ingest) + timedelta(days=25))
    now = datetime.now(UTC)

    for days in (2, 3):
        key = (find_monday(ingest) + timedelta(days=days)).isoformat()
        await ask(ingest.state, ingest.app.state.accounts, Job(id="1", kind=ASK, key=key, due_at=now, created_at=now))

    assert len(await ingest.state.mail.mails.list()) == 1


async def test_an_organisation_that_was_closed_is_not_asked(ingest: Ingest) -> None:
    await publish(ingest, find_monday(ingest) + timedelta(days=25))
    organisations = ingest.app.state.accounts.organisations
    await organisations.add(OrganisationRecord("lot-szczecin", "LOT Szczecin", "LOT", "3262"))
    await organisations.close("lot-szczecin")

    assert await run_question(ingest) == []


async def test_opening_the_link_confirms_nothing(ingest: Ingest) -> None:
    submission_id = await publish(ingest, find_monday(ingest) + timedelta(days=25))
    (mail,) = await run_question(ingest)

    await ingest.nobody.get(find_link(mail))

    assert (await read(ingest, submission_id))["version"] == 1


async def test_a_link_does_not_outlive_the_role_of_its_reader(ingest: Ingest) -> None:
    await publish(ingest, find_monday(ingest) + timedelta(days=25))
    (mail,) = await run_question(ingest)
    await ingest.accounts.disable("lot@example.pl")

    answer = await ingest.nobody.get(find_link(mail))

    assert answer.status_code == 410
    assert "Żagle" not in answer.text


async def test_a_link_that_is_cut_off_says_what_to_do(ingest: Ingest) -> None:
    answer = await ingest.nobody.get("/ingest/still-right/20270301.lot", headers={"Accept-Language": "pl"})

    assert answer.status_code == 410
    assert "Zaloguj się" in answer.text


async def test_a_form_of_another_site_confirms_nothing(ingest: Ingest) -> None:
    submission_id = await publish(ingest, find_monday(ingest) + timedelta(days=25))
    (mail,) = await run_question(ingest)

    answer = await ingest.nobody.post(find_link(mail), headers={"Sec-Fetch-Site": "cross-site"}, data={})

    assert answer.status_code == 403
    assert (await read(ingest, submission_id))["version"] == 1


async def test_an_editor_confirms_on_the_page_of_the_submission(ingest: Ingest) -> None:
    submission_id = await publish(ingest, find_monday(ingest) + timedelta(days=25))
    browser: httpx.AsyncClient = await logged_in(ingest)
    address = f"/ingest/submissions/{submission_id}"
    form = inputs((await browser.get(address)).text)

    await browser.post(f"{address}/still-right", data=form)

    page = await browser.get(address)
    assert "Potwierdzono: wszystko aktualne" in page.text
    assert f'action="{address}/still-right"' not in page.text


async def test_a_newer_version_that_is_accepted_is_asked_about_again(ingest: Ingest) -> None:
    submission_id = await publish(ingest, find_monday(ingest) + timedelta(days=25))
    (mail,) = await run_question(ingest)
    await ingest.nobody.post(find_link(mail), headers=SAME_ORIGIN, data={})
    found = await ingest.state.submissions.find_any(submission_id)
    assert found is not None

    review = found.submission.review
    assert review is not None
    newer = replace(found.submission, content_version=3, version=3, review=replace(review, live_version=3))

    assert found.submission.is_confirmed
    assert not newer.is_confirmed


async def test_an_event_with_a_version_that_is_not_public_is_neither_asked_about_nor_confirmed(ingest: Ingest) -> None:
    day = find_monday(ingest) + timedelta(days=25)
    await change(ingest, await publish(ingest, day, title={"pl": "Zmienione"}), day, "Zmienione wcześniej")
    standing = await publish(ingest, day, title={"pl": "Aktualne"})
    changed = await publish(ingest, day, title={"pl": "Rejs"})
    (mail,) = await run_question(ingest)
    await change(ingest, changed, day, "Rejs nocny")
    link, browser = find_link(mail), await logged_in(ingest)

    shown = await ingest.nobody.get(link)
    await ingest.nobody.post(link, headers=SAME_ORIGIN, data={})
    page = await browser.get(f"/ingest/submissions/{changed}")
    refused = await browser.post(f"/ingest/submissions/{changed}/still-right", data=inputs(page.text))

    assert ("Aktualne" in mail.text, "Rejs" in mail.text, "Zmienione" in mail.text) == (True, True, False)
    assert ("Aktualne" in shown.text, "Rejs" in shown.text) == (True, False)
    assert [(await read(ingest, each))["version"] for each in (standing, changed)] == [2, 2]
    assert "/still-right" not in page.text
    assert refused.status_code == 409


async def change(ingest: Ingest, submission_id: str, start: date, title: str) -> None:
    """Send a newer version, which waits."""
    dates = {"certainty": "exact", "start": start.isoformat(), "end": start.isoformat()}
    event = make_event(dates=dates, title={"pl": title})
    await ingest.lot.put(f"{API}/{submission_id}", json=event, headers={"If-Match": '"1"'})
