"""Checks of Kafka: availability, topics, and whether the services keep up with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.admin.doctor.findings import Finding, broken, ok, warning
from shared.eventlog.kafka.admin import KafkaAdmin, TopicDescription
from shared.eventlog.topics import PARTITIONS, TOPICS, Topic

ABOUT: Final = "Kafka"
MOST_LAG: Final = 100
READ_BY: Final[Mapping[str, tuple[str, ...]]] = {
    group: tuple(topic.name for topic in TOPICS if group in topic.read_by) for group in ("calendar", "ingest")
}


async def examine_kafka(kafka: KafkaAdmin) -> list[Finding]:
    """Raises LogUnavailable."""
    brokers = await kafka.count_brokers()
    found = [ok(ABOUT, f"It answers, with {brokers} broker{'s' if brokers > 1 else ''}.")]
    kept = await kafka.describe([topic.name for topic in TOPICS])
    wrong = [finding for topic in TOPICS for finding in _check_topic(topic, kept.get(topic.name), brokers)]
    found += wrong or [ok("topics", f"{', '.join(topic.name for topic in TOPICS)} are kept as they must be.")]
    if len(kept) == len(TOPICS):
        for group in READ_BY:
            found += await _check_group(kafka, group)
    return found


def _check_topic(topic: Topic, kept: TopicDescription | None, brokers: int) -> list[Finding]:
    about = f"topic {topic.name}"
    if kept is None:
        return [
            broken(about, "It does not exist.", "Say `kalendarium rebuild`: it makes the topic and writes it anew.")
        ]
    return [*_check_settings(about, topic, kept), *_check_copies(about, topic, kept, brokers)]


def _check_settings(about: str, topic: Topic, kept: TopicDescription) -> list[Finding]:
    found: list[Finding] = []
    if kept.partitions != PARTITIONS:
        what = f"It has {kept.partitions} partitions, not {PARTITIONS}, so a service refuses to start."
        do = "Stop all services and say `kalendarium rebuild --new-log`: it makes the topics anew."
        found.append(broken(about, what, do))
    wanted, policy = topic.settings["cleanup.policy"], kept.settings.get("cleanup.policy", "")
    if policy and policy != wanted:
        what = f"Its cleanup.policy is {policy}, not {wanted}: what is public could be cleaned away."
        do = (
            f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} "
            f"--add-config cleanup.policy={wanted}"
        )
        found.append(broken(about, what, do))
    return found


def _check_copies(about: str, topic: Topic, kept: TopicDescription, brokers: int) -> list[Finding]:
    needed = int(kept.settings.get("min.insync.replicas") or 1)
    if kept.leaderless:
        what = f"{kept.leaderless} of its partitions have no leader, so they can be neither read nor written."
        return [broken(about, what, "Start the brokers that are down.")]
    if needed > kept.copies:
        what = f"It has {kept.copies} copies and wants {needed} to be in step, so nothing can ever be written."
        do = (
            f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} "
            f"--add-config min.insync.replicas={max(1, kept.copies - 1)}"
        )
        return [broken(about, what, do)]
    if kept.in_sync < needed:
        what = f"Only {kept.in_sync} of {kept.copies} copies are in step and {needed} must be: writes are refused."
        return [broken(about, what, "Start the brokers that are down; until then messages wait in the outboxes.")]
    if kept.in_sync < kept.copies:
        what = f"Only {kept.in_sync} of its {kept.copies} copies are in step."
        return [warning(about, what, "Start the broker that is down, before another one goes.")]
    if kept.copies == 1 < brokers:
        what = f"It is kept once, although there are {brokers} brokers: if that one is lost, so is the topic."
        return [warning(about, what, "Raise its replication by kafka-reassign-partitions.sh.")]
    return []


async def _check_group(kafka: KafkaAdmin, group: str) -> list[Finding]:
    about = f"readers {group}"
    theirs = await kafka.get_committed(group)
    committed = {where: offset for where, offset in theirs.items() if where.topic in READ_BY[group]}
    ends = await kafka.get_ends(committed)
    beyond = [where for where, offset in committed.items() if offset > ends[where]]
    if beyond:
        what = f"{group} had read {len(beyond)} partitions further than they go: the event log is a new one."
        return [broken(about, what, "Say `kalendarium rebuild`: it writes the event log anew from the databases.")]
    lag = sum(ends[where] - offset for where, offset in committed.items())
    if not (members := (await kafka.count_members([group]))[group]):
        what = f"No process of {group} reads the event log, and {lag} records wait."
        return [broken(about, what, f"Start {group}; if it runs, its log says why it cannot read.")]
    if lag > MOST_LAG:
        what = f"{group} has {lag} records still to read."
        do = f"Ask again in a minute; if they do not become fewer, look at the log of {group}, and at MongoDB."
        return [warning(about, what, do)]
    return [ok(about, f"{members} process{'es' if members > 1 else ''}, {lag} records to read.")]
