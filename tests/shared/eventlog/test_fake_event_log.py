from __future__ import annotations

import pytest

from shared.eventlog.topics import Topic
from tests.fakes import FakeEventLog
from tests.shared.eventlog.contract import EventLogContract


class TestFakeEventLog(EventLogContract):
    @pytest.fixture
    def event_log(self, topic: Topic, plain_topic: Topic) -> FakeEventLog:
        return FakeEventLog([topic, plain_topic])
