"""For whom an event is, and whether it is under a roof, in each format."""

from __future__ import annotations

import json

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from services.distribution.programme.selection import Selection
from shared.messages import EventFacets
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

FOR_SOME = make_message("a", audience=["families", "children"], ages={"min": 6}, setting=["indoors", "outdoors"])
LINES = ("Dla kogo: rodziny, dzieci (wiek: 6+)", "Przestrzeń: pod dachem, pod gołym niebem")


def test_feeds_say_it_in_words_and_data_by_codes() -> None:
    calendar, news, data = (render([FOR_SOME], extension).decode() for extension in ("ics", "rss", "json"))

    assert [line.replace(",", r"\,") in calendar.replace("\r\n ", "") for line in LINES] == [True, True]
    assert [line in news for line in LINES] == [True, True]
    found = json.loads(data)["items"][0]["_event"]
    assert (found["audience"], found["ages"], found["setting"]) == (
        ["families", "children"],
        {"min": 6},
        ["indoors", "outdoors"],
    )


def test_an_event_that_says_nothing_is_written_as_before() -> None:
    whole = b"".join(render([make_message("a")], extension) for extension in ("ics", "rss", "json"))

    assert [word for word in (b"audience", b"ages", b"setting", b"Dla kogo", b"dachem") if word in whole] == []


def test_structured_data_name_the_audience_and_its_ages() -> None:
    found = json.loads(render_json_ld(localize(FOR_SOME, "en", make_site())))

    assert found["typicalAgeRange"] == "6-"
    assert found["audience"] == [
        {"@type": "PeopleAudience", "audienceType": "families"},
        {"@type": "PeopleAudience", "audienceType": "children", "suggestedMinAge": 6},
    ]


def test_a_feed_of_an_audience_learns_of_a_withdrawal_by_its_facets() -> None:
    families = Selection(audience=("families",))
    facets = EventFacets("3262", ["maritime"], "2027-08-14", "2027-08-14", audience=["families"])

    assert families.matches(facets)
    assert not families.matches(EventFacets("3262", ["maritime"], "2027-08-14", "2027-08-14"))
