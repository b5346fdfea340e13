"""A curator is asked about the town and county of what waits, by all communes."""

from __future__ import annotations

from datetime import date

from services.calendar.entry.view import EventView
from services.calendar.review.view import make_entry_view
from shared.region import load_region
from tests.services.calendar.builders import make_event, make_live, make_message, make_waiting
from tests.services.calendar.conftest import Browser, Calendar
from tests.support.communes import list_combinations
from tests.support.running import REGION

TODAY = date(2026, 11, 23)


def test_every_commune_is_asked_about_in_another_county_and_in_its_own_not() -> None:
    region = load_region(REGION)
    view = EventView(region, "pl")
    found = []
    for town, county, is_listed in list_combinations():
        entry = make_waiting(event=make_event(venue={"town": town, "county": county}))
        texts = [each.text for each in make_entry_view(entry, view, today=TODAY).warnings]
        found.append((town, county, is_listed, texts))

    asked = [(town, county, texts) for town, county, is_listed, texts in found if bool(texts) == is_listed]
    assert asked == []
    labels = {code: county.get_label("pl") for code, county in region.counties.items()}
    assert all(
        labels[county] in text and any(labels[code] in text for code in region.find_counties(town))
        for town, county, _is_listed, texts in found
        for text in texts
    ), "a question names both counties"


def test_what_is_public_is_not_asked_about() -> None:
    entry = make_live(event=make_event(venue={"town": "Kołobrzeg", "county": "3262"}))

    assert make_entry_view(entry, EventView(load_region(REGION), "pl"), today=TODAY).warnings == ()


async def test_the_page_of_an_entry_asks(calendar: Calendar, curator: Browser) -> None:
    await calendar.receive(make_message(1, event=make_event(venue={"town": "Kołobrzeg", "county": "3262"})))

    page = await curator.read("/calendar/entries/0195-a")

    assert "Miejscowość Kołobrzeg znamy z innego powiatu (powiat kołobrzeski) niż podany (Szczecin)." in page
