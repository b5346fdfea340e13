"""Fixtures: a real MongoDB, a real Kafka and a browser, each started or found once for the whole run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from deploy.local.answers import kafka_brokers
from deploy.local.cannot_start import CannotStart
from deploy.local.java import JavaNotFound, find_java
from deploy.local.kafka import start_kafka
from deploy.local.kafka_jars import JarsNotFetched, MavenNotFound, kafka_jars
from deploy.local.kafka_settings import NodePorts, as_environment, node_settings
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.replica_set import start_replica_set
from deploy.local.waiting import becomes_true
from tests.left_out import leave_out

KAFKA_IMAGE = "apache/kafka:4.2.0"
CONTAINER_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "No Chromium found: on Debian run apt-get install chromium, or set KAL_TEST_CHROMIUM to one's path."


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set: that of KAL_TEST_MONGO if set, else one node started for this run."""
    if given := os.environ.get("KAL_TEST_MONGO"):
        yield given
        return
    folder = tmp_path_factory.mktemp("mongo")
    try:
        replica_set = start_replica_set(folder)
    except CannotStart as error:
        pytest.fail(str(error), pytrace=False)
    with replica_set:
        yield replica_set.url
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mongo_client(mongo_url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """The administrator's client, for looking at what the system wrote and for dropping it."""
    with MongoClient[dict[str, Any]](mongo_url) as client:
        yield client


@pytest.fixture
def database_name(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """A name no other test has; dropped afterwards is every database whose name begins with it."""
    name = f"test_{uuid4().hex[:16]}"
    yield name
    for database in mongo_client.list_database_names():
        if database.startswith(name):
            mongo_client.drop_database(database)


@pytest.fixture(scope="session")
def kafka_libs(request: pytest.FixtureRequest) -> Path:
    """Kafka's jars and a Java to run them, for tests that start, and hurt, a cluster of their own; else left out."""
    try:
        find_java()
        return kafka_jars()
    except (JavaNotFound, MavenNotFound, JarsNotFetched) as error:
        leave_out(request.config, "kafka", f"{error} Or set KAL_TEST_KAFKA to a broker's address.")


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """A real Kafka: that of KAL_TEST_KAFKA, else in a container, else from Apache's jars, else the test is left out."""
    if given := os.environ.get("KAL_TEST_KAFKA"):
        yield given
    elif _containers_work():
        with _kafka_in_container() as bootstrap:
            yield bootstrap
    else:
        request.getfixturevalue("kafka_libs")
        folder = tmp_path_factory.mktemp("kafka")
        kafka = start_kafka(folder)
        yield kafka.bootstrap
        kafka.kill()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def chromium_path(request: pytest.FixtureRequest) -> Path:
    """A Chromium for Playwright's ``executable_path``: KAL_TEST_CHROMIUM or the one on the PATH, else left out."""
    found = find_chromium()
    if found is None:
        leave_out(request.config, "browser", NO_CHROMIUM)
    return found


def find_chromium() -> Path | None:
    """The Chromium of this machine, if there is one."""
    names = (os.environ.get("KAL_TEST_CHROMIUM"), *BROWSERS)
    return next((Path(path) for name in names if name and (path := shutil.which(name))), None)


def _containers_work() -> bool:
    """Whether testcontainers is installed and a Docker engine answers."""
    if importlib.util.find_spec("testcontainers") is None or not (docker := shutil.which("docker")):
        return False
    try:
        engine = subprocess.run([docker, "version"], capture_output=True, check=False, timeout=10)  # noqa: S603 - found on the PATH
    except subprocess.TimeoutExpired:
        return False
    return engine.returncode == 0


@contextmanager
def _kafka_in_container() -> Iterator[str]:
    """The official image, on one port inside and outside, so that the address it tells clients is right for both."""
    port = free_port()
    settings = node_settings(1, [NodePorts(port, port + 1)], "/tmp/kafka") | {  # noqa: S108 - inside the container
        "listeners": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://{LOOPBACK}:{port + 1}"
    }
    container = importlib.import_module("testcontainers.core.container").DockerContainer(KAFKA_IMAGE)
    with container.with_envs(**as_environment(settings)).with_bind_ports(port, port):
        assert becomes_true(lambda: kafka_brokers(port) == 1, within=CONTAINER_SECONDS), f"{KAFKA_IMAGE} never answered"
        yield f"{LOOPBACK}:{port}"
