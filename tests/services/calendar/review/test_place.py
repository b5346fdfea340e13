"""Curators keep their place: in the queue, and in the list from which an entry was opened."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import Browser, Calendar, arrive

PAGE = "/calendar/entries/0195-a"
MONTH = "/calendar/programme/2027?county=3262&month=8"
OPENED = f"back={quote(MONTH, safe='')}"


async def test_nothing_ticked_on_the_second_page_shows_the_second_page(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, *(f"{number:02}" for number in range(1, 28)))
    second = await curator.read("/calendar/?county=3262&page=2")

    action = re.search(r'<form method="post" action="([^"]+)" id="queue"', second)
    assert action
    refused = await curator.send(action[1], {"decision": "accept"})

    assert refused.status_code == 422
    assert "26–27 z 27" in refused.text
    assert 'name="back" value="/calendar/?county=3262&amp;page=2"' in refused.text


async def test_an_entry_leads_back_to_its_page_of_the_queue(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, *(f"{number:02}" for number in range(1, 28)))

    places = [await curator.read(f"/calendar/entries/0195-{number}?county=3262") for number in ("25", "26")]

    assert [re.findall(r'href="(/calendar/\?[^"]*)"', each)[:1] for each in places] == [
        ["/calendar/?county=3262"],
        ["/calendar/?county=3262&page=2"],
    ]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("cancel", {"review_number": "2"}),
        ("withdraw", {"review_number": "2"}),
        ("remarks", {"remark": "Podaj godzinę."}),
        ("notes", {"note": "Zapytać o halę."}),
        ("settled", {}),
    ],
)
async def test_acts_on_an_entry_lead_back_to_the_list_it_was_opened_from(
    calendar: Calendar, curator: Browser, act: str, fields: dict[str, object]
) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})

    done = await curator.send(f"{PAGE}/{act}?{OPENED}", fields)
    page = await curator.read(done.headers["location"])

    assert done.status_code == 303
    assert f'href="{MONTH}"' in page


@pytest.mark.parametrize("act", ["cancel", "withdraw"])
async def test_a_question_about_an_entry_keeps_the_list_it_was_opened_from(
    calendar: Calendar, curator: Browser, act: str
) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})

    entry = await curator.read(f"{PAGE}?{OPENED}")
    question = await curator.read(f"{PAGE}/{act}?{OPENED}")

    assert f'href="{PAGE}/{act}?{OPENED}"' in entry
    assert f'action="{PAGE}/{act}?{OPENED}"' in question
    assert question.count(f'href="{PAGE}?{OPENED}"') == 2


async def test_a_change_decided_from_the_programme_leads_back_to_the_programme(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a", "b")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})
    await calendar.receive(make_message(2, submission_id="0195-a"))

    done = await curator.send(f"{PAGE}/decision?{OPENED}", {"review_number": "3", "decision": "accept"})

    assert (done.status_code, done.headers["location"]) == (303, MONTH)


async def test_no_list_of_elsewhere_is_kept(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})

    done = await curator.send(f"{PAGE}/cancel?back=https%3A%2F%2Fzle.example", {"review_number": "2"})

    assert done.headers["location"] == PAGE
