"""The stack with the demo programme in it, started once for the tests that only look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.ports import find_free_ports
from services.demo.stack import PORTS, Stack, start_stack
from shared.settings import CommonSettings
from tests.support.demonstrations import Demonstrated, demonstrate


@dataclass(frozen=True)
class StackShown:
    """A running stack, and the demonstration on it."""

    stack: Stack
    demonstrated: Demonstrated


@pytest.fixture(scope="session")
def free_stack_ports() -> dict[str, int]:
    """A free port for each service."""
    return dict(zip(PORTS, find_free_ports(len(PORTS)), strict=True))


@pytest.fixture(scope="session")
def demo_stack(
    kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory, free_stack_ports: dict[str, int]
) -> Iterator[StackShown]:
    """Real Kafka, MongoDB, three processes, and the region's programme in every feed."""
    with start_stack(tmp_path_factory.mktemp("stack"), ports=free_stack_ports) as running:
        settings = CommonSettings(mongo_url=running.mongo_url, kafka_bootstrap=running.kafka_bootstrap)
        yield StackShown(running, asyncio.run(demonstrate(settings, running.addresses)))
