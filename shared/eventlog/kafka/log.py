"""The event log on Kafka."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.eventlog.kafka.calm import calm_the_client
from shared.eventlog.kafka.reader import KafkaReader
from shared.eventlog.kafka.sender import KafkaSender
from shared.eventlog.kafka.settings import KafkaSettings
from shared.eventlog.kafka.subscription import KafkaSubscription
from shared.eventlog.kafka.together import Together
from shared.eventlog.kafka.topics import KafkaTopics
from shared.eventlog.port import Outgoing, Partition, RecordRefused, Sent, TopicMismatch
from shared.eventlog.topics import PARKED_SETTINGS, PARTITIONS, TOPICS, Topic, parked_topic


class KafkaLog:
    """Kafka as the port needs it. Making one contacts nobody; the topics are made and checked at the first contact."""

    def __init__(
        self, settings: KafkaSettings, topics: Sequence[Topic] = TOPICS, *, partitions: int = PARTITIONS
    ) -> None:
        calm_the_client()
        self._settings = settings
        self._expected = topics
        self._partitions = partitions
        self._topics = KafkaTopics(settings)
        self._sender = KafkaSender(settings)
        self._check = Together(self._ensure)
        self._checked = False
        self._keyed = {topic.name for topic in topics if topic.settings.get("cleanup.policy") == "compact"}

    async def topics(self) -> frozenset[str]:
        """Name the topics there are; errors as the port says."""
        await self._reach()
        return await self._topics.names()

    async def send(self, outgoing: Outgoing) -> Sent:
        """Write one record and wait until all in-sync replicas have it; errors as the port says."""
        if outgoing.key is None and outgoing.topic in self._keyed:
            # The broker refuses it too, with a code (87) that the client does not know and would have us repeat.
            raise RecordRefused(f"a record of {outgoing.topic} needs a key")
        await self._reach()
        return await self._sender.send(outgoing)

    async def subscribe(self, topics: Sequence[str], group: str) -> KafkaSubscription:
        """Join a group, and make its parked topics if need be; errors as the port says."""
        await self._reach()
        parked = [Topic(parked_topic(topic, group), "as original", (), group, (), PARKED_SETTINGS) for topic in topics]
        await self._topics.ensure(parked, partitions=1)
        return await KafkaSubscription.open(self._settings, topics, group)

    async def read(self, topics: Sequence[str], start: Mapping[Partition, int] | None = None) -> KafkaReader:
        """Read topics without a group; errors as the port says."""
        await self._reach()
        counts = await self._partitions_of(topics)
        partitions = [Partition(topic, number) for topic in topics for number in range(counts[topic])]
        return await KafkaReader.open(self._settings, partitions, start or {})

    async def _partitions_of(self, topics: Sequence[str]) -> dict[str, int]:
        try:
            return await self._topics.partitions(topics)
        except TopicMismatch:  # a Kafka that lost everything has none of the topics that were made at the first contact
            await self._check()
            return await self._topics.partitions(topics)

    async def close(self) -> None:
        """Stop the producer, within a deadline."""
        await self._check.end()
        await self._sender.close()

    async def _reach(self) -> None:
        """Make and check the topics, at the first contact."""
        if not self._checked:
            await self._check()

    async def _ensure(self) -> None:
        await self._topics.ensure(self._expected, partitions=self._partitions)
        self._checked = True
