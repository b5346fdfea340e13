"""A part names its umbrella event in every feed, whatever becomes of that."""

from __future__ import annotations

import json

import icalendar
import pytest
from lxml import etree

from services.distribution.formats.json_ld import MAX_PARTS, render_json_ld
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import encode, make_message, make_programme, make_site, make_withdrawal
from tests.services.distribution.rendering import render, render_programme

FESTIVAL = make_message("f", title={"pl": "Festiwal", "de": "Festspiele"})
CONCERT = make_message("c", title={"pl": "Koncert"}, part_of="f")
PAGE = "https://kalendarium.example.org/de/events/f"
UID = "f@kalendarium.zrot.pl"


def test_each_feed_names_the_umbrella_in_its_own_field() -> None:
    calendar, news, data = (render([CONCERT], extension, "de") for extension in ("ics", "rss", "json"))

    [vevent] = icalendar.Calendar.from_ical(calendar).events
    assert (str(vevent["RELATED-TO"]), dict(vevent["RELATED-TO"].params)) == (UID, {"RELTYPE": "PARENT"})
    assert f"Teil von: {PAGE}" in str(vevent["DESCRIPTION"])
    html = etree.fromstring(news).findtext("channel/item/{http://purl.org/rss/1.0/modules/content/}encoded")
    assert f'<a href="{PAGE}">Teil von</a>' in str(html)
    [item] = json.loads(data)["items"]
    assert item["_event"]["part_of"] == {"id": "f", "uid": UID, "url": PAGE}


@pytest.mark.parametrize("extension", ["ics", "rss", "json"])
def test_the_bytes_of_a_part_do_not_depend_on_its_umbrella(extension: str) -> None:
    alone = render([CONCERT], extension)
    programme = make_programme([CONCERT, FESTIVAL])
    programme.withdraw(make_withdrawal("f", 2))

    assert render_programme(programme, extension) == alone


@pytest.mark.parametrize("extension", ["ics", "rss", "json"])
def test_the_bytes_of_an_umbrella_do_not_depend_on_its_parts(extension: str) -> None:
    body = render([FESTIVAL], extension)

    assert b"part_of" not in body
    assert b"RELATED-TO" not in body
    programme = make_programme([FESTIVAL, CONCERT])
    programme.withdraw(make_withdrawal("c", 2))
    assert render_programme(programme, extension) == body


def test_an_event_that_names_itself_is_part_of_nothing() -> None:
    odd = make_message("c", part_of="c")

    assert b"RELATED-TO" not in render([odd], "ics")
    assert make_programme([odd]).list_parts("c") == []


def test_structured_data_say_both_directions() -> None:
    festival, concert = (localize(each, "de", make_site()) for each in (FESTIVAL, CONCERT))

    below = json.loads(render_json_ld(concert, umbrella=festival))
    above = json.loads(render_json_ld(festival, parts=[concert] * (MAX_PARTS + 1)))

    assert {name: below["superEvent"][name] for name in ("name", "url", "startDate", "endDate")} == {
        "name": "Festspiele",
        "url": PAGE,
        "startDate": "2027-08-14",
        "endDate": "2027-08-16",
    }
    assert len(above["subEvent"]) == MAX_PARTS
    assert (above["subEvent"][0]["name"], above["subEvent"][0]["location"]["name"]) == ("Koncert", "Wały Chrobrego")
    assert above["subEvent"][0]["@id"] == below["@id"]


def test_a_message_that_an_earlier_release_reads_still_has_everything_else() -> None:
    plain, part = make_message("c"), make_message("c", part_of="f")

    assert encode(part).replace(b',"part_of":"f"', b"") == encode(plain)
