"""Three weeks before a licence ends the editors of its organisation get one mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace as replace_event

from services.ingest.lapsing_picture.commands import WARN_OF_LAPSE, warn_of_lapse
from services.ingest.lapsing_picture.model import NOTICE, find_end
from services.ingest.submission.model import Submission, submit
from services.ingest.to_do.view import list_to_do
from shared.event.model import Image
from shared.jobs.model import Job
from shared.mail.model import StoredMail
from shared.messages import Organiser
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.to_do.test_view import REGION
from tests.shared.media.drawing import draw_quarters, encode

LAST = date(2027, 6, 30)
API = "/ingest/api/v1/submissions"


def make_submission(*ends: str | None, **dates: str) -> Submission:
    event = kept_event(dates={"certainty": "exact", "start": "2027-08-14", "end": "2027-08-16", **dates})
    pictured = replace_event(event, images=[Image(media="ab" * 32, valid_until=each) for each in ends])
    return submit(pictured, id="one", organiser=Organiser("lot", "LOT"), at="2027-01-01T12:00:00Z")[0]


@pytest.mark.parametrize(("left", "found"), [(22, None), (21, LAST), (0, LAST), (-1, LAST), (-40, LAST)], ids=str)
def test_a_picture_lapses_soon_within_three_weeks(left: int, found: date | None) -> None:
    assert find_end(make_submission(None, "2027-12-31", LAST.isoformat()), LAST - timedelta(days=left)) == found


def test_nobody_looks_for_a_picture_of_what_is_over_or_called_off() -> None:
    submission = make_submission(LAST.isoformat())

    assert find_end(submission, date(2027, 8, 16)) == LAST
    assert find_end(submission, date(2027, 8, 17)) is None
    assert find_end(replace(submission, version=2, withdrawn_at_version=2), LAST) is None
    assert find_end(make_submission(None), LAST) is None
    assert find_end(make_submission(), LAST) is None


@pytest.mark.parametrize(
    ("today", "words"), [(LAST, "do 30 czerwca 2027"), (LAST + timedelta(days=1), "skończyła się")]
)
def test_the_start_page_names_the_picture_and_leads_to_it(today: date, words: str) -> None:
    (item,) = list_to_do([make_submission(LAST.isoformat())], None, "pl", REGION, today=today)

    assert words in str(item.why)
    assert item.act.url == "/ingest/submissions/one/edit#picture-list"


async def send(ingest: Ingest, title: str, end: date | None) -> str:
    media = (
        await ingest.lot.post(
            "/ingest/api/v1/media", content=encode(draw_quarters()), headers={"Content-Type": "image/jpeg"}
        )
    ).json()["media"]
    image: dict[str, Any] = {"media": media, "alt": {"pl": "Żagle"}, "credit": "Anna", "licence": "permission"}
    image |= {"valid_until": end.isoformat()} if end else {}
    sent = await ingest.lot.post(API, json=make_event(title={"pl": title}, images=[image]))
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


async def warn(ingest: Ingest, day: date) -> list[StoredMail]:
    """Run the job of a day, and list all mails since the beginning, newest first."""
    now = datetime.now(UTC)
    job = Job(id="1", kind=WARN_OF_LAPSE, key=day.isoformat(), due_at=now, created_at=now)
    await warn_of_lapse(ingest.state, ingest.app.state.accounts, job)
    return [each.mail for each in await ingest.state.mail.mails.list()]


async def test_one_mail_names_the_events_and_comes_once_whichever_day_it_can(ingest: Ingest) -> None:
    first = await send(ingest, "Żagle", LAST)
    await send(ingest, "Jarmark", LAST)
    await send(ingest, "Bez terminu", None)
    await send(ingest, "Później", LAST + timedelta(days=30))

    counts = [len(await warn(ingest, LAST - timedelta(days=left))) for left in (22, 20, 19, 0, -1)]

    assert counts == [0, 1, 1, 1, 1]
    (mail,) = await warn(ingest, LAST - NOTICE)
    assert mail.to.email == "lot@example.pl"
    assert mail.subject == "Zdjęcia 2 wydarzeń można pokazywać tylko do 30 czerwca 2027"
    assert f"http://ingest.test/ingest/submissions/{first}/edit#picture-list" in mail.text
    assert "Jarmark" in mail.text
    assert "Bez terminu" not in mail.text
    assert "Później" not in mail.text
    assert mail.list == "confirmations"
    assert len(await warn(ingest, LAST + timedelta(days=20))) == 2, "the other picture has a last day of its own"
