"""System under test: MongoDB, event log, three services as processes, and a curator's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.events import make_envelopes
from bench.keys import build_bearer_header, create_curator_key
from bench.servers import Servers, run_service, start_servers, write_envelopes
from shared.region import Region

FORMATS = ("ics", "rss", "json")


@dataclass(frozen=True, slots=True)
class BenchSystem:
    servers: Servers
    ingest: str
    calendar: str
    distribution: str
    curator: Mapping[str, str]

    @property
    def feeds(self) -> Mapping[str, str]:
        """Of the whole programme, by format."""
        return {extension: f"{self.distribution}/feeds/programme.{extension}" for extension in FORMATS}


@contextmanager
def start_system(folder: Path, region: Region, *, events: int = 0) -> Iterator[BenchSystem]:
    """``events`` are public from the beginning; raises StartError."""
    with ExitStack() as running:
        where = running.enter_context(start_servers(folder))
        write_envelopes(make_envelopes(events, region), where)
        curator = build_bearer_header(create_curator_key(where.mongo_url, region))
        ingest, calendar, distribution = (
            running.enter_context(run_service(name, where)).address for name in ("ingest", "calendar", "distribution")
        )
        yield BenchSystem(where, ingest, calendar, distribution, curator)
