"""Event log on Kafka."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.aio.single_flight import SingleFlight
from shared.eventlog.kafka.log_throttle import throttle_client_logs
from shared.eventlog.kafka.reader import KafkaReader
from shared.eventlog.kafka.sender import KafkaSender
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.subscription import KafkaSubscription
from shared.eventlog.kafka.topics import KafkaTopics
from shared.eventlog.port import Outgoing, Partition, RecordPosition, RecordRefused, TopicMismatch
from shared.eventlog.topics import DEAD_LETTER_SETTINGS, PARTITIONS, TOPICS, Topic, name_dead_letter_topic


class KafkaLog:
    """Contacts no broker when made; the first call creates and checks the topics."""

    def __init__(
        self, settings: KafkaSettings, topics: Sequence[Topic] = TOPICS, *, partitions: int = PARTITIONS
    ) -> None:
        throttle_client_logs()
        self._settings = settings
        self._expected = topics
        self._partitions = partitions
        self._topics = KafkaTopics(settings)
        self._sender = KafkaSender(settings)
        self._check = SingleFlight(self._create_topics)
        self._checked = False
        self._keyed = {topic.name for topic in topics if topic.settings.get("cleanup.policy") == "compact"}

    async def list_topics(self) -> frozenset[str]:
        await self._ensure_topics()
        return await self._topics.list_names()

    async def send(self, outgoing: Outgoing) -> RecordPosition:
        """Acknowledged by all in-sync replicas."""
        if outgoing.key is None and outgoing.topic in self._keyed:
            # The broker refuses it too, with a code (87) that the client does not know and would have us repeat.
            raise RecordRefused(f"a record of {outgoing.topic} needs a key")
        await self._ensure_topics()
        return await self._sender.send(outgoing)

    async def subscribe(self, topics: Sequence[str], group: str) -> KafkaSubscription:
        await self._ensure_topics()
        dead_letters = [
            Topic(name_dead_letter_topic(topic, group), "as original", (), group, (), DEAD_LETTER_SETTINGS)
            for topic in topics
        ]
        await self._topics.ensure(dead_letters, partitions=1)
        return await KafkaSubscription.open(self._settings, topics, group)

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> KafkaReader:
        await self._ensure_topics()
        counts = await self._count_partitions(topics)
        partitions = [Partition(topic, number) for topic in topics for number in range(counts[topic])]
        return await KafkaReader.open(self._settings, partitions, start or {})

    async def _count_partitions(self, topics: Sequence[str]) -> dict[str, int]:
        try:
            return await self._topics.count_partitions(topics)
        except TopicMismatch:  # a Kafka that lost everything has none of the topics that were made at the first contact
            await self._check()
            return await self._topics.count_partitions(topics)

    async def close(self) -> None:
        await self._check.cancel()
        await self._sender.close()

    async def _ensure_topics(self) -> None:
        if not self._checked:
            await self._check()

    async def _create_topics(self) -> None:
        await self._topics.ensure(self._expected, partitions=self._partitions)
        self._checked = True
