"""From a review to the mails of an organisation's editors: each once, in their language, at their choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ingest.notification.commands import DIGEST, NOTIFY
from services.ingest.notification.model import Notification
from services.ingest.submission.model import Review
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

    async def kept() -> int:
        return await ingest.database["notifications"].count_documents({})

    assert await eventually(kept, expected=2)
    today = ingest.state.get_today()
    for day in (today, today + timedelta(days=1)) * 2:
        await ingest.state.notifier.send_digests(make_job(DIGEST, day.isoformat()))

    mails = await ingest.state.mail.mails.list()
    texts = "".join(each.mail.text for each in mails)
    assert {each.mail.template for each in mails} == {"digest"}
    assert [texts.count(title) for title in ("Przyjęte: Żagle", "Przyjęte: Dni Morza")] == [1, 1]
