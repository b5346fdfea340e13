"""From the outbox to the mail server: each mail once, whatever fails."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from shared.clock import utc_now
from shared.database.client import Database
from shared.mail.delivery import make_mail_site, open_delivery
from shared.mail.model import MailState, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.repository import OutboxItem
from shared.region import load_region
from shared.settings import CommonSettings
from tests.shared.mail.conftest import QUICK, Working, run_delivery
from tests.support.certificates import make_server_tls
from tests.support.clients import eventually
from tests.support.mail import ANNA, SITE, make_mail, make_outbox
from tests.support.smtp import MailServer, run_mail_server

REGION = Path(__file__).parents[3] / "deploy" / "region"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    assert await eventually(holds, expected=True)


async def holds(get_text: Callable[[], Awaitable[str]], part: str) -> bool:
    return part in await get_text()


async def get_item(outbox: MailOutbox) -> OutboxItem:
    (item,) = await outbox.mails.list()
    return item


async def wait_for(outbox: MailOutbox, state: MailState, number: int = 1) -> None:
    """Wait until so many mails have come to a state, and their jobs have ended if it is the last one."""

    async def there() -> bool:
        found = await outbox.mails.list(state=state)
        return len(found) == number and all(state == "waiting" or each.job.finished_at for each in found)

    await until(there)


async def test_mail_is_sent_once_and_names_its_job(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail())

    async with working():
        await wait_for(outbox, "sent")

    (message,) = server.messages
    assert message["Message-ID"] == f"<{(await get_item(outbox)).job.id}@kalendarium.example>"
    assert message["To"] == "Anna Żak <anna@lot.example>"


async def test_mail_of_a_key_that_is_there_is_not_queued_again(outbox: MailOutbox) -> None:
    assert [await outbox.queue(make_mail()), await outbox.queue(make_mail())] == [True, False]
    assert await outbox.mails.count() == 1


async def test_mail_is_sent_when_it_is_due(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail("later"), due_at=utc_now() + timedelta(hours=1))
    await outbox.queue(make_mail("now"))

    async with working():
        await wait_for(outbox, "sent")
        await asyncio.sleep(0.2)

    assert len(server.taken) == 1


async def test_two_workers_send_each_mail_once(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    for number in range(40):
        await outbox.queue(make_mail(f"mail/{number}"))

    async with working(), working():
        await wait_for(outbox, "sent", 40)

    assert len(server.taken) == len(server.count_by_id()) == 40


async def test_mail_that_the_server_took_before_it_died_is_the_same_mail_again(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    await outbox.queue(make_mail())
    server.behaviour = "dies_after_data"

    async with working():
        await wait_for(outbox, "sent")

    assert list(server.count_by_id().values()) == [2]
    assert server.taken[0] == server.taken[1]


async def test_mail_recorded_as_sent_is_not_sent_again_after_a_crash(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    await outbox.queue(make_mail())
    await outbox.mails.settle((await get_item(outbox)).job.id, "sent", at=utc_now())

    async with working():
        await wait_for(outbox, "sent")

    assert server.taken == []


async def test_mails_wait_while_the_server_is_away_and_no_attempt_is_counted(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    for number in range(20):
        await outbox.queue(make_mail(f"mail/{number}"))
    async with run_mail_server() as away:
        pass  # its port is free again
    server.port, port = away.port, server.port

    async with working():

        async def was_tried() -> bool:
            return any(each.job.error for each in await outbox.mails.list())

        await until(was_tried)
        assert {(each.state, each.job.attempts) for each in await outbox.mails.list()} == {("waiting", 0)}
        async with run_mail_server(away):
            await wait_for(outbox, "sent", 20)

    server.port = port
    assert list(away.count_by_id().values()) == [1] * 20


async def test_mail_goes_encrypted_to_a_server_that_is_trusted_and_waits_with_a_reason_for_another(
    database: Database, outbox: MailOutbox, tmp_path: Path
) -> None:
    own, trusts_own = make_server_tls(tmp_path, host="localhost")
    other, trusts_other = make_server_tls(tmp_path, host="mail.example")
    servers = MailServer(tls=own), MailServer(tls=other), MailServer(asks_tls=True)
    await outbox.queue(make_mail())

    async def get_reason() -> str:
        return (await get_item(outbox)).job.error or ""

    async with run_mail_server(servers[0]), run_mail_server(servers[1]), run_mail_server(servers[2]):
        for server, trusts, reason in (
            (servers[0], None, "its certificate is not trusted: self-signed certificate"),
            (servers[1], trusts_other, "its certificate is not trusted: Hostname mismatch, "),
            (servers[2], trusts_own, "SMTP STARTTLS extension not supported by server."),
        ):
            async with run_delivery(database, server.url, tls=trusts):
                await until(partial(holds, get_reason, reason))
        waiting = await get_item(outbox)
        async with run_delivery(database, servers[0].url, tls=trusts_own):
            await wait_for(outbox, "sent")

    assert (waiting.state, waiting.job.attempts) == ("waiting", 0)
    assert [each.encrypted for each in servers] == [[True], [], []]


async def test_server_that_stalls_loses_nothing(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail())
    server.behaviour = "stalls"

    async with working():
        await asyncio.sleep(0.3)
    server.behaviour = "takes"
    async with working():
        await wait_for(outbox, "sent")

    assert list(server.count_by_id().values()) == [1]


async def test_mail_of_unknown_outcome_counts_an_attempt_and_others_are_sent_meanwhile(
    outbox: MailOutbox, server: MailServer, database: Database
) -> None:
    await outbox.queue(make_mail("first"))
    server.behaviour = "dies_after_data"

    async with run_delivery(database, server.url, first_wait=3_600.0):

        async def was_delayed() -> bool:
            return (await get_item(outbox)).job.attempts == 1

        await until(was_delayed)
        await outbox.queue(make_mail("second"))
        await wait_for(outbox, "sent")

    (waiting,) = await outbox.mails.list(state="waiting")
    assert (waiting.job.key, waiting.mail.response) == ("first", "no answer to the message: SMTPServerDisconnected")


async def test_mail_whose_sender_is_refused_waits_and_its_address_stays_open(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    await outbox.queue(make_mail())
    server.refused[ANNA.email] = f"550 5.1.0 <{SITE.sender}>: Sender address rejected"

    async with working():

        async def was_noted() -> bool:
            return (await get_item(outbox)).mail.response != ""

        await until(was_noted)

    item = await get_item(outbox)
    assert (item.state, item.job.attempts) == ("waiting", 0)
    assert item.mail.response == "the mail server refused our sender, KAL_MAIL_FROM: SMTP 550"
    assert (await outbox.addresses.find((await outbox.get_signer()).derive_key(ANNA.email))).refused_at is None


async def test_greylisted_mail_is_tried_again(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail())
    server.behaviour = "delays"

    async with working():

        async def was_delayed() -> bool:
            return (await get_item(outbox)).job.attempts > 0

        await until(was_delayed)
        server.behaviour = "takes"
        await wait_for(outbox, "sent")

    assert len(server.taken) == 1


async def test_address_that_refuses_mail_gets_no_more_until_it_is_cleared(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    server.refused[ANNA.email] = f"550 5.1.1 <{ANNA.email}> no such user"
    await outbox.queue(make_mail("first"))
    async with working():
        await wait_for(outbox, "refused")
        server.refused.clear()
        await outbox.queue(make_mail("second"))
        await wait_for(outbox, "refused", 2)
    assert server.taken == []

    key = (await outbox.get_signer()).derive_key(ANNA.email)
    assert await outbox.addresses.clear(key)
    for item in await outbox.mails.list():
        assert await outbox.resend(item)
    async with working():
        await wait_for(outbox, "sent", 2)

    assert list(server.count_by_id().values()) == [1, 1]


async def test_first_refusal_is_a_dead_job_and_a_later_mail_a_finished_one(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    server.refused[ANNA.email] = "550 5.1.1 no such user"
    for key in ("first", "second"):
        await outbox.queue(make_mail(key))
        async with working():
            await wait_for(outbox, "refused", 1 if key == "first" else 2)

    second, first = await outbox.mails.list()
    assert (first.job.state, second.job.state) == ("dead", "done")
    assert first.mail.response == "550 5.1.1 no such user"


async def test_mail_refused_by_policy_fails_and_its_address_still_gets_others(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    server.refused[ANNA.email] = "554 5.7.1 listed"
    await outbox.queue(make_mail("first"))
    async with working():
        await wait_for(outbox, "failed")
        server.refused.clear()
        await outbox.queue(make_mail("second"))
        await wait_for(outbox, "sent")

    assert [each.mail.response for each in await outbox.mails.list(state="failed")] == ["554 5.7.1 listed"]


async def test_text_that_is_no_address_is_refused(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail(to=Recipient(None, "anna at lot", "Anna", "pl")))

    async with working():
        await wait_for(outbox, "refused")

    assert (server.taken, server.connections) == ([], 0)


async def test_who_left_a_list_gets_no_more_of_it_but_others(
    outbox: MailOutbox, server: MailServer, working: Working
) -> None:
    await outbox.addresses.unsubscribe((await outbox.get_signer()).derive_key(ANNA.email), "digest")
    for list_name in ("digest", "reminders", None):
        await outbox.queue(make_mail(f"of/{list_name}", list=list_name))

    async with working():
        await wait_for(outbox, "sent", 2)
        await wait_for(outbox, "unsubscribed")

    assert [each.mail.list for each in await outbox.mails.list(state="unsubscribed")] == ["digest"]


async def test_links_of_a_secret_mail_are_sent_and_then_gone(
    outbox: MailOutbox, database: Database, server: MailServer, working: Working
) -> None:
    await outbox.queue(make_mail(secret=True))
    before = await get_item(outbox)
    assert (before.mail.links, "https://" in before.mail.text) == (("https://kalendarium.example",), False)

    async with working():
        await wait_for(outbox, "sent")

    assert "https://kalendarium.example" in server.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "https://kalendarium.example" not in str(await database["jobs"].find_one({}))
    assert await outbox.resend(await get_item(outbox)) is False


async def test_mail_is_sent_again_as_the_same_mail(outbox: MailOutbox, server: MailServer, working: Working) -> None:
    await outbox.queue(make_mail())
    async with working():
        await wait_for(outbox, "sent")

        assert await outbox.resend(await get_item(outbox))

        await until(lambda: _has_taken(server, 2))
        await wait_for(outbox, "sent")

    assert list(server.count_by_id().values()) == [2]


async def test_mail_that_is_being_sent_again_keeps_what_became_of_it(outbox: MailOutbox, database: Database) -> None:
    await outbox.queue(make_mail())
    await outbox.mails.settle((await get_item(outbox)).job.id, "sent", at=utc_now())
    item = await get_item(outbox)
    await database["jobs"].update_one({}, {"$set": {"state": "running"}})

    assert await outbox.resend(item) is False
    assert (await get_item(outbox)).state == "sent"


async def test_who_chose_no_language_gets_mails_in_that_of_the_region(database: Database) -> None:
    region = load_region(REGION)
    german = msgspec.structs.replace(region, languages=msgspec.structs.replace(region.languages, default="de"))
    settings = CommonSettings(mongo_url="mongodb://127.0.0.1", region=REGION)
    there = MailOutbox(database, make_mail_site(german, settings), get_secret=make_outbox(database)._get_secret)  # noqa: SLF001 - any secret

    await there.queue(make_mail("none", to=replace(ANNA, language="")))
    await there.queue(make_mail("english", to=replace(ANNA, language="en")))

    assert [each.mail.to.language for each in await there.mails.list()] == ["en", "de"]


async def _has_taken(server: MailServer, number: int) -> bool:
    return len(server.taken) == number


async def test_mails_wait_where_no_server_is_set(outbox: MailOutbox) -> None:
    await outbox.queue(make_mail())

    async with open_delivery(outbox, None) as workers:
        assert workers == ()

    item = await get_item(outbox)
    assert (item.state, item.job.attempts) == ("waiting", 0)


async def test_outbox_lists_by_address_and_state(outbox: MailOutbox) -> None:
    await outbox.queue(make_mail("a"))
    await outbox.queue(make_mail("b", to=Recipient(None, "Jan@ZROT.example", "Jan", "pl")))

    assert [each.job.key for each in await outbox.mails.list(email="jan@zrot.example")] == ["b"]
    assert await outbox.mails.count(state="waiting") == 2
    assert await outbox.mails.count(state="sent", email="jan@zrot.example") == 0


@pytest.mark.parametrize("behaviour", ["takes", "delays", "refuses_content", "refuses_sender"])
async def test_no_log_names_an_address_or_a_link(
    outbox: MailOutbox, server: MailServer, working: Working, behaviour: str
) -> None:
    server.behaviour = behaviour  # type: ignore[assignment]  # one of them
    server.refused["jan@zrot.example"] = "550 5.1.1 <jan@zrot.example> no such user"
    with capture_logs() as lines:
        await outbox.queue(make_mail("a", secret=True))
        await outbox.queue(make_mail("b", to=Recipient(None, "jan@zrot.example", "Jan", "pl")))
        async with working():
            await asyncio.sleep(0.5)

    written = str(lines)
    assert [each for each in ("anna@", "jan@", "lot.example", "https://") if each in written] == []


async def test_metrics_count_what_became_of_mails(database: Database, server: MailServer) -> None:
    counted = make_outbox(database)
    await counted.prepare()
    server.refused["jan@zrot.example"] = "550 5.1.1 no such user"
    await counted.queue(make_mail("a"))
    await counted.queue(make_mail("b", to=Recipient(None, "jan@zrot.example", "Jan", "pl")))

    async with open_delivery(counted, server.url, settings=QUICK) as (worker,):
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(stop))
        await wait_for(counted, "sent")
        await wait_for(counted, "refused")
        stop.set()
        await running

    readings = {each.name.removeprefix("kal_mails_"): each.reading() for each in counted.metrics()}
    waiting = readings.pop("waiting")
    assert readings == {"queued_total": 2, "sent_total": 1, "refused_total": 1}
    assert inspect.isawaitable(waiting)
    assert await waiting == 0


async def test_erased_person_leaves_no_mail_and_no_address(
    outbox: MailOutbox, database: Database, server: MailServer, working: Working
) -> None:
    await outbox.queue(make_mail("a"))
    await outbox.queue(make_mail("b", to=Recipient(None, "jan@zrot.example", "Jan", "pl")))
    async with working():
        await wait_for(outbox, "sent", 2)
    await outbox.addresses.unsubscribe((await outbox.get_signer()).derive_key(ANNA.email), "digest")

    assert await outbox.erase(" Anna@LOT.example") == 1

    assert [each.job.key for each in await outbox.mails.list()] == ["b"]
    assert await database["mail_addresses"].count_documents({}) == 0
