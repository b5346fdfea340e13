from __future__ import annotations

from typing import Final

import pytest

from services.calendar.entry.view import EventView, get_title
from shared.region import Region, load_region
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact
from tests.services.calendar.builders import kept_event
from tests.services.calendar.conftest import REGION


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(REGION)


def test_every_field_is_a_phrase_in_the_order_of_the_form(region: Region) -> None:
    event = kept_event(
        title={"pl": "Żagle", "de": "Segeltage"},
        dates={"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-14"},
        venue={"town": "Dobra", "postcode": "72-003", "county": "3211", "lat": 53.48, "lon": 14.4},
        also=["film"],
        tickets={"free": False, "price": {"pl": "40 zł", "en": "PLN 40"}, "url": "https://bilety.example"},
        accessibility=["step_free", "new_code"],
        website="https://zagle.example",
        audience=["children", "new_code"],
        ages={"min": 6},
        setting=["indoors", "outdoors"],
        licence="CC-BY-SA-4.0",
        description={"pl": "Długi opis."},
    )

    assert EventView(region, "pl").list_phrases(event) == {
        "title.pl": "Żagle",
        "title.de": "Segeltage",
        "dates": "sobota 14 sierpnia 2027, termin wstępny",
        "venue": "72-003 Dobra, powiat policki, 53.48000, 14.40000",
        "category": "Wydarzenia morskie i żeglarskie",
        "also": region.categories["film"].get_label("pl"),
        "tickets": "Wstęp płatny\n40 zł\nPLN 40 (en)\nhttps://bilety.example",
        "website": "https://zagle.example",
        "accessibility": "wejście bez schodów, new_code",
        "audience": "Dla dzieci, new_code",
        "ages": "6+",
        "setting": "Pod dachem, Pod gołym niebem",
        "licence": "CC BY-SA 4.0",
        "description.pl": "Długi opis.",
    }


def test_a_place_of_the_register_is_told_from_one_of_the_same_words(region: Region) -> None:
    words = {"town": "Dobra", "county": "3211"}
    known = kept_event(venue={"id": "01890a5d-ac96-774b-bcce-b302099a8057", **words})

    assert EventView(region, "pl").list_phrases(known)["venue"] == "Dobra, powiat policki, w rejestrze miejsc"
    assert EventView(region, "pl").list_phrases(kept_event(venue=words))["venue"] == "Dobra, powiat policki"


EVENINGS: Final = {
    "certainty": "exact",
    "start": "2027-07-03T18:00",
    "end": "2027-07-03T20:00",
    "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"},
}


def test_a_curator_sees_a_change_of_repeats_in_words(region: Region) -> None:
    off = {"date": "2027-07-10T18:00", "status": "cancelled", "note": {"pl": "upał"}}
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=4", "exceptions": [off]}
    live, proposal = kept_event(dates=EVENINGS), kept_event(dates=EVENINGS | {"recurrence": recurrence})

    (change,) = EventView(region, "en").list_changes(live, proposal)

    assert "".join(words for _kind, words in change.before) == (
        "every Saturday, 3–17 July 2027, 18:00–20:00\n3, 10, 17 July 2027"
    )
    assert "".join(words for _kind, words in change.after) == (
        "every Saturday, 3–24 July 2027, 18:00–20:00\n3, 17, 24 July 2027\nCancelled: Saturday 10 July 2027 (pl: upał)"
    )


def test_imported_facts_say_where_they_come_from(region: Region) -> None:
    event = kept_event(provenance={"confidence": "high", "edition": 2026, "source": "https://zrodlo.example"})

    found = EventView(region, "pl").list_facts(event)[-1]

    link = Link("https://zrodlo.example", "https://zrodlo.example")
    assert found == Fact("Pochodzenie danych", ["pewne, edycja 2026"], links=(link,))


def test_source_that_is_no_web_address_is_no_link(region: Region) -> None:
    found = EventView(region, "pl").list_facts(kept_event(provenance={"source": "javascript:alert(1)"}))[-1]

    assert (found.lines, found.links) == (["javascript:alert(1)"], ())


def test_codes_that_the_region_no_longer_has_are_shown_as_they_are(region: Region) -> None:
    event = kept_event(category="krowy", venue={"town": "Warszawa", "county": "1465"})

    phrases = EventView(region, "pl").list_phrases(event)

    assert (phrases["category"], phrases["venue"]) == ("krowy", "Warszawa, 1465")


def test_blanks_before_a_mark_stay_outside_of_it(region: Region) -> None:
    rows = EventView(region, "pl").list_changes(
        kept_event(title={"pl": "Żagle"}), kept_event(title={"pl": "Żagle 2027"})
    )

    assert [(row.label, row.before, row.after) for row in rows] == [
        ("Tytuł", [("same", "Żagle")], [("same", "Żagle"), ("same", " "), ("ins", "2027")])
    ]


def test_title_is_said_in_the_language_it_is_really_in() -> None:
    event = kept_event(title={"pl": "Żagle", "de": "Segeltage"})

    assert (get_title(event, "pl"), get_title(event, "en")) == (("Żagle", ""), ("Żagle", "pl"))
