from __future__ import annotations

import re

import pytest

from tests.services.calendar.builders import make_event, make_message
from tests.services.calendar.call.builders import make_call
from tests.services.calendar.conftest import Browser, Calendar, arrive


async def accepted(calendar: Calendar, name: str) -> None:
    await calendar.curator.post(f"/calendar/api/v1/reviews/0195-{name}/accept", headers={"If-Match": "*"})


def titles(page: str) -> list[str]:
    return re.findall(r'<a href="/calendar/entries/[^"]*"[^>]*>([^<]+)</a>', page)


async def test_queue_shows_what_waits_with_date_organisation_and_matter(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    page = await curator.read("/calendar/")

    assert '<h1>Do decyzji <span class="count">1</span></h1>' in page
    assert titles(page) == ["Żagle 1"]
    for words in ("14–16 sierpnia 2027", "LOT Szczecin", "Nowe", 'value="0195-a.1"'):
        assert words in page


async def test_queue_says_that_nothing_waits(curator: Browser) -> None:
    assert "Nic nie czeka na decyzję." in await curator.read("/calendar/")


async def test_change_says_what_changes(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    await accepted(calendar, "a")
    event = make_event(title={"pl": "Żagle 1", "de": "Segeltage"})
    await calendar.receive(make_message(2, submission_id="0195-a", event=event))

    page = await curator.read("/calendar/")

    assert "zmienia się: Tytuł (de)" in page
    assert '<span class="tag">Zmiana</span>' in page


async def test_answer_is_told_from_what_is_new(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    ask = "/calendar/api/v1/reviews/0195-a/request-changes"
    await calendar.curator.post(ask, headers={"If-Match": "*"}, json={"comment": "Podaj godzinę."})
    await calendar.receive(make_message(2, submission_id="0195-a", event=make_event(title={"pl": "Żagle o 10"})))

    page = await curator.read("/calendar/")

    assert '<span class="tag">Odpowiedź</span>' in page


async def test_filters_narrow_the_queue_and_go_along_with_its_links(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    await arrive(calendar, "b", event=make_event(venue={"town": "Koszalin", "county": "3261"}, title={"pl": "Film"}))

    page = await curator.read("/calendar/?county=3261&organisation=&matter=new")

    assert titles(page) == ["Film"]
    assert 'href="/calendar/entries/0195-b?matter=new&county=3261"' in page
    assert 'href="/calendar/?matter=new"' in page
    assert '<option value="3261" selected>' in page


@pytest.mark.parametrize(
    "query", ["county=1465", "matter=krowy", "page=0", "page=x", "page=99999", f"page=000000001{'0' * 4_301}"]
)
async def test_filter_that_cannot_be_is_refused(curator: Browser, query: str) -> None:
    response = await curator.open(f"/calendar/?{query}")

    assert response.status_code == 400
    assert "Nie rozumiemy tego zapytania" in response.text


async def test_queue_of_many_has_pages(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, *(f"{number:02}" for number in range(1, 28)))

    first = await curator.read("/calendar/")
    second = await curator.read("/calendar/?page=2")

    assert (len(titles(first)), len(titles(second))) == (25, 2)
    assert "1–25 z 27" in first
    assert "26–27 z 27" in second


async def test_a_page_beyond_the_last_one_is_the_last_one(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    page = await curator.read("/calendar/?page=3")

    assert titles(page) == ["Żagle 1"]
    assert "Nic nie czeka na decyzję." not in page


async def test_what_is_ticked_is_accepted(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b", "c")

    response = await curator.send(
        "/calendar/decisions",
        {"entry": ["0195-a.1", "0195-b.1"], "decision": "accept", "back": "/calendar/?county=3262"},
    )

    assert (response.status_code, response.headers["location"]) == (303, "/calendar/?county=3262")
    page = await curator.read("/calendar/?county=3262")
    assert "Przyjęto 2 wpisy." in page
    assert 'value="0195-c.1"' in page
    assert 'value="0195-a' not in page


async def test_what_moved_on_is_reported_and_the_others_are_accepted(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b")
    await calendar.receive(make_message(2, submission_id="0195-a"))

    response = await curator.send("/calendar/decisions", {"entry": ["0195-a.1", "0195-b.1"], "decision": "accept"})

    assert response.status_code == 409
    assert "Przyjęto 1 wpis." in response.text
    assert re.search(r'<a href="/calendar/entries/0195-a">Żagle 2</a>: Ten wpis się zmienił', response.text)
    answer = (await calendar.curator.get("/calendar/api/v1/reviews/0195-a")).json()
    assert (answer["state"], answer["proposal"]["version"]) == ("waiting", 2)


async def test_a_comment_on_many_is_kept_for_those_that_moved_on(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b")
    await calendar.receive(make_message(2, submission_id="0195-a"))
    rejection = {"decision": "reject", "asked": "1", "reason": "other", "comment": "Już było w maju."}

    response = await curator.send("/calendar/decisions", {"entry": ["0195-a.1", "0195-b.1"], **rejection})

    assert response.status_code == 409
    assert "<p>Już było w maju.</p>" in response.text


async def test_rejecting_what_is_ticked_asks_why_first(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b")
    fields: dict[str, object] = {"entry": ["0195-a.1", "0195-b.1"], "decision": "reject"}

    asked = await curator.send("/calendar/decisions", fields)
    without = await curator.send("/calendar/decisions", fields | {"asked": "1", "reason": "other", "comment": " "})
    done = await curator.send("/calendar/decisions", fields | {"asked": "1", "reason": "other", "comment": "Już było."})

    assert "Odrzucić 2 wpisy?" in asked.text
    assert asked.text.count('name="entry"') == 2
    assert (without.status_code, "Napisz, o co chodzi" in without.text) == (422, True)
    assert '<option value="other" selected>' in without.text
    assert done.status_code == 303
    answer = (await calendar.curator.get("/calendar/api/v1/reviews/0195-b")).json()
    assert (answer["state"], answer["history"][-1]["comment"]) == ("rejected", "Już było.")


async def test_nothing_ticked_shows_the_queue_again(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    response = await curator.send("/calendar/decisions", {"decision": "accept"})

    assert response.status_code == 422
    assert "Zaznacz wpisy, o których decydujesz" in response.text
    assert titles(response.text) == ["Żagle 1"]


async def test_way_back_leads_nowhere_else(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    response = await curator.send(
        "/calendar/decisions", {"entry": ["0195-a.1"], "decision": "accept", "back": "https://zle.example"}
    )

    assert response.headers["location"] == "/calendar/"


async def test_pages_are_for_curators(calendar: Calendar, editor: Browser) -> None:
    for path in ("/calendar/", "/calendar/entries/0195-a", "/calendar/programme/2027"):
        foreign = await editor.open(path)
        assert (foreign.status_code, foreign.headers["location"]) == (303, "http://calendar.test/ingest/")
        anonymous = await calendar.nobody.get(path)
        assert (anonymous.status_code, anonymous.headers["location"]) == (303, f"/calendar/login?next={path}")


async def test_queue_speaks_english(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    response = await curator.open("/calendar/?lang=en")

    assert 'lang="en"' in response.text
    assert "14–16 August 2027" in response.text


async def test_what_waits_longer_than_its_call_promises_is_marked(calendar: Calendar, curator: Browser) -> None:
    await calendar.receive(make_message(1, submission_id="0195-a", sent_at="2026-01-01T08:00:00.000Z"))
    before = await curator.read("/calendar/")
    await calendar.state.calls.save(None, make_call(2027))

    assert "Po obiecanym czasie" not in before
    assert "Po obiecanym czasie" in await curator.read("/calendar/")


async def test_the_queue_and_the_entry_say_how_ready_an_event_is_and_hints_show_their_words(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a", event=make_event(summary={"pl": "Serdecznie zapraszamy na Wały."}))

    queue, page = await curator.read("/calendar/"), await curator.read("/calendar/entries/0195-a")

    assert "pl 2/3, en 0/3, de 0/3, cs 0/3, uk 0/3; 3 z 8 zasad" in queue
    assert '<span lang="pl"><mark>Serdecznie zapraszamy</mark> na Wały.</span>' in page
    assert "3 z 8 zasad" in page
