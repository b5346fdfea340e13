"""`kalendarium mail …`, and what the doctor says of mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from services.admin.doctor.findings import Finding, Level
from services.admin.doctor.mail import examine_mail
from services.cli import kalendarium
from shared.clock import utc_now
from shared.mail.model import Mail, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.repository import OutboxItem
from shared.settings import CommonSettings
from tests.support.databases import open_patiently
from tests.support.mail import make_outbox
from tests.support.running import REGION

T = TypeVar("T")
Command = Callable[..., Result]
ANNA = Recipient(None, "anna@lot.example", "Anna\x1b[2J", "en")


@pytest.fixture
def command(mongo_url: str, database_name: str) -> Command:
    environment = {
        "KAL_MONGO_URL": mongo_url,
        "KAL_DATABASE_PREFIX": database_name,
        "KAL_REGION": str(REGION),
        "KAL_SMTP_URL": "",
    }
    return lambda *arguments: CliRunner().invoke(kalendarium, ["mail", *arguments], env=environment)


@pytest.fixture
def run(mongo_url: str, database_name: str) -> Callable[[Callable[[MailOutbox], Awaitable[object]]], object]:
    """Do something with the outbox."""

    def do(work: Callable[[MailOutbox], Awaitable[T]]) -> T:
        async def open_and_do() -> T:
            async with open_patiently(mongo_url, f"{database_name}_accounts") as opened:
                outbox = make_outbox(opened)
                await outbox.prepare()
                return await work(outbox)

        return asyncio.run(open_and_do())

    return do


async def queue(outbox: MailOutbox) -> OutboxItem:
    await outbox.queue(Mail("a", "test", ANNA, {}, secret=True))
    (item,) = await outbox.mails.list()
    return item


async def refuse(outbox: MailOutbox) -> OutboxItem:
    item = await queue(outbox)
    await outbox.addresses.mark_refused((await outbox.get_signer()).derive_key(ANNA.email), "550")
    await outbox.mails.settle(item.job.id, "refused", at=utc_now(), response="550 5.1.1 no such user")
    return item


def test_mails_are_listed_by_address_and_state(command: Command, run: Callable[..., OutboxItem]) -> None:
    item = run(queue)

    line = f"{item.job.id}  {item.mail.queued_at}  waiting  anna@lot.example  Test of Kalendarium's mail"
    assert command("list", "--to", "anna@lot.example").stdout.splitlines() == [line]
    assert command("list", "--state", "waiting").stdout.splitlines() == [line]
    assert command("list", "--state", "sent").stdout.splitlines() == ["There are no such mails."]


def test_list_says_that_no_server_is_set(command: Command) -> None:
    assert command("list").stderr == "No mail server is set (KAL_SMTP_URL), so mails wait.\n"


def test_shown_mail_has_neither_its_links_nor_signs_that_steer_a_terminal(
    command: Command, run: Callable[..., OutboxItem]
) -> None:
    shown = command("show", run(queue).job.id)

    assert shown.exit_code == 0
    assert "to         Anna\\x1b[2J <anna@lot.example>" in shown.stdout
    assert "This mail was sent to see whether mail arrives." in shown.stdout
    assert "https://" not in shown.stdout


def test_refused_mail_is_sent_again_once_its_address_is_allowed(
    command: Command, run: Callable[..., OutboxItem]
) -> None:
    item = run(refuse)

    assert command("allow", "anna@lot.example").exit_code == 1, "the region's own secret makes other keys"
    assert command("resend", item.job.id).stdout == "It will be sent again.\n"
    assert command("list", "--state", "waiting").stdout.startswith(item.job.id)


def test_test_mail_is_queued_in_the_language_that_is_asked_for(command: Command) -> None:
    assert command("test", "anna@lot.example", "--language", "pl").exit_code == 0

    assert command("list").stdout.rstrip().endswith("waiting  anna@lot.example  Próba poczty Kalendarium")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("show", "nothing"), "There is no mail nothing; `kalendarium mail list` shows them.\n"),
        (("resend", "nothing"), "There is no mail nothing; `kalendarium mail list` shows them.\n"),
        (("test", "anna"), "This is no e-mail address to which mail can be sent.\n"),
        (("allow", "anna@lot.example"), "This address has not refused mail.\n"),
    ],
)
def test_what_cannot_be_done_is_one_line(command: Command, arguments: tuple[str, ...], reason: str) -> None:
    ended = command(*arguments)

    assert (ended.exit_code, ended.stderr) == (1, reason)


async def examine(mongo_url: str, prefix: str, smtp_url: str | None) -> list[Finding]:
    settings = CommonSettings(mongo_url=mongo_url, database_prefix=prefix, smtp_url=smtp_url)
    async with open_patiently(mongo_url, settings.database("accounts")) as database:
        return await examine_mail(database, settings)


def test_doctor_says_that_mails_wait_for_a_server(
    mongo_url: str, database_name: str, run: Callable[..., OutboxItem]
) -> None:
    run(queue)

    (without,) = asyncio.run(examine(mongo_url, database_name, None))
    (with_server,) = asyncio.run(examine(mongo_url, database_name, "smtp://mail.example"))

    assert (without.level, without.what) == (Level.WARNING, "1 mails wait, because no mail server is set.")
    assert (with_server.level, with_server.what) == (Level.OK, "1 mails wait to be sent.")


def test_doctor_names_refused_addresses(mongo_url: str, database_name: str, run: Callable[..., OutboxItem]) -> None:
    run(refuse)

    found = {each.about: each.level for each in asyncio.run(examine(mongo_url, database_name, "smtp://mail.example"))}

    assert found == {"mail": Level.OK, "mail addresses": Level.WARNING}
