"""Looks at servers from outside, with other clients than the services use: outboxes, lag, topics, what is parked."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.request import urlopen

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from faults.checker import Said
from shared.eventlog.envelope import NotReadable, open_letter, read_message
from shared.eventlog.topics import PARTITIONS, TOPICS, parked_topic

OUTBOXES: Final = {"ingest": "submissions", "calendar": "entries"}
SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 40.0
UNKNOWN: Final = "unknown"


class Outside:
    """Everything that is seen without asking a service."""

    def __init__(self, mongo_url: str, bootstrap: str) -> None:
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(mongo_url, timeoutMS=int(SECONDS * 1000))
        self._quiet: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "log_level": 0}
        self._consumer = self._new_consumer()
        # Never subscribed, so they are no members: the client's administrator died in its own code while leaders moved.
        self._groups = {group: self._new_consumer(group) for group in OUTBOXES}
        self._positions: dict[tuple[str, int], int] = {}
        self._said: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)

    def close(self) -> None:
        """Close the clients."""
        self._mongo.close()
        for each in (self._consumer, *self._groups.values()):
            each.close()

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
            return f"{UNKNOWN}: {error}"

    def _lag_of(self, group: str) -> int:
        wanted = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if group in topic.read_by
            for number in range(PARTITIONS)
        ]
        committed = self._groups[group].committed(wanted, timeout=SECONDS)
        return sum(self._end(each.topic, each.partition) - max(0, each.offset) for each in committed)

    def parked(self) -> int:
        """Count what was ever set aside by the groups."""
        topics = [parked_topic(topic.name, group) for group in OUTBOXES for topic in TOPICS if group in topic.read_by]
        return sum(self._end(topic, 0) for topic in topics)

    def size(self, topic: str) -> int:
        """Count what was ever written to a topic."""
        return sum(self._end(topic, number) for number in range(PARTITIONS))

    def waits(self, service: str, document: str) -> bool:
        """Tell whether a document has letters still to be sent."""
        wanted = {"_id": document, "outbox.id": {"$exists": True}}
        return bool(self._mongo[f"kalendarium_{service}"][OUTBOXES[service]].count_documents(wanted))

    def fence(self, service: str) -> int:
        """Give the number of the relay's lease: it rises when another process takes the lease over."""
        lease = f"relay/{service}/{OUTBOXES[service]}"
        found = self._mongo[f"kalendarium_{service}"]["leases"].find_one({"_id": lease})
        return int(found["fence"]) if found else 0

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

    def set_topic(self, topic: str, setting: str, value: str) -> None:
        """Set how a topic is kept."""
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        admin = AdminClient(self._quiet)
        for done in admin.incremental_alter_configs([resource]).values():
            done.result(SECONDS)

    def write(self, topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, bytes | None]) -> str:
        """Write a record, whatever it is; gives the broker's objection, or nothing."""
        objections: list[str] = []
        producer = Producer(self._quiet | {"message.max.bytes": 2_000_000, "message.timeout.ms": 10_000})
        producer.produce(
            topic,
            value,
            key,
            headers=list(headers.items()),
            on_delivery=lambda error, _: objections.append(str(error)) if error else None,
        )
        producer.flush(2 * SECONDS)
        return objections[0] if objections else ""

    def join_and_leave(self, group: str, seconds: float) -> None:
        """Be a member of a group for a while, without handling or committing anything."""
        topics = [topic.name for topic in TOPICS if group in topic.read_by]
        choice = {"group.id": group, "enable.auto.commit": False, "partition.assignment.strategy": "roundrobin"}
        member = Consumer(self._quiet | choice)
        member.subscribe(topics)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            member.poll(0.2)
        member.close()

    def _end(self, topic: str, partition: int) -> int:
        """Ask for the end of a partition, again and again while its leader is on the move."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                _first, end = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=SECONDS)
            except KafkaException:
                if time.monotonic() > give_up:
                    raise
                self._consumer.close()
                self._consumer = self._new_consumer()  # the old one may keep asking who led before
                time.sleep(0.2)
            else:
                return int(end)

    def _new_consumer(self, group: str = "outside") -> Consumer:
        return Consumer(self._quiet | {"group.id": group, "enable.auto.commit": False})

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
