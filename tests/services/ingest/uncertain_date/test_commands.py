"""Before a programme closes, organisations are asked for the days that are not sure: once a step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.ingest.submission.model import Review
from services.ingest.uncertain_date.commands import ASK_FOR_DATES, MOST, ask_for_dates
from shared.accounts.organisations import OrganisationRecord
from shared.jobs.model import Job
from shared.mail.model import StoredMail
from tests.services.ingest.builders import make_event
from tests.services.ingest.call.builders import announce, set_clock
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import logged_in

API = "/ingest/api/v1/submissions"
LAST_DAY = date(2027, 1, 15)
FIRST = LAST_DAY - timedelta(days=28)
MONTH = {"certainty": "month", "start": "2027-09-01", "end": "2027-09-30"}
PROVISIONAL = {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"}
NO_CODE: dict[str, Any] = {"locked_fields": []}


async def send(ingest: Ingest, title: str, dates: dict[str, str] = PROVISIONAL, **review: Any) -> str:  # noqa: ANN401 - of all kinds
    sent = await ingest.lot.post(API, json=make_event(title={"pl": title}, dates=dates))
    submission_id: str = sent.json()["id"]
    if review:
        known: dict[str, Any] = {"state": "accepted", "live_version": 1, "live_status": "confirmed", **review}
        made = Review(
            number=2, version=1, reason=None, comment=None, decided_version=1, reviewed_at=ingest.state.now(), **known
        )
        await ingest.state.submissions.apply_review(submission_id, made)
    return submission_id


async def ask(ingest: Ingest, day: date = FIRST) -> list[StoredMail]:
    """Run the job of a day, and list all mails since the beginning, newest first."""
    now = datetime.now(UTC)
    job = Job(id="1", kind=ASK_FOR_DATES, key=day.isoformat(), due_at=now, created_at=now)
    await ask_for_dates(ingest.state, ingest.app.state.accounts, job)
    return [each.mail for each in await ingest.state.mail.mails.list()]


async def test_one_mail_names_what_is_not_sure_of_the_year_that_closes(ingest: Ingest) -> None:
    waiting = await send(ingest, "Wstępny")
    await send(ingest, "Wrześniowy", MONTH, state="accepted")
    await send(ingest, "Pewny", PROVISIONAL | {"certainty": "exact"})
    await send(ingest, "Za rok", {"certainty": "provisional", "start": "2028-08-14", "end": "2028-08-14"})
    await send(ingest, "Odrzucony", state="rejected", live_version=None, live_status=None)
    await send(ingest, "Odwołany", live_status="cancelled")
    await announce(ingest, **NO_CODE)

    (mail,) = await ask(ingest)

    assert mail.to.email == "lot@example.pl"
    assert mail.subject == "2 terminy na 2027 rok nie są jeszcze pewne"
    assert "Wstępny: 14–16 sierpnia 2027" in mail.text
    assert f"http://ingest.test/ingest/submissions/{waiting}/edit#certainty" in mail.text
    assert "Wrześniowy" in mail.text
    assert "15 stycznia 2027" in mail.text
    assert "kod" not in mail.text
    for other in ("Pewny", "Za rok", "Odrzucony", "Odwołany"):
        assert other not in mail.text


async def test_each_step_asks_once_on_whichever_day_it_can(ingest: Ingest) -> None:
    await send(ingest, "Wstępny")
    await announce(ingest)

    counts = [len(await ask(ingest, LAST_DAY - timedelta(days=left))) for left in (29, 26, 25, 8, 5, 4, 0, -1)]

    assert counts == [0, 1, 1, 1, 2, 2, 2, 2]


async def test_another_last_day_brings_no_second_mail_of_a_step(ingest: Ingest) -> None:
    await send(ingest, "Wstępny")
    await announce(ingest)
    await ask(ingest)

    await announce(ingest, number=2, freeze_at="2027-01-20T23:00:00.000Z")
    later = await ask(ingest, FIRST + timedelta(days=5))
    await announce(ingest, number=3, freeze_at="2026-12-28T23:00:00.000Z")
    sooner = await ask(ingest, FIRST + timedelta(days=6))

    assert (len(later), len(sooner)) == (1, 2)
    assert "20 stycznia 2027" not in later[0].text
    assert "28 grudnia 2026" in sooner[0].text


async def test_nobody_is_asked_who_cannot_answer(ingest: Ingest) -> None:
    await send(ingest, "Wstępny")
    await announce(ingest)
    organisations = ingest.app.state.accounts.organisations
    await organisations.add(OrganisationRecord("lot-szczecin", "LOT Szczecin", "LOT", "3262"))
    await organisations.close("lot-szczecin")

    closed = await ask(ingest)
    await organisations.reopen("lot-szczecin")
    await ingest.accounts.disable("lot@example.pl")

    assert closed == []
    assert await ask(ingest) == []


async def test_the_mail_is_of_a_list_and_says_when_a_late_code_is_needed(ingest: Ingest) -> None:
    await send(ingest, "Wstępny")
    await announce(ingest)

    (mail,) = await ask(ingest)

    assert mail.list == "confirmations"
    assert mail.unsubscribe_url in mail.text
    assert "Wstępny termin potwierdza się bez kodu." in mail.text
    assert f"po kod napisz do: {ingest.state.region.curator.name}" in mail.text


async def test_a_mail_names_so_many_and_counts_the_others(ingest: Ingest) -> None:
    for number in range(MOST + 2):
        await send(ingest, f"Termin {number}")
    await announce(ingest)

    (mail,) = await ask(ingest)

    assert mail.text.count("/edit") == MOST
    assert "i jeszcze 2" in mail.text


async def test_the_home_page_lists_what_the_mail_asks_for(ingest: Ingest) -> None:
    submission_id = await send(ingest, "Wstępny")
    browser = await logged_in(ingest)
    set_clock(ingest, f"{FIRST}T12:00:00.000Z")
    before = (await browser.get("/ingest/")).text
    await announce(ingest)

    page = (await browser.get("/ingest/")).text

    assert f'href="/ingest/submissions/{submission_id}/edit"' not in before
    assert f'href="/ingest/submissions/{submission_id}/edit"' in page
    assert "Program na 2027 rok zamyka się 15 stycznia 2027." in page
