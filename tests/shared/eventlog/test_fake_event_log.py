from __future__ import annotations

import pytest

from shared.eventlog.topics import Topic
from tests.shared.eventlog.contract import EventLogContract
from tests.support.fakes import FakeEventLog


class TestFakeEventLog(EventLogContract):
    @pytest.fixture
    def event_log(self, topic: Topic, plain_topic: Topic) -> FakeEventLog:
        return FakeEventLog([topic, plain_topic])
