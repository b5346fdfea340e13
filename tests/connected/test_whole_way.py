"""The way of an event again, now through real Kafka and three processes: the same sentences must be true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.ports import find_free_ports
from services.demo.stack import PORTS, Stack, start_stack
from shared.settings import CommonSettings
from tests.flow.test_submission_to_feed import (
    Calendarium,
    test_event_goes_from_its_organisation_through_a_curator_to_everybody,
    test_rejected_event_is_seen_by_nobody_and_its_organisation_reads_why,
)
from tests.support.clients import Keys, make_keys, people

__all__ = [
    "test_event_goes_from_its_organisation_through_a_curator_to_everybody",
    "test_rejected_event_is_seen_by_nobody_and_its_organisation_reads_why",
]

pytestmark = pytest.mark.connected


@pytest.fixture(scope="module")
def running(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Keys]]:
    ports = dict(zip(PORTS, find_free_ports(len(PORTS)), strict=True))
    with start_stack(tmp_path_factory.mktemp("way"), ports=ports) as started:
        yield started, asyncio.run(make_keys(CommonSettings(mongo_url=started.mongo_url)))


@pytest.fixture
async def kalendarium(running: tuple[Stack, Keys]) -> AsyncIterator[Calendarium]:
    started, keys = running
    at = started.addresses
    async with people(keys, ingest=at.ingest_url, calendar=at.calendar_url, public=at.base_url) as (
        editor,
        curator,
        office,
    ):
        yield Calendarium(editor, curator, office)
