"""`kalendarium mail …`: look into the outbox, send again, test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final, TypeVar, get_args

import typer

from services.admin.cli.failure import fail
from shared.accounts.accounts import open_accounts
from shared.email_address import AddressInvalid
from shared.mail.delivery import make_mail_site
from shared.mail.links import restore_links
from shared.mail.message import build_message_id
from shared.mail.model import MailState, RenderedMail
from shared.mail.outbox import MailOutbox, open_outbox
from shared.mail.repository import OutboxItem
from shared.plain_text import escape_unprintable
from shared.region import load_region
from shared.settings import CommonSettings, read_settings

mail = typer.Typer(no_args_is_help=True)

MOST_LISTED: Final = 1_000
NO_SERVER: Final = "No mail server is set (KAL_SMTP_URL), so mails wait."
T = TypeVar("T")
MailId = Annotated[str, typer.Argument(help="As `mail list` shows it.")]
Address = Annotated[str, typer.Argument(help="An e-mail address.")]


class _MailUnknown(Exception):
    pass


def _run_with_outbox(work: Callable[[MailOutbox], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = read_settings(CommonSettings)
        site = make_mail_site(load_region(settings.region), settings)
        async with (
            open_accounts(settings) as accounts,
            open_outbox(settings, site, get_secret=partial(accounts.get_secret, "mail")) as outbox,
        ):
            await outbox.prepare()
            return await work(outbox)

    try:
        return asyncio.run(run())
    except _MailUnknown as unknown:
        fail(f"There is no mail {unknown}; `kalendarium mail list` shows them.")
    except AddressInvalid:
        fail("This is no e-mail address to which mail can be sent.")


@mail.command("list")
def list_mails(
    *,
    to: Annotated[str, typer.Option(help="Only mails to this address.")] = "",
    state: Annotated[str | None, typer.Option(help="waiting, sent, refused, unsubscribed or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED)] = 50,
) -> None:
    """List mails, newest first."""
    chosen: MailState | None = next((each for each in get_args(MailState) if each == state), None)
    if state and chosen is None:
        raise typer.BadParameter(f"{state} is no state; there are {', '.join(get_args(MailState))}")

    async def collect(outbox: MailOutbox) -> tuple[list[OutboxItem], bool]:
        return list(await outbox.mails.list(state=chosen, email=to, limit=limit)), outbox.sends

    items, sends = _run_with_outbox(collect)
    if not sends:
        typer.echo(NO_SERVER, err=True)
    if not items:
        typer.echo("There are no such mails.")
    for item in items:
        parts = (item.job.id, item.mail.queued_at, item.state, item.mail.to.email, item.mail.subject)
        typer.echo("  ".join(map(escape_unprintable, parts)))


@mail.command("show")
def show_mail(mail_id: MailId) -> None:
    """Show a mail as it is sent; links that let somebody in are left out."""
    item, message_id = _run_with_outbox(lambda outbox: _find_with_id(outbox, mail_id))
    for line in _render_lines(item, message_id):
        typer.echo(line)


@mail.command("resend")
def resend_mail(mail_id: MailId) -> None:
    """Send a mail again, with the same Message-ID; one that waits is tried at once."""

    async def send(outbox: MailOutbox) -> bool:
        return await outbox.resend(await _find(outbox, mail_id))

    if not _run_with_outbox(send):
        fail("It cannot be sent again: it is being sent, or its links were removed. Start anew what it was about.")
    typer.echo("It will be sent again.")


@mail.command("allow")
def allow_address(address: Address) -> None:
    """Send mail again to an address that refused some."""

    async def clear(outbox: MailOutbox) -> bool:
        return await outbox.addresses.clear((await outbox.get_signer()).derive_key(address))

    if not _run_with_outbox(clear):
        fail("This address has not refused mail.")
    typer.echo("Mail is sent there again; `kalendarium mail resend` sends what was refused.")


@mail.command("test")
def queue_test_mail(address: Address, language: Annotated[str, typer.Option(help="pl, en or de.")] = "en") -> None:
    """Queue a mail that only shows whether mail arrives."""

    async def queue(outbox: MailOutbox) -> bool:
        await outbox.queue_test(address, language)
        return outbox.sends

    sends = _run_with_outbox(queue)
    typer.echo("It is in the outbox; `kalendarium mail list` shows what becomes of it." if sends else NO_SERVER)


async def _find(outbox: MailOutbox, mail_id: str) -> OutboxItem:
    item = await outbox.mails.find(mail_id)
    if item is None:
        raise _MailUnknown(mail_id)
    return item


async def _find_with_id(outbox: MailOutbox, mail_id: str) -> tuple[OutboxItem, str]:
    item = await _find(outbox, mail_id)
    return item, build_message_id(item.job.id, outbox.site)


def _render_lines(item: OutboxItem, message_id: str) -> list[str]:
    stored = item.mail
    shown = restore_links(RenderedMail(stored.subject, stored.text, stored.html), ())
    head = {
        "id": item.job.id,
        "state": item.state,
        "to": f"{stored.to.name} <{stored.to.email}>",
        "subject": shown.subject,
        "list": stored.list,
        "queued": stored.queued_at,
        "settled": stored.settled_at,
        "attempts": f"{item.job.attempts} failed",
        "server": stored.response,
        "error": item.job.error or "",
        "Message-ID": message_id,
    }
    lines = [f"{name:<11}{escape_unprintable(value)}" for name, value in head.items() if value]
    return [*lines, "", escape_unprintable(shown.text, keep="\n").rstrip()]
