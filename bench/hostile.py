"""Hostile requests: how long each holds the event loop, its peak memory, and what is not released.

The requests are those of the tests (``tests/security/hostile``), which assert only what is the same on a busy machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from bench.client import ConnectionLost, open_connection
from bench.memory import read_peak_bytes, read_resident_bytes, reset_peak
from bench.rounds import ROUNDS, Series
from bench.servers import start_servers
from bench.table import Budget, Report, format_number
from shared.region import Region
from tests.security.hostile.attack import SERVICES, Attack
from tests.security.hostile.attacks import GROUPS
from tests.security.hostile.ground import APART, TOGETHER, Ground, Programs, opened_ground
from tests.security.hostile.lasting import lasting
from tests.security.hostile.playing import Played, Player, complaints, playing
from tests.security.hostile.sweep import sweep

REQUESTS = 5_000
# Requests before memory is compared: caches fill to their limits first.
WARMING = 1_000
CONNECTIONS = 4
HELD_MS = 100.0
SHARE = 10
# Of any request, however short: the page of the heaviest event that is accepted takes 5 to 6 MB (decision 0022).
FLOOR = 8_000_000
# Of a log-in: comparing a password takes 64 MiB by design, and two are compared at once.
PASSWORD = 68_000_000
FLAT_KB = 1_000.0
# As little as can be set, so that it is reached early.
FEEDS_MEGABYTES = "16"
SWEEP = "every route, in every part"


class AttackResult(NamedTuple):
    """The least of all rounds, in seconds, and the most bytes."""

    group: str
    attack: Attack
    longest: float
    longest_cpu: float
    peak: int
    allowed: int
    said: Sequence[str]


class RetainedMemory(NamedTuple):
    """In kB."""

    what: str
    warming: float
    growth: float


def measure(folder: Path, region: Region, *, requests: int = REQUESTS) -> Report:  # noqa: ARG001 - as all measurements are called
    """Some minutes, and with thousands of requests of each kind half an hour."""
    with start_servers(folder) as where:
        settings = {"mongo_url": where.mongo_url, "database_prefix": "hostile", "feeds_megabytes": FEEDS_MEGABYTES}
        if where.kafka_bootstrap:
            settings["kafka_bootstrap"] = where.kafka_bootstrap
        programs = APART if where.kafka_bootstrap else TOGETHER
        turns, stayed = asyncio.run(_measure(settings, folder, programs, requests))
        return _report(turns, stayed, requests, where.log_name)


async def _measure(
    settings: Mapping[str, str], folder: Path, programs: Programs, requests: int
) -> tuple[list[AttackResult], list[RetainedMemory]]:
    async with opened_ground(settings, folder, programs=programs) as ground:
        turns = await _play_groups(ground)
        stayed = [await _measure_retained(ground, attack, requests) for attack in lasting()]
    return turns, stayed


async def _play_groups(ground: Ground) -> list[AttackResult]:
    # The first round is dropped: what is created once is created in it.
    groups = {**{name: list(attacks()) for name, attacks in GROUPS.items()}, SWEEP: list(sweep())}
    found = []
    for name, attacks in groups.items():
        rounds = [await _play_round(ground, attacks) for _ in range(ROUNDS + 1)]
        found += [_summarize(name, plays) for plays in zip(*rounds[1:], strict=True)]
    return found


async def _play_round(ground: Ground, attacks: Sequence[Attack]) -> list[tuple[Played, int]]:
    async with AsyncExitStack() as opened:
        players = {each: await opened.enter_async_context(playing(ground, each)) for each in SERVICES}
        return [await _play(players[each.service], each, ground.processes[each.service].pid) for each in attacks]


async def _play(player: Player, attack: Attack, process: int) -> tuple[Played, int]:
    """Also by how many bytes the process grew meanwhile."""
    reset_peak(process)
    before = read_resident_bytes(process)
    played = await player.play(attack)
    return played, max(0, read_peak_bytes(process) - before)


def _summarize(group: str, plays: Sequence[tuple[Played, int]]) -> AttackResult:
    last, _peak = plays[-1]
    return AttackResult(
        group,
        last.attack,
        min(each.held.longest for each, _peak in plays),
        min(each.held.longest_cpu for each, _peak in plays),
        min(peak for _each, peak in plays),
        max(FLOOR, SHARE * last.sent) + (PASSWORD if _is_login(last.attack) else 0),
        [f"{each.attack.what}: {said}" for each, _peak in plays for said in complaints(each)],
    )


def _is_login(attack: Attack) -> bool:
    return b"/login" in attack.target + attack.body[:100] and attack.method != "GET"


async def _measure_retained(ground: Ground, attack: Attack, requests: int) -> RetainedMemory:
    process = ground.processes[attack.service]
    before = read_resident_bytes(process.pid)
    await _load(ground, attack, min(WARMING, requests))
    warm = read_resident_bytes(process.pid)
    await _load(ground, attack, max(0, requests - WARMING))
    return RetainedMemory(attack.what, (warm - before) / 1_000, (read_resident_bytes(process.pid) - warm) / 1_000)


async def _load(ground: Ground, attack: Attack, requests: int) -> None:
    left = iter(range(requests))
    await asyncio.gather(*(_load_one(ground, attack, left) for _ in range(CONNECTIONS)))


async def _load_one(ground: Ground, attack: Attack, left: Iterator[int]) -> None:
    # On a new connection where the last one was closed.
    while next(left, None) is not None:
        with suppress(ConnectionLost):
            async with open_connection(ground.processes[attack.service].address) as connection:
                await connection.ask(ground.raw(attack))
                while next(left, None) is not None:
                    await connection.ask(ground.raw(attack))


def _report(turns: Sequence[AttackResult], stayed: Sequence[RetainedMemory], requests: int, log: str) -> Report:
    slowest = max(turns, key=lambda turn: turn.longest)
    largest = max(turns, key=lambda turn: turn.peak / turn.allowed)
    grown = max(stayed, key=lambda each: each.growth)
    said = [one for turn in turns for one in turn.said]
    groups = {turn.group: [each for each in turns if each.group == turn.group] for turn in turns}
    return Report(
        title=f"hostile: {len(turns):,} requests that were made to do harm",
        how=(
            f"The three services as processes on {log}, with events whose texts are as long as they may be. Each "
            f"request is played once for what is made but once, then {ROUNDS} times one after the other; the least of "
            f"these counts, as a busy machine only adds. The event loop is looked at every millisecond from inside. "
            f"Memory is the peak while a request lasts, beyond what was held before; {FLOOR // 10**6} MB are allowed "
            f"to any, and 64 MiB besides where a password is compared. Of {len(stayed)} kinds {requests:,} requests "
            f"are played, each another one, and what is held after them is compared with what is held after "
            f"{WARMING:,}; feeds may keep {FEEDS_MEGABYTES} MB."
        ),
        head=("requests", "number", "loop held, ms", "computing, ms", "the longest", "memory, MB", "the most"),
        rows=[_build_row(name, found) for name, found in groups.items()],
        budgets=[
            Budget(
                f"loop held ({slowest.attack.what})",
                "at most",
                HELD_MS,
                _wrap_single(slowest.longest * 1_000),
                unit="ms",
            ),
            Budget(
                f"memory, of {SHARE} × the request ({largest.attack.what})",
                "at most",
                1,
                _wrap_single(largest.peak / largest.allowed),
            ),
            Budget(
                f"growth after {WARMING:,} ({grown.what})", "at most", FLAT_KB, _wrap_single(grown.growth), unit="kB"
            ),
            Budget("answers that are wrong, echo or are a flood", "at most", 0, _wrap_single(len(said)), unit=""),
        ],
        remarks=[
            *(f"{each.attack.what}: {each.longest * 1_000:.0f} ms" for each in _sort_by_longest(turns)[:10]),
            *(
                f"{each.what}: {each.warming:+.0f} kB, then {each.growth:+.0f} kB"
                for each in _sort_by_growth(stayed)[:10]
            ),
            *said[:20],
        ],
    )


def _build_row(name: str, turns: Sequence[AttackResult]) -> Sequence[str]:
    slowest, largest = _sort_by_longest(turns)[0], max(turns, key=lambda turn: turn.peak)
    return (
        name,
        f"{len(turns):,}",
        format_number(slowest.longest * 1_000),
        format_number(max(turn.longest_cpu for turn in turns) * 1_000),
        slowest.attack.what,
        format_number(largest.peak / 1e6),
        largest.attack.what,
    )


def _sort_by_longest(turns: Iterable[AttackResult]) -> list[AttackResult]:
    return sorted(turns, key=lambda turn: -turn.longest)


def _sort_by_growth(stayed: Iterable[RetainedMemory]) -> list[RetainedMemory]:
    return sorted(stayed, key=lambda each: -each.growth)


def _wrap_single(value: float) -> Series:
    return Series((value,))
