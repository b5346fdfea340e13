"""From a review to the mails of an organisation's editors: each once, in their language, at their choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.ingest.notification.commands import DIGEST, NOTIFY, SEND_DIGEST, SEND_LAST_DIGEST
from services.ingest.notification.model import DIGEST_TIME, News, Notification
from services.ingest.submission.model import Review
from shared.accounts.model import Digest, Person
from shared.event.vocabulary import describe_reason
from shared.jobs.model import Job
from shared.mail.repository import OutboxItem
from shared.messages import Remark
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.test_way import review
from tests.support.clients import eventually

API = "/ingest/api/v1/submissions"
NOW = datetime.now(UTC).isoformat()
HOSTILE = "Żagle\r\nBcc: obcy@example.pl"


async def list_mails(ingest: Ingest, number: int) -> Sequence[OutboxItem]:
    """Wait until there are so many mails, then list them."""

    async def there() -> int:
        return len(await ingest.state.mail.mails.list())

    assert await eventually(there, expected=number)
    return await ingest.state.mail.mails.list()


async def decide(ingest: Ingest, submission_id: str, **fields: Any) -> None:  # noqa: ANN401 - a message's fields
    await review(ingest, submission_id, **{"reviewed_at": NOW, **fields})


def make_job(kind: str, key: str, payload: dict[str, Any] | None = None) -> Job:
    now = datetime.now(UTC)
    return Job(id="1", kind=kind, key=key, payload=payload or {}, due_at=now, created_at=now)


async def test_editors_get_a_decision_with_reason_comment_and_link(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    await decide(ingest, made["id"], state="rejected", reason="duplicate", comment="Zob. Dni Morza.", live_version=None)

    (item,) = await list_mails(ingest, 1)
    assert item.mail.to.email == "lot@example.pl"
    assert item.mail.subject == "Odrzucone: Żagle"
    assert f"Powód: {describe_reason('duplicate', 'pl')}." in item.mail.text
    assert "Zob. Dni Morza." in item.mail.text
    assert f"/ingest/submissions/{made['id']}" in item.mail.text


async def test_a_repeated_review_sends_no_second_mail(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()
    await decide(ingest, made["id"])
    (item,) = await list_mails(ingest, 1)
    told = Notification(submission_id=made["id"], number=2, organisation="lot-szczecin", title="Żagle", at=NOW, news=())

    accepted = Review(2, 1, "accepted", None, None, 1, NOW, 1, "confirmed")
    await ingest.state.notifier.note(made["id"], accepted)
    job = await ingest.state.jobs.find(NOTIFY, told.key)
    assert job is not None
    await ingest.state.notifier.notify(job)

    assert [each.job.id for each in await ingest.state.mail.mails.list()] == [item.job.id]


async def test_a_review_is_told_even_if_the_process_died_before_it_was_applied(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()
    accepted = Review(2, 1, "accepted", None, None, 1, NOW, 1, "confirmed")

    await ingest.state.notifier.note(made["id"], accepted)
    await ingest.state.notifier.note(made["id"], accepted)  # it comes again after the restart
    await ingest.state.submissions.apply_review(made["id"], accepted)

    assert len(await list_mails(ingest, 1)) == 1


async def test_an_old_decision_is_applied_and_not_told(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    await review(ingest, made["id"], reviewed_at="2020-01-01T10:00:00.000Z")

    assert await ingest.state.jobs.find(NOTIFY, f"{made['id']}:2") is None


async def test_a_remark_is_a_mail_of_its_own_text(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    remark = Remark("a" * 32, NOW, "O której otwarcie?")
    await decide(ingest, made["id"], state="waiting", decided_version=None, live_version=None, remarks=[remark])

    (item,) = await list_mails(ingest, 1)
    assert item.mail.subject == "Uwaga do: Żagle"
    assert "O której otwarcie?" in item.mail.text


async def test_no_text_of_an_event_reaches_a_header(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event(title={"pl": HOSTILE}))).json()

    await decide(ingest, made["id"], comment=HOSTILE)

    (item,) = await list_mails(ingest, 1)
    assert "\n" not in item.mail.subject
    assert "\r" not in item.mail.subject


async def test_a_person_of_another_language_reads_it_in_theirs(ingest: Ingest) -> None:
    await ingest.accounts.put_account(
        email="gast@example.pl",
        name="Jan Gast",
        organisation="lot-szczecin",
        organisation_name="LOT SZCZECIN",
        role="editor",
        password=PASSWORD,
    )
    person = await ingest.accounts.find("gast@example.pl")
    assert person is not None
    await ingest.accounts.change_person(person.id, lambda each: replace(each, language="de"))
    made = (await ingest.lot.post(API, json=make_event())).json()

    await decide(ingest, made["id"])

    subjects = {item.mail.to.email: item.mail.subject for item in await list_mails(ingest, 2)}
    assert subjects == {"lot@example.pl": "Przyjęte: Żagle", "gast@example.pl": "Angenommen: Żagle"}


async def test_who_wants_a_digest_gets_one_mail_for_the_day(ingest: Ingest) -> None:
    account = await ingest.accounts.find("lot@example.pl")
    assert account is not None
    await ingest.accounts.change_person(account.id, lambda each: replace(each, digest="daily"))
    for title in ("Żagle", "Dni Morza"):
        made = (await ingest.lot.post(API, json=make_event(title={"pl": title}))).json()
        await decide(ingest, made["id"])

    await wait_for_news(ingest, 2)
    today = ingest.state.get_today()
    for day in (today, today + timedelta(days=1)) * 2:
        await send_digests(ingest, day)

    mails = await ingest.state.mail.mails.list()
    texts = "".join(each.mail.text for each in mails)
    assert {each.mail.template for each in mails} == {"digest"}
    assert [texts.count(title) for title in ("Przyjęte: Żagle", "Przyjęte: Dni Morza")] == [1, 1]


async def test_a_change_of_rhythm_loses_and_repeats_no_decision(ingest: Ingest) -> None:
    tuesday = find_tuesday(ingest)
    person = await choose(ingest, "weekly")
    await send_digests(ingest, tuesday - timedelta(days=1))
    await note_news(ingest, "Żagle", tuesday)
    await choose(ingest, "daily")
    await send_digests(ingest, tuesday + timedelta(days=3))
    await note_news(ingest, "Dni Morza", tuesday + timedelta(days=3))
    await choose(ingest, "weekly")
    await send_digests(ingest, tuesday + timedelta(days=6))
    assert await list_digests(ingest) == ["Żagle", "Dni Morza"]

    await note_news(ingest, "Rejs", tuesday + timedelta(days=6))
    last = make_job(SEND_LAST_DIGEST, "last", {"person": person.id, "rhythm": "weekly"})
    last = replace(last, created_at=datetime.combine(tuesday + timedelta(days=7), DIGEST_TIME, UTC))
    await ingest.state.notifier.send_last_digest(last)  # the change was refused
    assert await list_digests(ingest) == ["Żagle", "Dni Morza"]
    await choose(ingest, "at_once")
    for _ in range(2):
        await ingest.state.notifier.send_last_digest(last)

    assert await list_digests(ingest) == ["Żagle", "Dni Morza", "Rejs"]


async def test_who_leaves_digests_on_their_page_gets_a_last_one_also_if_the_process_dies(ingest: Ingest) -> None:
    person = await choose(ingest, "daily")

    await ingest.state.notifier.prepare_change(person, "weekly")
    assert await ingest.state.jobs.list(SEND_LAST_DIGEST) == []
    await ingest.state.notifier.prepare_change(person, "at_once")

    (job,) = await ingest.state.jobs.list(SEND_LAST_DIGEST)
    assert job.payload == {"person": person.id, "rhythm": "daily"}


async def test_a_long_digest_names_the_first_and_counts_the_others(ingest: Ingest) -> None:
    await choose(ingest, "daily")
    day = ingest.state.get_today()
    for number in range(400):
        await note_news(ingest, f"Rejs {number}", day - timedelta(days=1), text="ż" * 1_500)

    await send_digests(ingest, day)

    (item,) = await ingest.state.mail.mails.list()
    assert item.mail.subject.startswith("400 ")
    assert "370" in item.mail.text


async def choose(ingest: Ingest, digest: Digest) -> Person:
    account = await ingest.accounts.find("lot@example.pl")
    assert account is not None
    return await ingest.accounts.change_person(account.id, lambda each: replace(each, digest=digest))


def find_tuesday(ingest: Ingest) -> date:
    today = ingest.state.get_today()
    return today - timedelta(days=today.weekday() + 20)


async def note_news(ingest: Ingest, title: str, day: date, *, text: str = "") -> None:
    """Keep a decision of noon, as if it had come on that day."""
    told = Notification(
        submission_id=title,
        number=1,
        organisation="lot-szczecin",
        title=title,
        at=NOW,
        news=(News("accepted", text),),
    )
    await ingest.state.notifier.notifications.keep(told)
    noon = {"$set": {"noted_at": datetime.combine(day, time(12), UTC)}}
    await ingest.database["notifications"].update_one({"_id": told.key}, noon)


async def send_digests(ingest: Ingest, day: date) -> None:
    """Do what the jobs of a day do."""
    await ingest.state.notifier.send_digests(make_job(DIGEST, day.isoformat()))
    for job in await ingest.state.jobs.list(SEND_DIGEST):
        if job.payload["day"] == day.isoformat():
            await ingest.state.notifier.send_digest(job)


async def list_digests(ingest: Ingest) -> list[str]:
    """List the titles that digests told, in their order."""
    mails = sorted(await ingest.state.mail.mails.list(), key=lambda each: each.job.id)
    return re.findall("Przyjęte: (.+)", "".join(each.mail.text for each in mails))


async def wait_for_news(ingest: Ingest, number: int) -> None:
    async def kept() -> int:
        return await ingest.database["notifications"].count_documents({})

    assert await eventually(kept, expected=number)
