"""Looks at servers from outside, with other clients than the services use: outboxes, lag, topics, what is parked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from urllib.request import urlopen

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from faults.checker import Said
from shared.eventlog.envelope import NotReadable, open_letter, read_message
from shared.eventlog.topics import PARTITIONS, TOPICS, parked_topic

OUTBOXES: Final = {"ingest": "submissions", "calendar": "entries"}
SECONDS: Final = 5.0
UNKNOWN: Final = "unknown"


class Outside:
    """Everything that is seen without asking a service."""

    def __init__(self, mongo_url: str, bootstrap: str) -> None:
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(mongo_url, timeoutMS=int(SECONDS * 1000))
        self._quiet: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "log_level": 0}
        self._admin = AdminClient(self._quiet)
        self._consumer = Consumer(self._quiet | {"group.id": "outside", "enable.auto.commit": False})
        self._positions: dict[tuple[str, int], int] = {}
        self._said: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)

    def close(self) -> None:
        """Close the clients."""
        self._mongo.close()
        self._consumer.close()

    def unsent(self) -> int | str:
        """Count the documents with letters still to be sent."""
        try:
            return sum(
                self._mongo[f"kalendarium_{service}"][collection].count_documents({"outbox.id": {"$exists": True}})
                for service, collection in OUTBOXES.items()
            )
        except PyMongoError as error:
            return f"{UNKNOWN}: {type(error).__name__}"

    def lag(self) -> int | str:
        """Count the records that the groups have not committed yet."""
        try:
            return sum(self._lag_of(service) for service in OUTBOXES)
        except KafkaException as error:
            self._admin = AdminClient(self._quiet)  # it may keep asking with the epoch of a leader that is gone
            return f"{UNKNOWN}: {error}"

    def _lag_of(self, group: str) -> int:
        wanted = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if group in topic.read_by
            for number in range(PARTITIONS)
        ]
        asked = [ConsumerGroupTopicPartitions(group, wanted)]
        kept = self._admin.list_consumer_group_offsets(asked, request_timeout=SECONDS)[group].result().topic_partitions
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call] # the client's own word for the end
        ends = self._admin.list_offsets(dict.fromkeys(wanted, latest), request_timeout=SECONDS)
        committed = {(each.topic, each.partition): max(0, each.offset) for each in kept}
        return sum(
            end.result().offset - committed.get((partition.topic, partition.partition), 0)
            for partition, end in ends.items()
        )

    def parked(self) -> int:
        """Count what was ever set aside by the groups."""
        topics = [parked_topic(topic.name, group) for group in OUTBOXES for topic in TOPICS if group in topic.read_by]
        return sum(self._end(topic, 0) for topic in topics)

    def said(self) -> dict[tuple[str, str], Sequence[Said]]:
        """Read what was added to the topics since the last time; gives all, by topic and key, in order."""
        wanted = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
        ends = {(each.topic, each.partition): self._end(each.topic, each.partition) for each in wanted}
        behind = {place for place, end in ends.items() if self._positions.get(place, 0) < end}
        self._consumer.assign([TopicPartition(*place, self._positions.get(place, 0)) for place in behind])
        while behind:
            for record in self._consumer.consume(500, timeout=SECONDS):
                if record.error():
                    continue
                place = (str(record.topic()), int(record.partition() or 0))
                self._positions[place] = int(record.offset() or 0) + 1
                self._note(record)
            behind = {place for place in behind if self._positions.get(place, 0) < ends[place]}
        self._consumer.unassign()
        return dict(self._said)

    def _end(self, topic: str, partition: int) -> int:
        _first, end = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=SECONDS)
        return int(end)

    def _note(self, record: Any) -> None:  # noqa: ANN401 - the client is untyped
        """Note a message; what is none is not ours to judge."""
        topic, value = record.topic(), record.value()
        try:
            letter = open_letter(topic=topic, key=record.key(), value=value, headers=record.headers() or ())
            number = read_message(letter).number
        except NotReadable:
            return
        digest = hashlib.blake2b(value + repr(sorted(letter.headers())).encode()).digest()
        self._said[topic, letter.key].append(Said(number, letter.id, digest))


def gauge(address: str, name: str) -> float | None:
    """Read a number that a service shows to operators; None if it does not answer."""
    try:
        with urlopen(f"{address}/metrics", timeout=SECONDS) as answer:  # noqa: S310 - our own service on loopback
            lines = answer.read().decode().splitlines()
    except OSError:
        return None
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name}{{")), None)
