"""Hostile requests against the process: no answer is a fault of ours, an echo or a flood, and none holds it for long.

How long exactly, and what stays in memory, is measured by ``make bench NAME=hostile``; what is asserted here are
seconds, where a fault of this kind takes many and a sound answer a twentieth of one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo import MongoClient

from bench.client import Response
from bench.loop_monitor import LoopDelay
from tests.security.hostile.attack import Attack, get
from tests.security.hostile.attacks import attacks
from tests.security.hostile.ground import Ground, opened_ground
from tests.security.hostile.playing import Played, complaints, playing
from tests.security.hostile.sweep import routes, sweep

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(600)]

MOST_SECONDS: Final = 2.0
"""Of computing between two looks of the event loop, so that it is the same while others compute on this machine."""
EVERY: Final = 8
"""Of the attacks on each route so many are one here; the others are played by the bench."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    prefix = f"test_{uuid4().hex[:16]}"
    settings = {"mongo_url": mongo_url, "database_prefix": prefix}
    async with opened_ground(settings, tmp_path_factory.mktemp("hostile")) as opened:
        yield opened
    for database in mongo_client.list_database_names():
        if database.startswith(prefix):
            mongo_client.drop_database(database)


LIKE_A_PAGE: Final = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}
CALM: Final = LoopDelay(0.0, 0.0, 0.0)
HARM: Final = {
    "a fault of ours": Played(get("x", "/pl/"), Response(500, LIKE_A_PAGE, b""), CALM, 1),
    "another status": Played(get("x", "/pl/", 414), Response(200, LIKE_A_PAGE, b""), CALM, 1),
    "no headers": Played(get("x", "/pl/"), Response(200, {}, b""), CALM, 1),
    "an echo": Played(get("x", "/pl/"), Response(404, LIKE_A_PAGE, b"ab%25" * 2_200), CALM, 1),
    "an echo in a header": Played(
        get("x", "/pl/"), Response(303, {**LIKE_A_PAGE, "location": "z" * 2_200}, b""), CALM, 1
    ),
    "a flood": Played(get("x", "/pl/"), Response(404, LIKE_A_PAGE, bytes(range(256)) * 600), CALM, 1),
    "no answer": Played(get("x", "/pl/"), None, CALM, 1),
    "a hold": Played(get("x", "/pl/"), Response(200, LIKE_A_PAGE, b""), LoopDelay(2.5, 2.1, 2.1), 1),
}


@pytest.mark.parametrize("what", HARM)
async def test_harm_is_noticed(what: str) -> None:
    assert len(wrong([HARM[what]])["x"]) == 1


async def played(ground: Ground, wanted: Iterable[Attack]) -> list[Played]:
    async with playing(ground, "ingest") as player:  # all three are one process
        return [await player.play(each) for each in wanted]


def wrong(found: Iterable[Played]) -> dict[str, list[str]]:
    """What is complained of, by attack."""
    return {each.attack.what: said for each in found if (said := [*complaints(each), *held(each)])}


def held(each: Played) -> Iterator[str]:
    if each.held.longest_cpu > MOST_SECONDS:
        yield f"held the process for {each.held.longest_cpu:.1f} s"


async def test_no_hostile_request_that_is_known_does_harm(ground: Ground) -> None:
    found = await played(ground, attacks())

    assert len(found) > 500
    assert wrong(found) == {}


async def test_no_part_of_a_request_to_any_route_does_harm(ground: Ground) -> None:
    found = await played(ground, sweep(every=EVERY))

    assert len({each.attack.what.partition(": ")[0] for each in found}) == len(list(routes()))
    assert wrong(found) == {}


async def test_a_service_is_as_well_afterwards_as_before(ground: Ground) -> None:
    ready = [
        get("readiness", "/readyz", 200),
        get("a feed", "/feeds/programme.ics", 200),
    ]

    assert [each.answer.status for each in await played(ground, ready) if each.answer] == [200, 200]
