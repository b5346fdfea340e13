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

from bench.baselines.kafka_hop import create_topic, measure_hops
from bench.client import Connection, Request, Response, ask, open_connection
from bench.events import make_envelopes
from bench.keys import create_editor_key
from bench.load import MeasurementFailed
from bench.rounds import ROUNDS, collect_series, compute_percentile, interleave
from bench.system import BenchSystem, start_system
from bench.table import Budget, Report, format_number, format_spread
from bench.workflow import OK, WaitingEntry, await_arrival, require, submit_events
from shared.region import Region

FEW, MANY = 100, 10_000
SMALL, LARGE = f"{FEW:,} events", f"{MANY:,} events"
# The numbers of submitted events begin here, so that none is in the programme already.
FIRST_SENT = 1_000_000
NOT_MODIFIED = 304
# In each round, for each size; as many raw hops.
ACCEPTANCES = 100
# Acceptances before the first round.
WARMING = 20
# Seconds between two acceptances, at random, so that they do not keep step with any polling.
PAUSES = (0.02, 0.08)
LOOK_AGAIN_SECONDS = 0.001
GIVE_UP_SECONDS = 30.0
HOP = "raw Kafka hop"


class Visibility(msgspec.Struct, frozen=True):
    """Milliseconds until one acceptance was answered, and from then until each format showed it."""

    answered: float
    formats: Mapping[str, float]

    @property
    def everywhere(self) -> float:
        """Until the last format shows it."""
        return max(self.formats.values())


def measure(folder: Path, region: Region) -> Report:
    """About two minutes."""
    with ExitStack() as running:
        few, many = (
            _PreparedSystem(running.enter_context(start_system(folder / str(events), region, events=events)), region)
            for events in (FEW, MANY)
        )
        targets: dict[str, Callable[[], Sequence[Visibility]]] = {SMALL: few.run, LARGE: many.run}
        bootstrap = few.made.servers.kafka_bootstrap
        if bootstrap:
            asyncio.run(create_topic(bootstrap))
            targets[HOP] = partial(
                _measure_hops, bootstrap, [envelope.data for envelope in make_envelopes(ACCEPTANCES, region)]
            )
        return _report(interleave(targets), few.made.servers.log_name)


class _PreparedSystem:
    """Enough entries wait for a decision, and the feeds are warm."""

    def __init__(self, made: BenchSystem, region: Region) -> None:
        self.made = made
        key = create_editor_key(made.servers.mongo_url, region)
        self._waiting = asyncio.run(self._send_in(region, key))
        for url in made.feeds.values():
            ask(Request(url))
        self.run(WARMING)

    async def _send_in(self, region: Region, key: str) -> list[WaitingEntry]:
        count = WARMING + ROUNDS * ACCEPTANCES
        await submit_events(self.made, region, range(FIRST_SENT, FIRST_SENT + count), [key])
        return await await_arrival(self.made, count)

    def run(self, count: int = ACCEPTANCES) -> Sequence[Visibility]:
        chosen, self._waiting = self._waiting[:count], self._waiting[count:]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_accept_all(self.made, chosen))


def _measure_hops(bootstrap: str, values: Sequence[bytes]) -> Sequence[Visibility]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        taken = runner.run(measure_hops(bootstrap, values, [_draw_pause(Random(turn)) for turn in range(len(values))]))
    return [Visibility(0, {"hop": milliseconds}) for milliseconds in taken]


async def _accept_all(made: BenchSystem, waiting: Sequence[WaitingEntry]) -> Sequence[Visibility]:
    """In the end every format must hold all of them; raises NoFigure."""
    random = Random(waiting[0].id)
    async with AsyncExitStack() as opened:
        calendar = await opened.enter_async_context(open_connection(made.calendar))
        readers = {
            extension: Subscriber(url, await opened.enter_async_context(open_connection(url)))
            for extension, url in made.feeds.items()
        }
        for reader in readers.values():
            await reader.read()
        shown = []
        for chosen in waiting:
            await asyncio.sleep(_draw_pause(random))
            shown.append(await _accept(made, chosen, calendar, readers))
        for reader in readers.values():
            held = await reader.read()
            if missing := [each.id for each in waiting if each.id.encode() not in held]:
                raise MeasurementFailed(
                    f"{reader.url} has changed {len(waiting)} times and lacks {len(missing)} events"
                )
        return shown


async def _accept(
    made: BenchSystem, chosen: WaitingEntry, calendar: Connection, readers: Mapping[str, Subscriber]
) -> Visibility:
    # Nothing else changes a feed.
    headers = {**made.curator, "If-Match": f'"{chosen.review_number}"', "Content-Type": "application/json"}
    url = f"{made.calendar}/calendar/api/v1/reviews/{chosen.id}/accept"
    began = time.perf_counter()
    answer = await calendar.ask(Request(url, "POST", headers, ("{}",)).encode()[0])
    answered = time.perf_counter()
    require(answer, OK)
    seen = dict(
        zip(readers, await asyncio.gather(*(reader.await_change() for reader in readers.values())), strict=True)
    )
    return Visibility((answered - began) * 1_000, {name: (at - answered) * 1_000 for name, at in seen.items()})


class Subscriber:
    """A subscriber that polls a feed."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self._connection = connection
        self._tag = ""

    async def await_change(self) -> float:
        """The time at which the change was seen; raises TimeoutError."""
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while (await self._ask("HEAD", {"If-None-Match": self._tag})).status == NOT_MODIFIED:  # noqa: ASYNC110 - a subscriber is told nothing, it asks
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return time.perf_counter()

    async def read(self) -> bytes:
        """Decompressed and unfolded."""
        return gzip.decompress((await self._ask("GET", {})).body).replace(b"\r\n ", b"")

    async def _ask(self, method: str, headers: Mapping[str, str]) -> Response:
        request = Request(self.url, method, {"Accept-Encoding": "gzip", **headers})
        answer = await self._connection.ask(request.encode()[0])
        require(answer, OK, NOT_MODIFIED)
        self._tag = answer.headers["etag"]
        return answer


def _draw_pause(random: Random) -> float:
    return random.uniform(*PAUSES)


def _report(found: Mapping[str, list[Sequence[Visibility]]], log: str) -> Report:
    p50 = {name: collect_series(rounds, partial(_compute_percentile, share=0.50)) for name, rounds in found.items()}
    p99 = {name: collect_series(rounds, partial(_compute_percentile, share=0.99)) for name, rounds in found.items()}
    budgets = [Budget(f"p50, {LARGE} : {SMALL}", "at most", 1.2, p50[LARGE].over(p50[SMALL]))]
    if HOP in found:
        budgets += [Budget(f"p99, {name} : {HOP}", "at most", 6, p99[name].over(p99[HOP])) for name in (SMALL, LARGE)]
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
        rows=[(name, format_spread(p50[name]), format_spread(p99[name]), *_build_cells(found[name])) for name in found],
        budgets=budgets,
    )


def _compute_percentile(shown: Sequence[Visibility], share: float) -> float:
    return compute_percentile([each.everywhere for each in shown], share)


PARTS = ("answer p50 ms", "ics p50 ms", "rss p50 ms", "json p50 ms")


def _build_cells(rounds: Sequence[Sequence[Visibility]]) -> Sequence[str]:
    """Medians of the response and of each format; empty for the hop."""
    every = [each for shown in rounds for each in shown]
    if len(every[0].formats) == 1:
        return ("",) * len(PARTS)
    figures = [[each.answered for each in every]]
    figures += [[each.formats[name] for each in every] for name in every[0].formats]
    return tuple(format_number(compute_percentile(figure, 0.5)) for figure in figures)
