"""Observation of servers from outside, with other clients than the services use: outboxes, lag, topics."""

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

from faults.checker import LoggedMessage
from shared.eventlog.envelope import InvalidMessage, parse, parse_message
from shared.eventlog.topics import PARTITIONS, TOPICS, name_dead_letter_topic

OUTBOXES: Final = {"ingest": "submissions", "calendar": "entries"}
SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 40.0
UNKNOWN: Final = "unknown"


class ServerObserver:
    def __init__(self, mongo_url: str, bootstrap: str) -> None:
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(mongo_url, timeoutMS=int(SECONDS * 1000))
        self._quiet: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "log_level": 0}
        self._consumer = self._create_consumer()
        # Never subscribed, so they are no members: the client's administrator died in its own code while leaders moved.
        self._groups = {group: self._create_consumer(group) for group in OUTBOXES}
        self._positions: dict[tuple[str, int], int] = {}
        self._said: defaultdict[tuple[str, str], list[LoggedMessage]] = defaultdict(list)

    def close(self) -> None:
        self._mongo.close()
        for each in (self._consumer, *self._groups.values()):
            each.close()

    def count_unsent(self) -> int | str:
        """Documents with pending messages."""
        try:
            return sum(
                self._mongo[f"kalendarium_{service}"][collection].count_documents({"outbox.id": {"$exists": True}})
                for service, collection in OUTBOXES.items()
            )
        except PyMongoError as error:
            return f"{UNKNOWN}: {type(error).__name__}"

    def measure_lag(self) -> int | str:
        """Records that the groups have not committed."""
        try:
            return sum(self._measure_lag_of(service) for service in OUTBOXES)
        except KafkaException as error:
            return f"{UNKNOWN}: {error}"

    def _measure_lag_of(self, group: str) -> int:
        wanted = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if group in topic.read_by
            for number in range(PARTITIONS)
        ]
        committed = self._groups[group].committed(wanted, timeout=SECONDS)
        return sum(self._find_end(each.topic, each.partition) - max(0, each.offset) for each in committed)

    def count_dead_letters(self) -> int:
        topics = [
            name_dead_letter_topic(topic.name, group)
            for group in OUTBOXES
            for topic in TOPICS
            if group in topic.read_by
        ]
        return sum(self._find_end(topic, 0) for topic in topics)

    def count_records(self, topic: str) -> int:
        """Records ever written."""
        return sum(self._find_end(topic, number) for number in range(PARTITIONS))

    def has_pending(self, service: str, document: str) -> bool:
        wanted = {"_id": document, "outbox.id": {"$exists": True}}
        return bool(self._mongo[f"kalendarium_{service}"][OUTBOXES[service]].count_documents(wanted))

    def read_fencing_token(self, service: str) -> int:
        # It rises when another process takes the lease.
        lease = f"relay/{service}/{OUTBOXES[service]}"
        found = self._mongo[f"kalendarium_{service}"]["leases"].find_one({"_id": lease})
        return int(found["fence"]) if found else 0

    def read_messages(self) -> dict[tuple[str, str], Sequence[LoggedMessage]]:
        """Read what was added since the last time; returns all, by topic and key, in order."""
        wanted = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
        ends = {(each.topic, each.partition): self._find_end(each.topic, each.partition) for each in wanted}
        behind = {place for place, end in ends.items() if self._positions.get(place, 0) < end}
        self._consumer.assign([TopicPartition(*place, self._positions.get(place, 0)) for place in behind])
        while behind:
            for record in self._consumer.consume(500, timeout=SECONDS):
                if record.error():
                    continue
                place = (str(record.topic()), int(record.partition() or 0))
                self._positions[place] = int(record.offset() or 0) + 1
                self._record_message(record)
            behind = {place for place in behind if self._positions.get(place, 0) < ends[place]}
        self._consumer.unassign()
        return dict(self._said)

    def set_topic(self, topic: str, setting: str, value: str) -> None:
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        admin = AdminClient(self._quiet)
        for done in admin.incremental_alter_configs([resource]).values():
            done.result(SECONDS)

    def write(self, topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, bytes | None]) -> str:
        """The broker's error, or ""."""
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
        """A member that handles and commits nothing."""
        topics = [topic.name for topic in TOPICS if group in topic.read_by]
        choice = {"group.id": group, "enable.auto.commit": False, "partition.assignment.strategy": "roundrobin"}
        member = Consumer(self._quiet | choice)
        member.subscribe(topics)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            member.poll(0.2)
        member.close()

    def _find_end(self, topic: str, partition: int) -> int:
        # Repeated while the partition's leader moves.
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                _first, end = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=SECONDS)
            except KafkaException:
                if time.monotonic() > give_up:
                    raise
                self._consumer.close()
                self._consumer = self._create_consumer()  # the old one may keep asking who led before
                time.sleep(0.2)
            else:
                return int(end)

    def _create_consumer(self, group: str = "outside") -> Consumer:
        return Consumer(self._quiet | {"group.id": group, "enable.auto.commit": False})

    def _record_message(self, record: Any) -> None:  # noqa: ANN401 - the client is untyped
        # Invalid messages are not judged.
        topic, value = record.topic(), record.value()
        try:
            envelope = parse(topic=topic, key=record.key(), value=value, headers=record.headers() or ())
            number = parse_message(envelope).number
        except InvalidMessage:
            return
        digest = hashlib.blake2b(value + repr(sorted(envelope.build_headers())).encode()).digest()
        self._said[topic, envelope.key].append(LoggedMessage(number, envelope.id, digest))


def read_gauge(address: str, name: str) -> float | None:
    """None if the service does not answer."""
    try:
        with urlopen(f"{address}/metrics", timeout=SECONDS) as answer:  # noqa: S310 - our own service on loopback
            lines = answer.read().decode().splitlines()
    except OSError:
        return None
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name}{{")), None)
