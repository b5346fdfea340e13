"""Mail while the service that sends it is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.local.ports import find_free_port
from deploy.local.processes import Child
from shared.mail.model import Recipient
from tests.support.clients import eventually
from tests.support.databases import open_patiently
from tests.support.mail import make_mail, make_outbox
from tests.support.running import REGION, run_command, together_process
from tests.support.smtp import run_mail_server

NUMBER = 5
IN_FLIGHT = 2
"""The one that was taken, and one before it whose answer was not noted yet."""
ADDRESS = "anna@lot.example"


async def test_mail_in_flight_while_its_service_is_killed_is_the_same_mail_again(
    mongo_url: str, fresh_name: str, tmp_path: Path
) -> None:
    async with run_mail_server() as server, open_patiently(mongo_url, f"{fresh_name}_accounts") as database:
        settings = {"mongo_url": mongo_url, "database_prefix": fresh_name, "region": str(REGION)}
        service = together_process(tmp_path, find_free_port(), smtp_url=server.url, **settings)
        outbox = make_outbox(database)
        await outbox.prepare()

        async def kill_once() -> None:
            server.when_taken = None
            await asyncio.to_thread(service.kill)

        try:
            await asyncio.to_thread(service.start)
            server.when_taken = kill_once
            for number in range(NUMBER):
                await outbox.queue(make_mail(f"decision/{number}", Recipient(None, ADDRESS, "Anna", "pl")))
            assert await eventually(lambda: _is_alive(service), expected=False) is False
            await asyncio.to_thread(service.start)

            sent = await eventually(lambda: outbox.mails.count(state="sent"), NUMBER, within=60)
        finally:
            await asyncio.to_thread(service.stop)

        counts = sorted(server.count_by_id().values())
        assert (sent, len(counts), set(counts)) == (NUMBER, NUMBER, {1, 2})
        assert counts.count(2) <= IN_FLIGHT, "others were noted as sent"
        assert len(set(server.taken)) == NUMBER, "the repeated mail is the same bytes"
    listed = await asyncio.to_thread(run_command, "mail", "list", "--to", ADDRESS, folder=tmp_path, **settings)
    assert [line.split()[2] for line in listed.stdout.splitlines()] == ["sent"] * NUMBER


async def _is_alive(service: Child) -> bool:
    return service.running
