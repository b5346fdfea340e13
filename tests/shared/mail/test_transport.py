"""The transport against a real SMTP server that misbehaves in every way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from shared.mail.transport import (
    MessageDelayed,
    MessageRefused,
    SenderRefused,
    SmtpTransport,
    SmtpUnavailable,
    parse_smtp_url,
)
from tests.support.smtp import Behaviour, MailServer, run_mail_server

MESSAGE = b"Subject: Rejs\r\n\r\nAhoj\r\n"
ANNA = "anna@lot.example"
OWN = "no-reply@kalendarium.example"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with run_mail_server() as running:
        yield running


@pytest.fixture
async def transport(server: MailServer) -> AsyncIterator[SmtpTransport]:
    made = SmtpTransport(parse_smtp_url(server.url), local_name="kalendarium.example", timeout=1.5)
    yield made
    await made.close()


async def send(transport: SmtpTransport, recipient: str = ANNA) -> str:
    return await transport.send(MESSAGE, sender=OWN, recipient=recipient)


async def test_messages_share_one_connection(server: MailServer, transport: SmtpTransport) -> None:
    for _ in range(5):
        await send(transport)

    assert (len(server.taken), server.connections) == (5, 1)


async def test_idle_connection_is_closed(server: MailServer) -> None:
    transport = SmtpTransport(parse_smtp_url(server.url), local_name="kalendarium.example", idle=0.01)
    await send(transport)
    await asyncio.sleep(0.1)
    await send(transport)

    assert server.connections == 2
    await transport.close()


async def test_connection_that_the_server_closed_meanwhile_is_opened_again(transport: SmtpTransport) -> None:
    async with run_mail_server() as first:
        moved = SmtpTransport(parse_smtp_url(first.url), local_name="kalendarium.example")
        await send(moved)
    async with run_mail_server(first):
        await send(moved)

    assert len(first.taken) == 2
    await moved.close()


async def test_address_without_mailbox_is_refused_for_good(server: MailServer, transport: SmtpTransport) -> None:
    server.refused[ANNA] = f"550 5.1.1 <{ANNA}> no such user"

    with pytest.raises(MessageRefused) as refused:
        await send(transport)

    assert (refused.value.address, str(refused.value)) == (True, "SMTP 550")
    assert refused.value.response == f"550 5.1.1 <{ANNA}> no such user"


@pytest.mark.parametrize(
    "answer",
    [
        f"550 5.1.0 <{OWN}>: Sender address rejected",
        f"553 5.7.1 <{OWN.upper()}>: Sender address rejected: not owned by user",
        f"550 <{OWN}>: Sender verify failed",
        "550 5.1.8 sender's domain not found",
    ],
)
async def test_refused_sender_is_no_refused_recipient(
    server: MailServer, transport: SmtpTransport, answer: str
) -> None:
    server.refused[ANNA] = answer

    with pytest.raises(SenderRefused):
        await send(transport)
    await send(transport, "jan@zrot.example")

    assert len(server.taken) == 1


async def test_sender_without_mailbox_is_refused_as_a_recipient(server: MailServer, transport: SmtpTransport) -> None:
    server.refused[OWN] = f"550 <{OWN}>: no such user"

    with pytest.raises(MessageRefused) as refused:
        await send(transport, OWN)

    assert refused.value.address is True


@pytest.mark.parametrize("answer", ["552 5.2.2 mailbox full", "452 4.2.2 mailbox full", "552 storage exceeded"])
async def test_full_mailbox_is_tried_again(server: MailServer, transport: SmtpTransport, answer: str) -> None:
    server.refused[ANNA] = answer

    with pytest.raises(MessageDelayed):
        await send(transport)


@pytest.mark.parametrize(
    "answer",
    ["550 5.7.1 relaying denied", "554 5.7.1 listed as spam", "554 no", "552 5.2.3 too big", "550 5.1.0 other"],
)
async def test_refusal_by_policy_says_nothing_of_the_address(
    server: MailServer, transport: SmtpTransport, answer: str
) -> None:
    server.refused[ANNA] = answer

    with pytest.raises(MessageRefused) as refused:
        await send(transport)

    assert refused.value.address is False


@pytest.mark.parametrize("answer", ["550 no such user", "553 mailbox name not allowed"])
async def test_code_decides_where_there_is_no_enhanced_status(
    server: MailServer, transport: SmtpTransport, answer: str
) -> None:
    server.refused[ANNA] = answer

    with pytest.raises(MessageRefused) as refused:
        await send(transport)

    assert refused.value.address is True


async def test_other_mails_are_sent_after_a_refused_one(server: MailServer, transport: SmtpTransport) -> None:
    server.refused[ANNA] = "550 5.1.1 no such user"
    with pytest.raises(MessageRefused):
        await send(transport)

    await send(transport, "jan@zrot.example")

    assert (len(server.taken), server.connections) == (1, 1)


async def test_greylisted_message_is_delayed(server: MailServer, transport: SmtpTransport) -> None:
    server.behaviour = "delays"

    with pytest.raises(MessageDelayed, match=r"^SMTP 451$"):
        await send(transport)


async def test_refused_content_is_refused_for_good(server: MailServer, transport: SmtpTransport) -> None:
    server.behaviour = "refuses_content"

    with pytest.raises(MessageRefused) as refused:
        await send(transport)

    assert refused.value.address is False


async def test_refused_sender_is_a_setting_to_correct_so_mails_wait(
    server: MailServer, transport: SmtpTransport
) -> None:
    server.behaviour = "refuses_sender"

    with pytest.raises(SmtpUnavailable):
        await send(transport)


async def test_server_that_stalls_is_given_up(server: MailServer, transport: SmtpTransport) -> None:
    server.behaviour = "stalls"

    with pytest.raises(SmtpUnavailable):
        async with asyncio.timeout(10):
            await send(transport)


async def test_messages_that_wait_for_a_server_that_stalls_fail_with_the_first(
    server: MailServer, transport: SmtpTransport
) -> None:
    server.behaviour = "stalls"

    async with asyncio.timeout(3):
        outcomes = await asyncio.gather(*(send(transport) for _ in range(5)), return_exceptions=True)

    assert {type(each) for each in outcomes} == {SmtpUnavailable}


async def test_message_that_is_answered_late_is_sent_once(server: MailServer, transport: SmtpTransport) -> None:
    server.when_taken = partial(asyncio.sleep, 1.0)

    assert await send(transport) == "queued"
    assert len(server.taken) == 1


@pytest.mark.parametrize("behaviour", ["dies_after_data", "never_answers"])
async def test_message_that_may_have_been_taken_is_delayed_and_no_other_one_with_it(
    server: MailServer, behaviour: Behaviour
) -> None:
    transport = SmtpTransport(parse_smtp_url(server.url), local_name="kalendarium.example", data_timeout=0.3)
    server.behaviour = behaviour

    first = asyncio.create_task(send(transport))
    other = asyncio.create_task(send(transport, "jan@zrot.example"))
    with pytest.raises(MessageDelayed):
        await first
    server.behaviour = "takes"
    await other

    assert len(server.taken) == 2
    await transport.close()


async def test_nobody_listens() -> None:
    transport = SmtpTransport(parse_smtp_url("smtp://127.0.0.1:1"), local_name="kalendarium.example")

    with pytest.raises(SmtpUnavailable):
        await send(transport)


async def test_no_error_names_the_address(server: MailServer, transport: SmtpTransport) -> None:
    server.behaviour = "delays"

    with pytest.raises(MessageDelayed) as delayed:
        await send(transport)

    assert ANNA not in repr(delayed.value) + repr(delayed.value.__cause__)
    assert delayed.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example", ("mail.example", 25, False, None)),
        ("smtp://anna:a%40b@mail.example", ("mail.example", 587, False, True)),
        ("smtp://anna:x@mail.example:2525?starttls=false", ("mail.example", 2525, False, False)),
        ("smtp://mail.example?starttls=true", ("mail.example", 25, False, True)),
        ("smtps://anna:x@mail.example", ("mail.example", 465, True, None)),
    ],
)
def test_url_of_a_server_is_read(url: str, found: tuple[str, int, bool, bool | None]) -> None:
    server = parse_smtp_url(url)

    assert (server.host, server.port, server.tls, server.starttls) == found


def test_password_is_decoded_and_not_shown() -> None:
    server = parse_smtp_url("smtp://anna%2B1:a%40b@mail.example")

    assert (server.user, server.password) == ("anna+1", "a@b")
    assert "a@b" not in repr(server)
