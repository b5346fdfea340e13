from __future__ import annotations

from services.distribution.feeds.render_cache import RenderCache
from services.distribution.formats import create_formats
from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.model import Programme
from tests.services.distribution.builders import encode, make_message, make_programme, make_site
from tests.services.distribution.rendering import render

POISON = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-01"}
ICAL = Variant("ics", "pl")


def listing_of(programme: Programme, event_id: str) -> IndexedEvent:
    found = programme.get(event_id)
    assert found is not None
    return found


def test_an_event_is_rendered_once_per_revision_language_and_format() -> None:
    blocks, programme = RenderCache(create_formats(make_site())), make_programme([make_message("a")])

    for _ in range(3):
        blocks.get(ICAL, listing_of(programme, "a"))
    blocks.get(Variant("ics", "de"), listing_of(programme, "a"))
    programme.publish(encode(make_message("a", 2)))
    blocks.get(ICAL, listing_of(programme, "a"))

    assert blocks.render_count == 3


def test_an_event_that_cannot_be_rendered_is_quarantined_until_one_comes_that_can() -> None:
    blocks, programme = RenderCache(create_formats(make_site())), make_programme([make_message("a", dates=POISON)])

    assert blocks.get(ICAL, listing_of(programme, "a")) is None
    assert [(each.event_id, each.revision, each.variant) for each in blocks.quarantine.events] == [("a", 1, ICAL)]
    assert blocks.quarantine.events[0].reason == "EndsBeforeStart: 2027-08-14 – 2027-08-01"

    programme.publish(encode(make_message("a", 2)))
    assert blocks.get(ICAL, listing_of(programme, "a")) is not None
    assert (blocks.quarantine.events, blocks.quarantine.failure_count) == ([], 1)


def test_a_withdrawn_event_leaves_the_quarantine() -> None:
    blocks, programme = RenderCache(create_formats(make_site())), make_programme([make_message("a", dates=POISON)])
    blocks.get(ICAL, listing_of(programme, "a"))

    blocks.quarantine.forget_events(["a"])

    assert blocks.quarantine.events == []


def test_one_poisoned_event_removes_no_other_from_any_feed() -> None:
    healthy = [make_message("a"), make_message("c")]

    for extension in ("ics", "rss", "json"):
        assert render([*healthy, make_message("b", dates=POISON)], extension) == render(healthy, extension)
