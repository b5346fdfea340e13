"""Cards: whatever the title is, it stays in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from services.distribution.card.drawing import SIZE, Card, draw_card
from services.distribution.pages.card import build_card
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import make_message, make_site
from tests.shared.media.drawing import decode

MONTHS = ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"]
CARD = Card(
    "Kalendarium", "Pomorze Zachodnie", "Szczecin", "", "14–16 sierpnia 2027", sure=True, months=MONTHS, month=8
)
TITLE_PLACE = (60, 176, 740, 440)


def draw_title(title: str) -> tuple[int, int, int, int] | None:
    """Return where a card with this title differs from one without."""
    plain, titled = (decode(draw_card(replace(CARD, title=each))) for each in ("", title))
    return ImageChops.difference(plain, titled).getbbox()


@pytest.mark.parametrize(
    "title",
    [
        "Żagle",
        "Międzynarodowy Festiwal Filmów o Włodzimierzu Wysockim „Pasje według św. Włodzimierza”",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenfest " * 4,
        "Вітрила – фінал регати в Щецині",
        "W" * 120,
        "gjpqy " * 20,
    ],
)
def test_a_title_stays_between_town_and_date(title: str) -> None:
    found = draw_title(title)

    assert found
    left, top, right, bottom = found
    assert left >= TITLE_PLACE[0] - 4
    assert top >= TITLE_PLACE[1] - 12
    assert right <= TITLE_PLACE[2]
    assert bottom <= TITLE_PLACE[3]


@settings(max_examples=10, deadline=None)
@example(title="a\u2029b", town="\x1c", when="1\r\n2\x85")
@given(title=st.text(max_size=120), town=st.text(max_size=60), when=st.text(max_size=80))
def test_every_text_can_be_drawn(title: str, town: str, when: str) -> None:
    card = decode(draw_card(replace(CARD, title=title, town=town, when=when, sure=False)))

    assert (card.format, card.size) == ("PNG", SIZE)


def test_a_card_says_what_the_event_says_in_its_language() -> None:
    message = make_message("a", dates={"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"})

    card = build_card(localize(message, "de", make_site()))

    assert (card.title, card.town, card.when) == ("Segeltage", "Szczecin", "14.–16. August 2027")
    assert (card.region, card.sure, card.month, card.months[7]) == ("Westpommern", False, 8, "Aug")


def test_the_card_of_a_cancelled_event_says_so() -> None:
    card = build_card(localize(make_message("a", status="cancelled"), "pl", make_site()))

    assert card.title.startswith("Odwołane")
    assert not card.sure
