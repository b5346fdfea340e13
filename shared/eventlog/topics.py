"""Topics of the event log: messages, key, writer, readers and settings of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.messages import (
    CallAnnounced,
    ContributionRequested,
    EventPublished,
    EventWithdrawn,
    Message,
    OrganisationActivity,
    RequestAnswered,
    SubmissionCancelled,
    SubmissionReceived,
    SubmissionReviewed,
    SubmissionWithdrawn,
)

DAY_MS = 24 * 60 * 60 * 1000
# Fixed from the start: another number would move keys to other partitions and break their order.
PARTITIONS = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """``settings`` are those on the broker; ``key`` says what its key is."""

    name: str
    key: str
    messages: tuple[type[Message], ...]
    written_by: str
    read_by: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)


COMPACT = {
    "cleanup.policy": "compact",
    "max.compaction.lag.ms": str(30 * DAY_MS),
    "max.message.bytes": "1048588",
}

SUBMISSIONS = Topic(
    name="submissions.v1",
    key="submission id",
    messages=(SubmissionReceived, SubmissionCancelled, SubmissionWithdrawn),
    written_by="ingest",
    read_by=("calendar", "ingest"),
    settings=COMPACT,
)
DECISIONS = Topic(
    name="decisions.v1",
    key="submission id",
    messages=(SubmissionReviewed,),
    written_by="calendar",
    read_by=("ingest",),
    settings=COMPACT,
)
PROGRAMME = Topic(
    name="programme.v1",
    key="event id",
    messages=(EventPublished, EventWithdrawn),
    written_by="calendar",
    read_by=("distribution", "calendar"),
    settings=COMPACT | {"min.compaction.lag.ms": str(14 * DAY_MS)},
)
CALLS = Topic(
    name="calls.v1",
    key="year of the call, or `request:` and the id of the request",
    messages=(CallAnnounced, ContributionRequested),
    written_by="calendar",
    read_by=("ingest", "calendar"),
    settings=COMPACT,
)
ACTIVITY = Topic(
    name="activity.v1",
    key="slug of the organisation, or `request:` and the id of the request",
    messages=(OrganisationActivity, RequestAnswered),
    written_by="ingest",
    read_by=("calendar", "ingest"),
    settings=COMPACT,
)
TOPICS: tuple[Topic, ...] = (SUBMISSIONS, DECISIONS, PROGRAMME, CALLS, ACTIVITY)

DEAD_LETTER_SUFFIX = ".parked"
# A dead letter is larger than the original by its added headers.
DEAD_LETTER_SETTINGS: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": str(90 * DAY_MS),
    "max.message.bytes": str(2 * 1024 * 1024),
}


def name_dead_letter_topic(topic: str, group: str) -> str:
    return f"{topic}.{group}{DEAD_LETTER_SUFFIX}"


def find_topic(message: type[Message]) -> Topic:
    return next(topic for topic in TOPICS if message in topic.messages)
