"""Fixtures: a real MongoDB, a real Kafka and a browser, each started or found once for the whole run.

Where the run has several workers, its controller starts the servers and hands their addresses on by the environment;
each test has databases and topics of its own, so workers share them as tests do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from deploy.local.errors import StartError
from deploy.local.java import JavaNotFound, find_java
from deploy.local.kafka import start_kafka
from deploy.local.kafka_jars import DownloadFailed, MavenNotFound, ensure_kafka_jars
from deploy.local.kafka_settings import NodePorts, build_node_settings, format_environment
from deploy.local.polling import poll_until
from deploy.local.ports import LOOPBACK, find_free_port
from deploy.local.probes import count_kafka_brokers
from deploy.local.replica_set import start_replica_set
from tests.support.left_out import leave_out

MONGO = "KAL_TEST_MONGO"
KAFKA = "KAL_TEST_KAFKA"
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder of its own that a run makes there has a name nobody can guess
ROOMY = 4 * 2**30  # bytes
KAFKA_IMAGE = "apache/kafka:4.2.0"
CONTAINER_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELL = "chromium-headless-shell"
"""The same engine without windows and what belongs to them: a page costs a third of the processor time."""
NO_CHROMIUM = "No Chromium found: on Debian run apt-get install chromium, or set KAL_TEST_CHROMIUM to one's path."


class SharedServers:
    """One MongoDB and one Kafka for all workers of a run; a server that is given from outside is used instead.

    What this machine cannot start is left to the workers, which say so as a run without workers does.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()

    def start(self) -> None:
        """Start them, and hand their addresses to the workers that are started after this."""
        folder = Path(self._opened.enter_context(TemporaryDirectory(prefix="kalendarium-", dir=roomy_memory())))
        for variable, opening in ((MONGO, _started_mongo), (KAFKA, _started_kafka)):
            if not os.environ.get(variable):
                with suppress(StartError):
                    os.environ[variable] = self._opened.enter_context(opening(folder))
                    self._opened.callback(os.environ.pop, variable, None)

    def stop(self) -> None:
        """End what was started and remove its data."""
        self._opened.close()


def roomy_memory() -> Path | None:
    """A folder in memory with room for the servers' data, where the system has one: no test needs it on a disk."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOMY else None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the servers before xdist starts its workers, which is the last thing that happens at the start."""
    if session.config.pluginmanager.hasplugin("dsession"):
        servers = SharedServers()
        session.config.add_cleanup(servers.stop)
        servers.start()


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set: that of KAL_TEST_MONGO if set, else one node started for this run."""
    if given := os.environ.get(MONGO):
        yield given
        return
    with ExitStack() as opened:
        try:
            url = opened.enter_context(_started_mongo(tmp_path_factory.mktemp("mongo")))
        except StartError as error:
            pytest.fail(str(error), pytrace=False)
        yield url


@pytest.fixture(scope="session")
def mongo_client(mongo_url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """The administrator's client, for looking at what the system wrote and for dropping it."""
    with MongoClient[dict[str, Any]](mongo_url) as client:
        yield client


@pytest.fixture(scope="module")
def module_database_name(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """A name that the tests of one module share; its databases are dropped after the last one."""
    with fresh_database_name(mongo_client) as name:
        yield name


@pytest.fixture
def database_name(mongo_client: MongoClient[dict[str, Any]], module_database_name: str) -> Iterator[str]:
    """A name under which each test finds databases without documents.

    Collections and indexes of earlier tests of the module are there: making and dropping them for each test takes
    MongoDB a tenth of a second. A test to which that matters asks for ``fresh_name``.
    """
    yield module_database_name
    for database in list_databases(mongo_client, module_database_name):
        for collection in mongo_client[database].list_collection_names():
            mongo_client[database][collection].delete_many({})


@pytest.fixture
def fresh_name(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """A name under which no database is; dropped afterwards is every one whose name begins with it."""
    with fresh_database_name(mongo_client) as name:
        yield name


@contextmanager
def fresh_database_name(client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """Give a name that nobody has; drop every database whose name begins with it afterwards."""
    name = f"test_{uuid4().hex[:16]}"
    try:
        yield name
    finally:
        for database in list_databases(client, name):
            client.drop_database(database)


def list_databases(client: MongoClient[dict[str, Any]], prefix: str) -> list[str]:
    """The databases whose names begin so."""
    wanted = {"name": {"$regex": f"^{prefix}"}}
    return [each["name"] for each in client.list_databases(filter=wanted, nameOnly=True)]


@pytest.fixture(scope="session")
def kafka_libs() -> Path:
    """Kafka's jars and a Java to run them, for tests that start, and hurt, a cluster of their own; else left out."""
    try:
        find_java()
        return ensure_kafka_jars()
    except (JavaNotFound, MavenNotFound, DownloadFailed) as error:
        leave_out("kafka", f"{error} Or set KAL_TEST_KAFKA to a broker's address.")


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """A real Kafka: that of KAL_TEST_KAFKA, else in a container, else from Apache's jars, else the test is left out."""
    if given := os.environ.get(KAFKA):
        yield given
        return
    if not _containers_work():
        request.getfixturevalue("kafka_libs")
    with _started_kafka(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium for Playwright's ``executable_path``: KAL_TEST_CHROMIUM or one on the PATH, else left out."""
    return _found_chromium((SHELL, *BROWSERS))


@pytest.fixture(scope="session")
def whole_chromium_path() -> Path:
    """A Chromium with what its shell lacks: completing forms, keeping pages one comes back to; else left out."""
    return _found_chromium(BROWSERS)


def _found_chromium(names: Sequence[str]) -> Path:
    found = find_chromium(names)
    if found is None:
        leave_out("browser", NO_CHROMIUM)
    return found


def find_chromium(names: Sequence[str] = (SHELL, *BROWSERS)) -> Path | None:
    """The Chromium of this machine, if there is one."""
    return next(
        (Path(path) for name in (os.environ.get("KAL_TEST_CHROMIUM"), *names) if name and (path := shutil.which(name))),
        None,
    )


def _containers_work() -> bool:
    """Whether a Docker engine answers."""
    if not (docker := shutil.which("docker")):
        return False
    try:
        engine = subprocess.run([docker, "version"], capture_output=True, check=False, timeout=10)  # noqa: S603 - found on the PATH
    except subprocess.TimeoutExpired:
        return False
    return engine.returncode == 0


@contextmanager
def _started_mongo(folder: Path) -> Iterator[str]:
    with start_replica_set(folder) as replica_set:
        with MongoClient[dict[str, Any]](replica_set.url) as client:
            # Tests stop their clocks at moments that are over: each minute it would delete what they have just written.
            client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        yield replica_set.url
    for number, _ in enumerate(replica_set.nodes, start=1):
        shutil.rmtree(folder / f"mongod-{number}")


@contextmanager
def _started_kafka(folder: Path) -> Iterator[str]:
    """In a container where those work, else from Apache's jars."""
    if _containers_work():
        with _kafka_in_container() as bootstrap:
            yield bootstrap
        return
    kafka = start_kafka(folder)
    try:
        yield kafka.bootstrap
    finally:
        kafka.kill()  # nobody wants its data, nor the time in which it closes its files


@contextmanager
def _kafka_in_container() -> Iterator[str]:
    """The official image, on one port inside and outside, so that the address it tells clients is right for both."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - few machines need it, and it loads slowly

    port = find_free_port()
    settings = build_node_settings(1, [NodePorts(port, port + 1)], "/tmp/kafka") | {  # noqa: S108 - inside the container
        "listeners": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://{LOOPBACK}:{port + 1}"
    }
    with DockerContainer(KAFKA_IMAGE).with_envs(**format_environment(settings)).with_bind_ports(port, port):
        assert poll_until(lambda: count_kafka_brokers(port) == 1, within=CONTAINER_SECONDS), (
            f"{KAFKA_IMAGE} never answered"
        )
        yield f"{LOOPBACK}:{port}"
