from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.database.client import Database
from shared.eventlog.mongo.log import EmbeddedLog
from shared.eventlog.topics import Topic
from tests.shared.eventlog.contract import EventLogContract
from tests.shared.eventlog.way_contract import WayContract


@pytest.fixture
async def event_log(database: Database, topic: Topic, plain_topic: Topic) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(database, [topic, plain_topic])
    yield log
    await log.close()


class TestEmbeddedLog(EventLogContract):
    """The contract on MongoDB."""


class TestTheWayOnMongoDB(WayContract):
    """Loop, replay and parking on MongoDB."""
