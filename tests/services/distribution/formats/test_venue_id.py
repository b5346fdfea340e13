"""The id of a place in the register of venues, in each format that has a field for it."""

from __future__ import annotations

import json

from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import make_message, make_site
from tests.services.distribution.rendering import render

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
WORDS = {"name": "Wały Chrobrego", "town": "Szczecin", "county": "3262"}
KNOWN = make_message("a", venue={"id": ID, **WORDS})
UNKNOWN = make_message("a", venue=WORDS)


def test_data_name_the_place_by_its_id() -> None:
    found = json.loads(render([KNOWN], "json"))["items"][0]["_event"]["venue"]
    place = json.loads(render_json_ld(localize(KNOWN, "en", make_site())))["location"]

    assert (found["id"], found["name"]) == (ID, "Wały Chrobrego")
    assert (place["@id"], place["@type"]) == (f"urn:uuid:{ID}", "Place")


def test_calendars_and_news_show_the_words_alone() -> None:
    for extension in ("ics", "rss"):
        assert render([KNOWN], extension) == render([UNKNOWN], extension)


def test_an_event_without_one_is_written_as_before() -> None:
    place = json.loads(render_json_ld(localize(UNKNOWN, "en", make_site())))["location"]

    assert "@id" not in place
    assert "id" not in json.loads(render([UNKNOWN], "json"))["items"][0]["_event"]["venue"]
