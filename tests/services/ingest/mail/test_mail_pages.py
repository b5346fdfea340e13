"""The outbox as an administrator sees it, and leaving a list by its link."""

from __future__ import annotations

import httpx
import pytest
from structlog.testing import capture_logs

from shared.clock import utc_now
from shared.mail.model import Mail, MailState, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.repository import OutboxItem
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.conftest import PASSWORD, Ingest

OUTBOX = "/ingest/administration/mail"
ANNA = Recipient(None, "anna@lot.example", "Anna Żak", "en")


@pytest.fixture
def outbox(ingest: Ingest) -> MailOutbox:
    return ingest.state.mail


@pytest.fixture
async def token(ingest: Ingest) -> str:
    """The session of an administrator, whose browser is ``ingest.nobody``."""
    await ingest.accounts.put_account(
        email="admin@example.pl",
        name="Ewa Lis",
        organisation="zrot",
        organisation_name="ZROT",
        role="administrator",
        password=PASSWORD,
    )
    session = await ingest.accounts.log_in("admin@example.pl", PASSWORD, "127.0.0.1")
    ingest.nobody.cookies.set(get_session_cookie_name(https=False), session)
    ingest.nobody.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"})
    return session


@pytest.fixture
def browser(ingest: Ingest, token: str) -> httpx.AsyncClient:
    return ingest.nobody


async def queue(outbox: MailOutbox, key: str = "a", to: Recipient = ANNA, *, secret: bool = False) -> OutboxItem:
    await outbox.queue(Mail(key, "test", to, {}, secret=secret))
    item = await outbox.mails.find((await outbox.mails.list(email=to.email))[0].job.id)
    assert item is not None
    return item


async def settle(outbox: MailOutbox, item: OutboxItem, outcome: str, response: str = "") -> None:
    await outbox.mails.settle(item.job.id, outcome, at=utc_now(), response=response)  # type: ignore[arg-type]  # one of them


async def get_state(outbox: MailOutbox, item: OutboxItem) -> MailState:
    found = await outbox.mails.find(item.job.id)
    assert found is not None
    return found.state


async def test_outbox_says_that_mails_wait_where_no_server_is_set(
    browser: httpx.AsyncClient, outbox: MailOutbox
) -> None:
    await queue(outbox)

    page = (await browser.get(OUTBOX)).text

    assert "Mails wait here until KAL_SMTP_URL names a mail server." in page
    assert "anna@lot.example" in page
    assert "</svg>Waiting</span>" in page


async def test_outbox_is_filtered_by_address_and_state(browser: httpx.AsyncClient, outbox: MailOutbox) -> None:
    await queue(outbox)
    sent = await queue(outbox, "b", Recipient(None, "jan@zrot.example", "Jan", "en"))
    await settle(outbox, sent, "sent")

    by_address = (await browser.get(OUTBOX, params={"to": "ANNA@lot.example"})).text
    by_state = (await browser.get(OUTBOX, params={"state": "sent"})).text

    assert ("anna@lot.example" in by_address, "jan@zrot.example" in by_address) == (True, False)
    assert ("anna@lot.example" in by_state, "jan@zrot.example" in by_state) == (False, True)


async def test_mail_is_shown_as_it_was_sent(browser: httpx.AsyncClient, outbox: MailOutbox) -> None:
    item = await queue(outbox)
    await settle(outbox, item, "sent", "250 queued as 4711")

    page = (await browser.get(f"{OUTBOX}/{item.job.id}")).text

    assert "This mail was sent to see whether mail arrives." in page
    assert "250 queued as 4711" in page
    assert f"&lt;{item.job.id}@kalendarium.zrot.pl&gt;" in page


async def test_links_of_a_secret_mail_are_not_shown(browser: httpx.AsyncClient, outbox: MailOutbox) -> None:
    item = await queue(outbox, secret=True)

    page = (await browser.get(f"{OUTBOX}/{item.job.id}")).text

    text = page[page.index('id="text"') :].partition("</section>")[0]
    assert item.mail.links == ("http://ingest.test",)
    assert "[…]" in text
    assert "http://ingest.test" not in text


@pytest.mark.parametrize("address", ["", "anna", "anna@lot.example\nBcc: all@lot.example"])
async def test_test_mail_needs_an_address(
    browser: httpx.AsyncClient, outbox: MailOutbox, token: str, address: str
) -> None:
    answer = await browser.post(OUTBOX, data={"address": address, CSRF_FIELD: derive_csrf_token(token)})

    assert (answer.status_code, await outbox.mails.count()) == (422, 0)
    assert "Enter an e-mail address" in answer.text


async def test_test_mail_is_queued(browser: httpx.AsyncClient, outbox: MailOutbox, token: str) -> None:
    answer = await browser.post(OUTBOX, data={"address": " Anna@lot.example ", CSRF_FIELD: derive_csrf_token(token)})

    assert answer.status_code == 303
    assert [each.mail.to.email for each in await outbox.mails.list()] == ["Anna@lot.example"]


async def test_refused_address_is_allowed_again_and_the_mail_sent_again(
    browser: httpx.AsyncClient, outbox: MailOutbox, token: str
) -> None:
    item = await queue(outbox)
    key = (await outbox.get_signer()).derive_key(ANNA.email)
    await outbox.addresses.mark_refused(key, "550 5.1.1 no such user")
    await settle(outbox, item, "refused", "550 5.1.1 no such user")
    form = {CSRF_FIELD: derive_csrf_token(token)}
    assert "This address takes no mail" in (await browser.get(f"{OUTBOX}/{item.job.id}")).text

    await browser.post(f"{OUTBOX}/{item.job.id}/clear-address", data=form)
    await browser.post(f"{OUTBOX}/{item.job.id}/resend", data=form)

    assert (await outbox.addresses.find(key)).refused_at is None
    assert await get_state(outbox, item) == "waiting"
    audit = (await browser.get("/ingest/administration/audit")).text
    assert audit.index("Mail sent again") < audit.index("Address of a mail released")


async def test_sent_secret_mail_cannot_be_sent_again(
    browser: httpx.AsyncClient, outbox: MailOutbox, token: str
) -> None:
    item = await queue(outbox, secret=True)
    await settle(outbox, item, "sent")

    page = (await browser.get(f"{OUTBOX}/{item.job.id}")).text
    await browser.post(f"{OUTBOX}/{item.job.id}/resend", data={CSRF_FIELD: derive_csrf_token(token)})

    assert "/resend" not in page
    assert await get_state(outbox, item) == "sent"


async def make_link(outbox: MailOutbox, list_name: str = "digest") -> str:
    return "/ingest/mail/unsubscribe/" + (await outbox.get_signer()).make_token(ANNA.email, list_name)


async def list_left(outbox: MailOutbox) -> frozenset[str]:
    return (await outbox.addresses.find((await outbox.get_signer()).derive_key(ANNA.email))).unsubscribed


async def test_looking_at_the_link_leaves_no_list(ingest: Ingest, outbox: MailOutbox) -> None:
    page = await ingest.nobody.get(await make_link(outbox), headers={"Accept-Language": "en"})

    assert "This stops summaries of decisions and remarks at the address" in page.text
    assert await list_left(outbox) == frozenset()


async def test_mail_program_leaves_the_list_with_one_click(ingest: Ingest, outbox: MailOutbox) -> None:
    answer = await ingest.nobody.post(await make_link(outbox), data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, await list_left(outbox)) == (200, frozenset({"digest"}))


async def test_mail_program_leaves_the_list_by_a_form_in_parts_and_no_other_page_takes_one(
    ingest: Ingest, outbox: MailOutbox
) -> None:
    parts = {"List-Unsubscribe": (None, b"One-Click")}

    answer = await ingest.nobody.post(await make_link(outbox), files=parts)
    too_large = await ingest.nobody.post(await make_link(outbox, "queue"), files={"a": (None, b"x" * 300_000)})
    elsewhere = await ingest.nobody.post("/ingest/login", files=parts)

    assert [each.status_code for each in (answer, too_large, elsewhere)] == [200, 413, 415]
    assert await list_left(outbox) == frozenset({"digest"})


async def test_who_left_by_mistake_gets_the_list_again(ingest: Ingest, outbox: MailOutbox) -> None:
    link = await make_link(outbox)
    await ingest.nobody.post(link, data={"act": "stop"})
    await ingest.nobody.post(await make_link(outbox, "reminders"), data={"act": "stop"})

    await ingest.nobody.post(link, data={"act": "again"})

    assert await list_left(outbox) == frozenset({"reminders"})


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_link_that_is_not_complete_leaves_nothing(ingest: Ingest, outbox: MailOutbox, method: str) -> None:
    answer = await ingest.nobody.request(method, (await make_link(outbox))[:-1], data={})

    assert (answer.status_code, await list_left(outbox)) == (404, frozenset())


async def test_list_of_a_later_release_can_be_left(ingest: Ingest, outbox: MailOutbox) -> None:
    link = await make_link(outbox, "later")

    assert (await ingest.nobody.get(link)).status_code == 200
    assert (await ingest.nobody.post(link, data={})).status_code == 200
    assert await list_left(outbox) == frozenset({"later"})


async def test_no_log_line_has_the_token(ingest: Ingest, outbox: MailOutbox) -> None:
    link = await make_link(outbox)
    with capture_logs() as lines:
        await ingest.nobody.post(link, data={})

    assert link.rpartition("/")[2] not in str(lines)
    assert "/ingest/mail/unsubscribe/…" in str(lines)
