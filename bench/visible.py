"""From an acceptance until it is visible in every format, with a small and with a large programme."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import uvloop

from bench.client import Answer, Connection, Request, ask, connected
from bench.events import letters
from bench.keys import editor_key
from bench.load import NoFigure
from bench.rounds import ROUNDS, interleave, percentile, series
from bench.sending import OK, Waiting, await_arrival, require, send_in
from bench.stage import Stage, stage
from bench.table import Budget, Report, number, spread
from bench.yardsticks.kafka_hop import hops, make_topic
from shared.region import Region

FEW, MANY = 100, 10_000
SMALL, LARGE = f"{FEW:,} events", f"{MANY:,} events"
FIRST_SENT = 1_000_000
"""The numbers of events that are sent in begin here, so that none is in the programme already."""
NOT_MODIFIED = 304
ACCEPTANCES = 100
"""In each round, for each size; as many raw hops."""
WARMING = 20
"""Acceptances before the first round."""
PAUSES = (0.02, 0.08)
"""Seconds between two acceptances, at random, so that they do not keep step with anything that waits."""
LOOK_AGAIN_SECONDS = 0.001
GIVE_UP_SECONDS = 30.0
HOP = "raw Kafka hop"


class Shown(msgspec.Struct, frozen=True):
    """One acceptance, in milliseconds: until it was answered, and from then until each format was served with it."""

    answered: float
    formats: Mapping[str, float]

    @property
    def everywhere(self) -> float:
        """From the answer until the last format has it."""
        return max(self.formats.values())


def measure(folder: Path, region: Region) -> Report:
    """Measure; about two minutes."""
    with ExitStack() as running:
        few, many = (
            _Prepared(running.enter_context(stage(folder / str(events), region, events=events)), region)
            for events in (FEW, MANY)
        )
        targets: dict[str, Callable[[], Sequence[Shown]]] = {SMALL: few.run, LARGE: many.run}
        bootstrap = few.made.servers.kafka_bootstrap
        if bootstrap:
            asyncio.run(make_topic(bootstrap))
            targets[HOP] = partial(_hop, bootstrap, [letter.data for letter in letters(ACCEPTANCES, region)])
        return _report(interleave(targets), few.made.servers.log_name)


class _Prepared:
    """A stage with enough that waits for a decision, and with its feeds warm."""

    def __init__(self, made: Stage, region: Region) -> None:
        self.made = made
        key = editor_key(made.servers.mongo_url, region)
        self._waiting = asyncio.run(self._send_in(region, key))
        for url in made.feeds.values():
            ask(Request(url))
        self.run(WARMING)

    async def _send_in(self, region: Region, key: str) -> list[Waiting]:
        count = WARMING + ROUNDS * ACCEPTANCES
        await send_in(self.made, region, range(FIRST_SENT, FIRST_SENT + count), [key])
        return await await_arrival(self.made, count)

    def run(self, count: int = ACCEPTANCES) -> Sequence[Shown]:
        """Accept some, one after the other."""
        chosen, self._waiting = self._waiting[:count], self._waiting[count:]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_accept_all(self.made, chosen))


def _hop(bootstrap: str, values: Sequence[bytes]) -> Sequence[Shown]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        taken = runner.run(hops(bootstrap, values, [_pause(Random(turn)) for turn in range(len(values))]))
    return [Shown(0, {"hop": milliseconds}) for milliseconds in taken]


async def _accept_all(made: Stage, waiting: Sequence[Waiting]) -> Sequence[Shown]:
    """Accept one after the other; in the end every format must hold all of them.

    Raises:
        NoFigure: if one does not.

    """
    random = Random(waiting[0].id)
    async with AsyncExitStack() as opened:
        calendar = await opened.enter_async_context(connected(made.calendar))
        readers = {
            extension: Reader(url, await opened.enter_async_context(connected(url)))
            for extension, url in made.feeds.items()
        }
        for reader in readers.values():
            await reader.read()
        shown = []
        for chosen in waiting:
            await asyncio.sleep(_pause(random))
            shown.append(await _accept(made, chosen, calendar, readers))
        for reader in readers.values():
            held = await reader.read()
            if missing := [each.id for each in waiting if each.id.encode() not in held]:
                raise NoFigure(f"{reader.url} has changed {len(waiting)} times and lacks {len(missing)} events")
        return shown


async def _accept(made: Stage, chosen: Waiting, calendar: Connection, readers: Mapping[str, Reader]) -> Shown:
    """Accept, and look at every format until it has changed: nothing else changes it."""
    headers = {**made.curator, "If-Match": f'"{chosen.review_number}"', "Content-Type": "application/json"}
    url = f"{made.calendar}/calendar/api/v1/reviews/{chosen.id}/accept"
    began = time.perf_counter()
    answer = await calendar.ask(Request(url, "POST", headers, ("{}",)).raw()[0])
    answered = time.perf_counter()
    require(answer, OK)
    seen = dict(
        zip(readers, await asyncio.gather(*(reader.await_change() for reader in readers.values())), strict=True)
    )
    return Shown((answered - began) * 1_000, {name: (at - answered) * 1_000 for name, at in seen.items()})


class Reader:
    """A subscriber that asks again and again whether a feed has changed."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self._connection = connection
        self._tag = ""

    async def await_change(self) -> float:
        """Ask until the feed is another one, and give the time at which that was said.

        Raises:
            TimeoutError: if it does not change.

        """
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while (await self._ask("HEAD", {"If-None-Match": self._tag})).status == NOT_MODIFIED:  # noqa: ASYNC110 - a subscriber is told nothing, it asks
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return time.perf_counter()

    async def read(self) -> bytes:
        """Read the feed whole, in gzip; gives it unpacked and unfolded."""
        return gzip.decompress((await self._ask("GET", {})).body).replace(b"\r\n ", b"")

    async def _ask(self, method: str, headers: Mapping[str, str]) -> Answer:
        """Ask, and know from then on what was answered."""
        request = Request(self.url, method, {"Accept-Encoding": "gzip", **headers})
        answer = await self._connection.ask(request.raw()[0])
        require(answer, OK, NOT_MODIFIED)
        self._tag = answer.headers["etag"]
        return answer


def _pause(random: Random) -> float:
    return random.uniform(*PAUSES)


def _report(found: Mapping[str, list[Sequence[Shown]]], log: str) -> Report:
    p50 = {name: series(rounds, partial(_share, share=0.50)) for name, rounds in found.items()}
    p99 = {name: series(rounds, partial(_share, share=0.99)) for name, rounds in found.items()}
    budgets = [Budget(f"p50, {LARGE} : {SMALL}", "at most", 1.2, p50[LARGE].over(p50[SMALL]))]
    if HOP in found:
        budgets += [Budget(f"p99, {name} : {HOP}", "at most", 3, p99[name].over(p99[HOP])) for name in (SMALL, LARGE)]
    return Report(
        title="visible: from an acceptance to every format",
        how=(
            f"Three services as processes, MongoDB and {log}, all on the cores there are; {ROUNDS} "
            f"rounds of {ACCEPTANCES} acceptances, one at a time. A subscriber asks for programme.ics, .rss and .json "
            f"by HEAD and If-None-Match every {LOOK_AGAIN_SECONDS * 1000:.0f} ms; the time runs from the answer to the "
            f"acceptance until the last of the three is served anew. After each round they are read whole and must "
            f"hold every event. The raw hop is aiokafka alone, from send to a consumer's hand, on the same broker."
        ),
        head=("what", "p50 ms, median (min–max)", "p99 ms, median (min–max)", *PARTS),
        rows=[(name, spread(p50[name]), spread(p99[name]), *_parts(found[name])) for name in found],
        budgets=budgets,
    )


def _share(shown: Sequence[Shown], share: float) -> float:
    return percentile([each.everywhere for each in shown], share)


PARTS = ("answer p50 ms", "ics p50 ms", "rss p50 ms", "json p50 ms")


def _parts(rounds: Sequence[Sequence[Shown]]) -> Sequence[str]:
    """Give the medians of the answer and of each format; nothing for the hop."""
    every = [each for shown in rounds for each in shown]
    if len(every[0].formats) == 1:
        return ("",) * len(PARTS)
    figures = [[each.answered for each in every]]
    figures += [[each.formats[name] for each in every] for name in every[0].formats]
    return tuple(number(percentile(figure, 0.5)) for figure in figures)
