"""Profile of the three paths that count: a submission, a change on its way into the feeds, a feed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.client import Request, ask
from bench.cores import choose_server_core
from bench.events import encode_bodies, make_envelopes, make_published
from bench.feed import PATH as FEED
from bench.keys import build_bearer_header, create_editor_key
from bench.load import MeasurementFailed, apply_load
from bench.profiled_service import Profile, run_profiled
from bench.servers import Servers, start_servers, write_envelopes
from bench.submit import IN_FLIGHT
from bench.submit import PATH as SUBMISSIONS
from bench.system import FORMATS
from bench.table import Report, format_number
from shared.eventlog.envelope import Envelope, wrap
from shared.region import Region

SECONDS = 3.0
EVENTS = 1_000
CHANGES = 200
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30.0
FIRST_CHANGE = 1_000_000


def measure(folder: Path, region: Region) -> Report:
    """About half a minute."""
    with start_servers(folder) as where:
        write_envelopes(make_envelopes(EVENTS, region), where)
        found = {
            "submission": _profile_submissions(where, region),
            **dict(_profile_distribution(where, region)),
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
        rows=[row for path, (profile, times) in found.items() for row in _build_rows(path, profile, times)],
        budgets=[],
    )


def _profile_submissions(where: Servers, region: Region) -> tuple[Profile, int]:
    headers = {**build_bearer_header(create_editor_key(where.mongo_url, region)), "Content-Type": "application/json"}
    with run_profiled("ingest", where, core=choose_server_core()) as ingest:
        request = Request(f"{ingest.address}{SUBMISSIONS}", "POST", headers, encode_bodies(EVENTS, region))
        apply_load(request, connections=IN_FLIGHT, seconds=1.0)
        with ingest.profile() as found:
            pressed = apply_load(request, connections=IN_FLIGHT, seconds=SECONDS)
    return found[0], pressed.answers


def _profile_distribution(where: Servers, region: Region) -> Iterator[tuple[str, tuple[Profile, int]]]:
    with run_profiled("distribution", where, core=choose_server_core()) as distribution:
        urls = [f"{distribution.address}{FEED.removesuffix('ics')}{extension}" for extension in FORMATS]
        requests = [Request(url, headers={"Accept-Encoding": "gzip"}) for url in urls]
        tags = [ask(request).headers["etag"] for request in requests]
        with distribution.profile() as found:
            for number in range(FIRST_CHANGE, FIRST_CHANGE + CHANGES):
                write_envelopes([_make_envelope(number, region)], where)
                time.sleep(PAUSE_SECONDS)
            _await_changes(requests, tags)
        yield "a change, three formats", (found[0], CHANGES)
        tag = ask(requests[0]).headers["etag"]
        asked = msgspec.structs.replace(requests[0], headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        with distribution.profile() as found:
            pressed = apply_load(asked, connections=16, seconds=SECONDS)
        yield "a feed, 304", (found[0], pressed.answers)


def _make_envelope(number: int, region: Region) -> Envelope:
    message = make_published(number, region)
    return wrap(message, id=message.event_id, source="/calendar", time=message.published_at)


def _await_changes(requests: Sequence[Request], tags: Sequence[str]) -> None:
    """Raises NoFigure if one does not change."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(ask(request).headers["etag"] == tag for request, tag in zip(requests, tags, strict=True)):
        if time.monotonic() > deadline:
            raise MeasurementFailed("The feeds did not change.")
        time.sleep(0.1)


def _build_rows(path: str, profile: Profile, times: int) -> Iterator[Sequence[str]]:
    for each in profile.functions:
        share = f"{each.own_seconds / profile.own_seconds:.1%}"
        yield (
            path,
            f"`{each.function}`",
            share,
            format_number(each.calls / times),
            format_number(each.all_seconds * 1e6 / times),
        )
