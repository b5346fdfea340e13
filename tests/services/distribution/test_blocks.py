from __future__ import annotations

from services.distribution.blocks import Blocks, Kind
from services.distribution.formats import formats_of
from services.distribution.programme import Listing, Programme
from tests.services.distribution.builders import encode, make_imprint, make_message, make_programme
from tests.services.distribution.rendering import render

POISON = {"certainty": "exact", "start": "2027-08-14", "end": "2027-08-01"}
ICAL = Kind("ics", "pl")


def listing_of(programme: Programme, event_id: str) -> Listing:
    found = programme.listing(event_id)
    assert found is not None
    return found


def test_an_event_is_rendered_once_per_revision_language_and_format() -> None:
    blocks, programme = Blocks(formats_of(make_imprint())), make_programme([make_message("a")])

    for _ in range(3):
        blocks.block(ICAL, listing_of(programme, "a"))
    blocks.block(Kind("ics", "de"), listing_of(programme, "a"))
    programme.publish(encode(make_message("a", 2)))
    blocks.block(ICAL, listing_of(programme, "a"))

    assert blocks.rendered == 3


def test_an_event_that_cannot_be_rendered_is_quarantined_until_one_comes_that_can() -> None:
    """Check 7 of standards.md section 6."""
    blocks, programme = Blocks(formats_of(make_imprint())), make_programme([make_message("a", dates=POISON)])

    assert blocks.block(ICAL, listing_of(programme, "a")) is None
    assert [(each.event_id, each.revision, each.kind) for each in blocks.quarantine] == [("a", 1, ICAL)]
    assert blocks.quarantine[0].reason == "EndsBeforeStart: 2027-08-14 – 2027-08-01"

    programme.publish(encode(make_message("a", 2)))
    assert blocks.block(ICAL, listing_of(programme, "a")) is not None
    assert (blocks.quarantine, blocks.failed) == ([], 1)


def test_a_withdrawn_event_leaves_the_quarantine() -> None:
    blocks, programme = Blocks(formats_of(make_imprint())), make_programme([make_message("a", dates=POISON)])
    blocks.block(ICAL, listing_of(programme, "a"))

    blocks.forget_event("a")

    assert blocks.quarantine == []


def test_one_poisoned_event_removes_no_other_from_any_feed() -> None:
    healthy = [make_message("a"), make_message("c")]

    for extension in ("ics", "rss", "json"):
        assert render([*healthy, make_message("b", dates=POISON)], extension) == render(healthy, extension)
