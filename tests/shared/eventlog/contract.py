"""What every event log must do: run on Kafka, on the embedded log, and on the fake that other tests use."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.eventlog.topics import Topic
from tests.shared.eventlog.group_contract import GroupContract
from tests.shared.eventlog.record_contract import RecordContract
from tests.shared.eventlog.taking import new_topic


class EventLogContract(GroupContract, RecordContract):
    """The suite; a subclass gives the fixture ``event_log``, on ``topic`` and ``plain_topic``."""

    @pytest.fixture
    def topic(self) -> Topic:
        return new_topic()

    @pytest.fixture
    def plain_topic(self) -> Topic:
        """A topic that is not compacted."""
        return new_topic(**{"cleanup.policy": "delete"})

    @pytest.fixture
    def group(self) -> str:
        return f"group-{uuid4().hex[:8]}"
