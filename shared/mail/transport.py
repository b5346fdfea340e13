"""SMTP: one connection for many messages, closed when idle; every failure is one of three kinds.

Texts of a server name addresses, so no error carries them but :attr:`MessageRefused.response`, which is stored with the
mail and never logged.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

TIMEOUT_SECONDS: Final = 30.0
"""Until a message can be transmitted, a new connection included; a third of it for one command."""
DATA_SECONDS: Final = 600.0
"""For the message and the answer to it, by which the server takes it over (RFC 5321, section 4.5.3.2.6)."""
IDLE_SECONDS: Final = 15.0
MAX_MESSAGES: Final = 100
"""On one connection; many servers allow no more."""
PERMANENT: Final = 500
_STATUS: Final = re.compile(r"^[245]\.([0-9]{1,3}\.[0-9]{1,3})\b")
_NO_MAILBOX: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""Of enhanced status codes (RFC 3463, RFC 7505): no mail can reach the recipient. Others are about something else."""
_NO_MAILBOX_CODES: Final = frozenset({550, 551, 553})
"""What they mean where a server sends no enhanced code."""
_FULL: Final = "2.2"
_STORAGE_CODE: Final = 552
"""Without an enhanced code it is a full mailbox before the message, and a message that is too large after it."""
_BAD_SENDER: Final = frozenset({"1.7", "1.8"})


class SmtpUnavailable(Exception):
    """The server is away or cannot take mail now: everything waits."""


class MessageDelayed(Exception):
    """The server refused this message for now (4xx), or did not say whether it took it."""


class SenderRefused(Exception):
    """The server refused our address as the sender of this message: a setting to correct, so the message waits."""


class MessageRefused(Exception):
    """The server refused this message for good (5xx); ``address``: because no mail can reach the recipient."""

    def __init__(self, code: int, response: str, *, address: bool) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code
        self.response = f"{code} {response}"
        self.address = address


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """``starttls`` is None for "if the server offers it"; with a password TLS is required unless it is False."""

    host: str
    port: int
    tls: bool = False
    starttls: bool | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """``smtp://user:password@host:587?starttls=true``, ``smtps://host``; percent-encoded."""
    parts = urlsplit(url)
    tls = parts.scheme == "smtps"
    wanted = parse_qs(parts.query).get("starttls", [""])[-1]
    required = True if parts.username and not tls else None
    return SmtpServer(
        host=parts.hostname or "",
        port=parts.port or (465 if tls else 587 if parts.username else 25),
        tls=tls,
        starttls={"true": True, "false": False}.get(wanted, required),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class SmtpTransport:
    """Sends one message at a time; ``tls`` says whose certificates are trusted, else those of the system are."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        local_name: str,
        idle: float = IDLE_SECONDS,
        timeout: float = TIMEOUT_SECONDS,
        data_timeout: float = DATA_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._local_name = local_name
        self._idle = idle
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._tls = tls
        self._failures = 0
        self._lock = asyncio.Lock()
        self._client: SMTP | None = None
        self._sent = 0
        self._closing: asyncio.TimerHandle | None = None

    async def send(self, message: bytes, *, sender: str, recipient: str) -> str:
        """Return the server's answer. Raises SmtpUnavailable, MessageDelayed, SenderRefused, MessageRefused."""
        asked = self._failures
        async with self._lock:
            if self._failures != asked:  # it failed while this message waited: each would wait for its own time-out
                raise SmtpUnavailable("it failed for another message")
            self._cancel_closing()
            try:
                client = await self._begin(sender, recipient)
                return await self._transmit(client, message)
            except asyncio.CancelledError:  # in the midst of a message
                self._drop()
                raise
            finally:
                self._close_later()

    async def close(self) -> None:
        self._cancel_closing()
        async with self._lock:
            if self._client is not None:
                with suppress(SMTPException, OSError, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._client.quit()
            self._drop()

    async def _begin(self, sender: str, recipient: str) -> SMTP:
        """Return a connection that waits for the message."""
        try:
            async with asyncio.timeout(self._timeout):
                client = await self._reuse() or await self._connect()
                self._sent += 1
                await client.mail(sender)
                await client.rcpt(recipient)
                return client
        except SMTPRecipientRefused as error:
            raise _explain_refusal(error, sender) from None
        except (SMTPException, OSError, TimeoutError) as error:
            self._failures += 1
            self._drop()
            raise SmtpUnavailable(_explain_failure(error)) from None

    async def _transmit(self, client: SMTP, message: bytes) -> str:
        # From here on the server may have taken it, so a failure counts as one of this message: as an outage it would
        # send the message again and again, as often as the server is too slow to say that it took it.
        try:
            async with asyncio.timeout(self._data_timeout):
                _code, answer = await client.data(message, timeout=None)
        except SMTPDataError as error:
            raise _explain_response(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            self._drop()
            raise MessageDelayed(f"no answer to the message: {_explain_failure(error)}") from None
        return answer

    async def _reuse(self) -> SMTP | None:
        """Return the open connection; None if there is none, or the server closed it meanwhile."""
        client = self._client
        if client is None or not client.is_connected or self._sent >= MAX_MESSAGES:
            return None
        try:
            await client.rset()  # ends what a refused recipient left open
        except (SMTPException, OSError):  # nothing of this message was sent
            return None
        return client

    async def _connect(self) -> SMTP:
        self._drop()
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=False if server.tls else server.starttls,
            tls_context=self._tls,
            local_hostname=self._local_name,
            timeout=self._timeout / 3,
        )
        self._client, self._sent = client, 0
        await client.connect()
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _close_later(self) -> None:
        if self._client is not None:
            self._closing = asyncio.get_running_loop().call_later(self._idle, self._drop)

    def _cancel_closing(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


def _explain_failure(error: Exception) -> str:
    """Name the kind of failure, and what is wrong with a certificate; that names hosts only."""
    for each in (error, error.__cause__):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {each.verify_message}"
    return str(error) if type(error) is SMTPException else type(error).__name__  # such as: it offers no STARTTLS


def _explain_refusal(refusal: SMTPRecipientRefused, sender: str) -> Exception:
    """Of a recipient; some servers judge the sender only then."""
    status = _read_status(refusal.message)
    if refusal.code < PERMANENT or status == _FULL or (not status and refusal.code == _STORAGE_CODE):
        return MessageDelayed(f"SMTP {refusal.code}")
    if status not in _NO_MAILBOX and (status in _BAD_SENDER or _names_sender(refusal, sender)):
        return SenderRefused(f"SMTP {refusal.code}")
    address = status in _NO_MAILBOX if status else refusal.code in _NO_MAILBOX_CODES
    return MessageRefused(refusal.code, refusal.message, address=address)


def _names_sender(refusal: SMTPRecipientRefused, sender: str) -> bool:
    own = sender.casefold()
    return own in refusal.message.casefold() and own != refusal.recipient.casefold()


def _explain_response(error: SMTPResponseException) -> Exception:
    if error.code < PERMANENT or _read_status(error.message) == _FULL:
        return MessageDelayed(f"SMTP {error.code}")
    return MessageRefused(error.code, error.message, address=False)


def _read_status(message: str) -> str:
    """Subject and detail of the enhanced status code; "" without one."""
    status = _STATUS.match(message.strip())
    return status[1] if status else ""
