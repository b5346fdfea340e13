"""The pictures of an entry: seen by curators only, and how those of a proposal differ."""

from __future__ import annotations

from typing import Any

from services.calendar.entry.view import EventView
from services.calendar.review.entry_pictures import list_pictures
from shared.event.model import Event, parse_event
from shared.media.making import make_picture
from shared.media.model import Focus
from shared.region import load_region
from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import REGION, Calendar, browser
from tests.shared.media.drawing import draw_quarters, encode

MEDIA = "ab" * 32
OTHER = "cd" * 32


def show(media: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a picture's fields are of all kinds
    said = {"media": media, "alt": {"pl": "Żaglowce", "de": "Segler"}, "credit": "Jan Żak", "licence": "permission"}
    return said | changes


def make_event(*images: dict[str, Any]) -> Event:
    return parse_event(make_message().event | {"images": list(images)})


def test_pictures_of_a_proposal_are_new_changed_the_same_or_gone() -> None:
    view = EventView(load_region(REGION), "en")
    live = make_event(show(MEDIA), show(OTHER), show("ef" * 32))
    proposal = make_event(show(MEDIA), show(OTHER, credit="Anna Żak", valid_until="2028-12-31"), show("01" * 32))

    found = list_pictures(live, proposal, view)
    alone = list_pictures(None, proposal, view)

    assert [each.difference for each in found] == ["same", "changed", "added", "removed"]
    assert [each.told for each in found] == ["", "Its words are new:", "New:", "Removed:"]
    assert {each.difference for each in alone} == {"same"}
    assert found[1].words == (
        "Żaglowce; Segler (de) · Anna Żak · All rights reserved, used with permission · until 31 December 2028"
    )
    assert (found[0].alt, found[0].lang) == ("Żaglowce", "pl")


async def test_a_waiting_picture_is_seen_by_curators_only(calendar: Calendar) -> None:
    made = make_picture(encode(draw_quarters(1_200, 800)), {})
    await calendar.state.pictures.put(MEDIA, MEDIA, Focus(), made, "lot-szczecin")
    message = make_message(event=make_message().event | {"images": [show(MEDIA)]})
    await calendar.receive(message)

    page = await (await browser(calendar, "curator")).read(f"/calendar/entries/{message.submission_id}")
    address = f"/calendar/media/{MEDIA}-400.webp"
    callers = (calendar.curator, calendar.editor, calendar.nobody)
    answers = [await each.get(address) for each in callers]
    missing = [f"/calendar/media/{file}" for file in (f"{OTHER}-400.webp", f"{MEDIA}-source.jpg", f"{MEDIA}-1600.webp")]

    assert f'src="{address}"' in page
    assert [each.status_code for each in answers] == [200, 403, 401]
    assert answers[0].headers["content-type"] == "image/webp"
    assert [(await calendar.curator.get(each)).status_code for each in missing] == [404] * 3
