"""A real SMTP server that records what it takes, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

Behaviour = Literal[
    "takes", "stalls", "never_answers", "delays", "dies_after_data", "refuses_sender", "refuses_content"
]


@dataclass
class MailServer:
    """``taken`` are raw messages in the order of arrival, ``refused`` what it answers to addresses it does not take.

    ``when_taken`` runs after a message was taken and before that is answered. With ``tls`` it offers STARTTLS, and
    its address asks for that, as with ``asks_tls``; ``encrypted`` says of each message whether it came so.
    """

    port: int = 0
    behaviour: Behaviour = "takes"
    refused: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    when_taken: Callable[[], Awaitable[None]] | None = None
    tls: ssl.SSLContext | None = None
    asks_tls: bool = False
    encrypted: list[bool] = field(default_factory=list)

    @property
    def url(self) -> str:
        if self.tls is not None or self.asks_tls:
            return f"smtp://localhost:{self.port}?starttls=true"
        return f"smtp://127.0.0.1:{self.port}?starttls=false"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(each, policy=SMTP_POLICY) for each in self.taken]

    def count_by_id(self) -> dict[str, int]:
        ids = [str(each["Message-ID"]) for each in self.messages]
        return {each: ids.count(each) for each in ids}

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.behaviour == "stalls":
            await asyncio.sleep(3600)
        if self.behaviour == "refuses_sender":
            return "530 5.7.0 authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.behaviour == "delays":
            return f"451 4.7.1 <{address}> greylisted, come back later"
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        if self.behaviour == "refuses_content":
            return "554 5.6.0 this looks like spam"
        self.taken.append(envelope.original_content or b"")
        self.encrypted.append(session.ssl is not None)
        if self.when_taken is not None:
            await self.when_taken()
        if self.behaviour == "never_answers":
            await asyncio.sleep(3600)
        if self.behaviour == "dies_after_data":
            self.behaviour = "takes"
            _abort(server)
            await asyncio.sleep(3600)
        return "250 queued"


def _abort(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


class _CountingSmtp(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)


@asynccontextmanager
async def run_mail_server(server: MailServer | None = None) -> AsyncIterator[MailServer]:
    """Run it until the block ends; a server that has a port already is started there again."""
    mail = server or MailServer()
    loop = asyncio.get_running_loop()
    protocols: list[_CountingSmtp] = []

    def make() -> _CountingSmtp:
        protocols.append(
            _CountingSmtp(mail, hostname="mail.test", enable_SMTPUTF8=True, loop=loop, tls_context=mail.tls)
        )
        return protocols[-1]

    listening = await loop.create_server(make, "127.0.0.1", mail.port)
    mail.port = listening.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        listening.close()
        for each in protocols:
            _abort(each)
            if each._handler_coroutine is not None:  # noqa: SLF001 - a handler that stalls would outlive the test
                each._handler_coroutine.cancel()  # noqa: SLF001 - the same
