"""A whole system as processes: MongoDB, the event log, three services, and a curator's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.events import letters
from bench.keys import bearer, curator_key
from bench.servers import Servers, servers, service, write_letters
from shared.region import Region

FORMATS = ("ics", "rss", "json")


@dataclass(frozen=True, slots=True)
class Stage:
    """A running system: where it is, and the header with which the curator decides."""

    servers: Servers
    ingest: str
    calendar: str
    distribution: str
    curator: Mapping[str, str]

    @property
    def feeds(self) -> Mapping[str, str]:
        """The addresses of the whole programme's feed in every format."""
        return {extension: f"{self.distribution}/feeds/programme.{extension}" for extension in FORMATS}


@contextmanager
def stage(folder: Path, region: Region, *, events: int = 0) -> Iterator[Stage]:
    """Start everything; so many public events stand on the log from the beginning.

    Raises:
        CannotStart: one line says why.

    """
    with ExitStack() as running:
        where = running.enter_context(servers(folder))
        write_letters(letters(events, region), where)
        curator = bearer(curator_key(where.mongo_url, region))
        ingest, calendar, distribution = (
            running.enter_context(service(name, where)).address for name in ("ingest", "calendar", "distribution")
        )
        yield Stage(where, ingest, calendar, distribution, curator)
