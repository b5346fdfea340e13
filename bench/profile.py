"""Where the time goes on the three paths that count: a submission, a change on its way into the feeds, a feed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.client import Request, ask
from bench.cores import server_core
from bench.events import event, letters, published
from bench.feed import PATH as FEED
from bench.keys import bearer, editor_key
from bench.load import NoFigure, press
from bench.profiled import Profile, profiled
from bench.servers import Servers, servers, write_letters
from bench.stage import FORMATS
from bench.submit import IN_FLIGHT
from bench.submit import PATH as SUBMISSIONS
from bench.table import Report, number
from shared.eventlog.envelope import Letter, enclose
from shared.region import Region

SECONDS = 3.0
EVENTS = 1_000
CHANGES = 200
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30.0
FIRST_CHANGE = 1_000_000


def measure(folder: Path, region: Region) -> Report:
    """Measure; about half a minute."""
    with servers(folder) as where:
        write_letters(letters(EVENTS, region), where)
        found = {
            "submission": _submissions(where, region),
            **dict(_distribution(where, region)),
        }
    return Report(
        title="profile: which functions take the time",
        how=(
            f"Python's own profiler (cProfile) inside the service while it works: {SECONDS:.0f} s of submissions with "
            f"{IN_FLIGHT} in flight, relay and consumer with them; {CHANGES} changes one after the other, with three "
            f"formats warm; {SECONDS:.0f} s of 304. It makes small functions look dearer than they are and says "
            f"where to look, not how fast anything is. Times are per submission, change and request."
        ),
        head=("path", "function", "share of own time", "calls each", "µs each, all it calls included"),
        rows=[row for path, (profile, times) in found.items() for row in _rows(path, profile, times)],
        budgets=[],
    )


def _submissions(where: Servers, region: Region) -> tuple[Profile, int]:
    bodies = tuple(msgspec.json.encode(event(number, region)).decode() for number in range(EVENTS))
    headers = {**bearer(editor_key(where.mongo_url, region)), "Content-Type": "application/json"}
    with profiled("ingest", where, core=server_core()) as ingest:
        request = Request(f"{ingest.address}{SUBMISSIONS}", "POST", headers, bodies)
        press(request, connections=IN_FLIGHT, seconds=1.0)
        with ingest.watched() as found:
            pressed = press(request, connections=IN_FLIGHT, seconds=SECONDS)
    return found[0], pressed.answers


def _distribution(where: Servers, region: Region) -> Iterator[tuple[str, tuple[Profile, int]]]:
    with profiled("distribution", where, core=server_core()) as distribution:
        urls = [f"{distribution.address}{FEED.removesuffix('ics')}{extension}" for extension in FORMATS]
        requests = [Request(url, headers={"Accept-Encoding": "gzip"}) for url in urls]
        tags = [ask(request).headers["etag"] for request in requests]
        with distribution.watched() as found:
            for number in range(FIRST_CHANGE, FIRST_CHANGE + CHANGES):
                write_letters([_letter(number, region)], where)
                time.sleep(PAUSE_SECONDS)
            _await_other(requests, tags)
        yield "a change, three formats", (found[0], CHANGES)
        tag = ask(requests[0]).headers["etag"]
        asked = msgspec.structs.replace(requests[0], headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        with distribution.watched() as found:
            pressed = press(asked, connections=16, seconds=SECONDS)
        yield "a feed, 304", (found[0], pressed.answers)


def _letter(number: int, region: Region) -> Letter:
    message = published(number, region)
    return enclose(message, id=message.event_id, source="/calendar", time=message.published_at)


def _await_other(requests: Sequence[Request], tags: Sequence[str]) -> None:
    """Wait until every feed has another tag.

    Raises:
        NoFigure: if one stays as it was.

    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(ask(request).headers["etag"] == tag for request, tag in zip(requests, tags, strict=True)):
        if time.monotonic() > deadline:
            raise NoFigure("The feeds did not change.")
        time.sleep(0.1)


def _rows(path: str, profile: Profile, times: int) -> Iterator[Sequence[str]]:
    for each in profile.functions:
        share = f"{each.own_seconds / profile.own_seconds:.1%}"
        yield (
            path,
            f"`{each.function}`",
            share,
            number(each.calls / times),
            number(each.all_seconds * 1e6 / times),
        )
