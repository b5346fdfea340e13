from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.eventlog.kafka.log import KafkaLog
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.topics import Topic
from tests.shared.eventlog.contract import EventLogContract
from tests.shared.eventlog.way_contract import WayContract

pytestmark = pytest.mark.connected


@pytest.fixture
async def event_log(kafka_bootstrap: str, topic: Topic, plain_topic: Topic) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(KafkaSettings(bootstrap=kafka_bootstrap, session=6), [topic, plain_topic], partitions=3)
    yield log
    await log.close()


class TestKafkaLog(EventLogContract):
    """The contract on the real broker."""


class TestTheWayOnKafka(WayContract):
    """Loop, replay and parking on the real broker."""
