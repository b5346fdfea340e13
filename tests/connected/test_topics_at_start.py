"""A topic that is kept in another way than this release needs ends the start, in a line that says how to mend it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import Kafka, start_kafka
from deploy.local.ports import find_free_port
from shared.eventlog.topics import PARTITIONS, PROGRAMME
from tests.support.running import run_command

pytestmark = pytest.mark.connected

Start = Callable[[str], subprocess.CompletedProcess[str]]
FEWER = (
    f"The topic programme.v1 has 3 partitions, not {PARTITIONS}; adding some would break the order of its keys. If "
    "it is empty, delete it with kafka-topics.sh --delete --topic programme.v1 and start the service again, which "
    "makes it anew; otherwise copy its records to a new cluster."
)
NOT_COMPACT = (
    "The topic programme.v1 has cleanup.policy=delete, not compact. Mend it with kafka-configs.sh --alter "
    "--entity-type topics --entity-name programme.v1 --add-config cleanup.policy=compact"
)


@pytest.fixture
def kafka(kafka_libs: Path, tmp_path: Path) -> Iterator[Kafka]:
    """A broker without topics."""
    with start_kafka(tmp_path / "kafka") as started:
        yield started
        started.kill()


@pytest.fixture
def start(kafka: Kafka, mongo_url: str, database_name: str, tmp_path: Path) -> Start:
    """Starts a service on this broker, and gives what it said once it ended."""
    settings = {"mongo_url": mongo_url, "database_prefix": database_name, "kafka_bootstrap": kafka.bootstrap}
    own = {"port": str(find_free_port()), "data_dir": str(tmp_path), "log_level": "warning"}
    return lambda service: run_command(service, folder=tmp_path, **settings, **own)


async def make_topic(bootstrap: str, *, partitions: int, policy: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        settings = {**PROGRAMME.settings, "cleanup.policy": policy}
        await admin.create_topics([NewTopic(PROGRAMME.name, partitions, 1, topic_configs=settings)])
    finally:
        await admin.close()


@pytest.mark.parametrize(("partitions", "policy", "says"), [(3, "compact", FEWER), (PARTITIONS, "delete", NOT_COMPACT)])
async def test_topic_kept_in_another_way_ends_the_start_with_how_to_mend_it(
    kafka: Kafka, start: Start, partitions: int, policy: str, says: str
) -> None:
    await make_topic(kafka.bootstrap, partitions=partitions, policy=policy)

    for service in ("calendar", "distribution"):
        ended = start(service)
        assert (ended.returncode, says in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)
