"""One occurrence of an event that repeats, in a calendar: readers take its entry for the whole one."""

from __future__ import annotations

import icalendar
import pytest

from tests.services.distribution.builders import make_evenings
from tests.services.distribution.rendering import render

PART = make_evenings("a", part_of="f", licence="CC-BY-4.0")


@pytest.mark.parametrize("name", ["CATEGORIES", "CONTACT", "GEO", "LINK", "LOCATION", "RELATED-TO", "URL"])
def test_an_occurrence_that_is_cancelled_or_moved_says_again_what_holds_for_all(name: str) -> None:
    """A reader inherits nothing for it: without its licence the one of the whole feed would seem to hold."""
    [whole, *others] = icalendar.Calendar.from_ical(render([PART])).events

    assert len(others) == 2
    said = whole.content_line(name, whole[name])
    assert [each.content_line(name, each[name]) for each in others] == [said, said]
