"""The made-up events: always the same, and such as the services take."""

from __future__ import annotations

from pathlib import Path
from uuid import RFC_4122, UUID

import msgspec
import pytest

from bench.events import make_envelopes, make_event, make_event_id, make_published, make_repeating, make_repeats
from services.distribution.programme.model import Programme
from services.ingest.state import make_vocabulary
from services.ingest.submission.content import read_event
from shared.event.recurrence import list_occurrences
from shared.region import Region, load_region


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(Path(__file__).parents[2] / "deploy" / "region")


def test_a_number_gives_the_same_event_every_time(region: Region) -> None:
    assert make_event(7, region) == make_event(7, region)
    assert make_published(7, region) == make_published(7, region)


def test_no_two_numbers_give_the_same_id() -> None:
    assert len({make_event_id(number) for number in range(2_000)}) == 2_000


def test_an_id_is_a_uuid_of_version_7() -> None:
    found = UUID(make_event_id(0))

    assert (found.version, found.variant, str(found)) == (7, RFC_4122, make_event_id(0))


def test_ingest_takes_every_event(region: Region) -> None:
    known = make_vocabulary(region)

    for number in range(200):
        sent = make_event(number, region)
        assert read_event(msgspec.json.encode(sent), known, county=None).title == sent["title"]


def test_ingest_takes_every_event_that_repeats(region: Region) -> None:
    known = make_vocabulary(region)

    for number in range(200):
        sent = make_event(number, region) | {"dates": make_repeats(number)}
        found = read_event(msgspec.json.encode(sent), known, county=None)
        assert len(list_occurrences(found.dates)) >= 6


def test_every_fifth_event_repeats(region: Region) -> None:
    repeating = [number for number in range(100) if "recurrence" in make_repeating(number, region).event["dates"]]

    assert repeating == list(range(0, 100, 5))


def test_distribution_reads_every_envelope(region: Region) -> None:
    programme = Programme()

    for envelope in make_envelopes(200, region):
        programme.publish(envelope.data)

    assert len(programme) == 200
