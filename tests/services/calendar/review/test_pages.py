from __future__ import annotations

import re

import pytest

from tests.services.calendar.builders import make_event, make_message
from tests.services.calendar.conftest import ADDRESS, Browser, Calendar, arrive

PAGE = "/calendar/entries/0195-a"
LATER = "2027-01-01T08:00:00.000Z"


async def live(calendar: Calendar, **fields: object) -> None:
    await arrive(calendar, "a", **fields)
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})


async def changed(calendar: Calendar) -> None:
    """Let a live event have an edit that waits."""
    await live(calendar)
    dates = {"certainty": "exact", "start": "2027-08-13", "end": "2027-08-16"}
    event = make_event(title={"pl": "Żagle 1", "de": "Segeltage"}, dates=dates)
    await calendar.receive(make_message(2, submission_id="0195-a", event=event))


async def state_of(calendar: Calendar) -> str:
    answer = await calendar.curator.get("/calendar/api/v1/reviews/0195-a")
    return str(answer.json()["state"])


async def test_new_entry_is_shown_as_facts(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", event=make_event(tickets={"free": True}, accessibility=["step_free"], also=["family"]))

    page = await curator.read(PAGE)

    for words in (
        "Do decyzji (1 z 1)",
        "14–16 sierpnia 2027",
        "Wały Chrobrego, Szczecin",
        "Wstęp wolny",
        "wejście bez schodów",
        "LOT Szczecin,",
        "wersja 1",
        "Wysłano wersję 1",
    ):
        assert words in page
    assert "<del>" not in page


async def test_change_is_marked_word_by_word_and_the_rest_is_folded(calendar: Calendar, curator: Browser) -> None:
    await changed(calendar)

    page = await curator.read(PAGE)

    assert '<del><span class="unseen">usunięto: </span>14</del>–16 sierpnia 2027' in page
    assert '<ins><span class="unseen">dodano: </span>13</ins>–16 sierpnia 2027' in page
    assert '<span lang="de"><ins><span class="unseen">dodano: </span>Segeltage</ins>' in page
    assert "2 z 5 pól" in page
    assert "3 pola bez zmian" in page
    assert "wersja 2 wobec 1" in page
    assert page.index("Wysłano wersję 2") < page.index("Przyjęto wersję 1") < page.index("Wysłano wersję 1")


async def test_paragraphs_that_were_run_together_show_in_the_comparison(calendar: Calendar, curator: Browser) -> None:
    text = "Pierwszy dzień.\n\nDrugi dzień."
    await live(calendar, event=make_event(description={"pl": text}))
    accepted = await curator.read(PAGE)
    event = make_event(description={"pl": text.replace("\n\n", " ")})
    await calendar.receive(make_message(2, submission_id="0195-a", event=event))

    page = await curator.read(PAGE)

    assert f">{text}</dd>" in accepted
    assert "¶\n¶\n</del>" in page


async def test_what_comes_again_after_a_withdrawal_is_not_called_published(
    calendar: Calendar, curator: Browser
) -> None:
    await live(calendar, event=make_event())
    await curator.send(f"{PAGE}/withdraw", {"review_number": "2", "comment": ""})
    await calendar.receive(make_message(2, submission_id="0195-a", event=make_event(), sent_at=LATER))

    page = await curator.read(PAGE)

    assert "Treść jest taka sama jak przy wycofaniu." in page
    assert "opublikowan" not in page.lower()


async def test_accepting_leads_to_the_next_entry(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b")

    response = await curator.send(f"{PAGE}/decision?county=3262", {"review_number": "1", "decision": "accept"})

    assert (response.status_code, response.headers["location"]) == (303, "/calendar/entries/0195-b?county=3262")
    assert "Przyjęto: Żagle 1." in await curator.read("/calendar/entries/0195-b")
    assert await state_of(calendar) == "accepted"


async def test_last_decision_leads_back_to_the_queue(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    response = await curator.send(
        f"{PAGE}/decision", {"review_number": "1", "decision": "request_changes", "comment": "Podaj godzinę."}
    )

    assert response.headers["location"] == "/calendar/"
    page = await curator.read(PAGE)
    assert "Podaj godzinę." in page
    assert "Prośba o zmiany" in page
    assert 'name="decision"' not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"decision": ""}, "Wybierz, co dalej z tą wersją."),
        ({"decision": "burn"}, "Wybierz, co dalej z tą wersją."),
        ({"decision": "reject"}, "Wybierz powód odrzucenia z listy."),
        ({"decision": "reject", "reason": "other", "comment": ""}, "Napisz, o co chodzi"),
        ({"decision": "request_changes", "comment": " "}, "Napisz, o co chodzi"),
        ({"decision": "accept", "comment": "a\x01b"}, "Uwagi zawierają znaki, których nie da się pokazać"),
        ({"decision": "accept", "comment": "ż" * 2001}, "Skróć uwagi do 2000 znaków."),
    ],
)
async def test_wrong_decision_is_shown_again_with_what_was_typed(
    calendar: Calendar, curator: Browser, fields: dict[str, object], said: str
) -> None:
    await arrive(calendar, "a")

    response = await curator.send(f"{PAGE}/decision", {"review_number": "1", "comment": "Moje słowa", **fields})

    assert response.status_code == 422
    assert response.text.count(said) == 2
    assert "<title>Błąd:" in response.text
    if "comment" not in fields:
        assert "Moje słowa</textarea>" in response.text
    assert await state_of(calendar) == "waiting"


async def test_stale_decision_shows_the_new_version_and_keeps_what_was_typed(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a")
    await calendar.receive(make_message(2, submission_id="0195-a"))

    fields: dict[str, object] = {"review_number": "1", "decision": "request_changes", "comment": "Podaj godzinę."}
    response = await curator.send(f"{PAGE}/decision", fields)

    assert response.status_code == 412
    assert "Ten wpis się zmienił, odkąd go otwarto." in response.text
    assert "Podaj godzinę.</textarea>" in response.text
    assert re.search(r'value="request_changes"[^>]* checked', response.text)
    assert 'name="review_number" value="2"' in response.text
    assert "Żagle 2" in response.text


async def test_words_for_what_somebody_else_decided_are_kept_too(calendar: Calendar, curator: Browser) -> None:
    await live(calendar)

    fields: dict[str, object] = {"review_number": "2", "decision": "request_changes", "comment": "Podaj godzinę."}
    response = await curator.send(f"{PAGE}/decision", fields)

    assert response.status_code == 409
    assert "Nic w tym wpisie nie czeka na decyzję." in response.text
    assert "Twoje uwagi nie zostały wysłane" in response.text
    assert "Podaj godzinę." in response.text


@pytest.mark.parametrize(("act", "status"), [("cancel", "cancelled"), ("withdraw", "withdrawn")])
async def test_stopping_is_asked_for_twice(calendar: Calendar, curator: Browser, act: str, status: str) -> None:
    await live(calendar)

    asked = await curator.read(f"{PAGE}/{act}")
    done = await curator.send(f"{PAGE}/{act}", {"review_number": "2", "comment": "Powódź."})

    assert 'name="review_number" value="2"' in asked
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    answer = (await calendar.curator.get("/calendar/api/v1/reviews/0195-a")).json()
    assert (answer["live"]["status"], answer["history"][-1]["comment"]) == (status, "Powódź.")
    page = await curator.read(PAGE)
    assert "Powódź." in page


async def test_what_a_curator_postponed_says_so_and_can_be_taken_back(calendar: Calendar, curator: Browser) -> None:
    await live(calendar)

    await curator.send(f"{PAGE}/postpone", {"review_number": "2", "comment": "Sztorm."})
    page = await curator.read(PAGE)
    again = await curator.send(f"{PAGE}/postpone", {"review_number": "3"})
    programme = await curator.read("/calendar/programme/2027?month=8")
    taken_back = await curator.send(f"{PAGE}/reinstate", {"review_number": "3"})

    assert "W programie jest jako przełożone" in page
    assert f'href="{PAGE}/reinstate"' in page
    assert f'href="{PAGE}/postpone"' not in page
    assert again.status_code == 409
    assert "Przełożone" in programme
    assert (taken_back.status_code, taken_back.headers["location"]) == (303, PAGE)
    page = await curator.read(PAGE)
    assert f'href="{PAGE}/postpone"' in page
    assert "W programie jest jako przełożone" not in page


async def test_what_a_curator_cancelled_takes_place_again_with_any_newer_version(
    calendar: Calendar, curator: Browser
) -> None:
    await changed(calendar)
    await curator.send(f"{PAGE}/cancel", {"review_number": "3"})

    page = await curator.read(PAGE)
    await curator.send(f"{PAGE}/decision", {"review_number": "4", "decision": "accept"})

    assert "Będzie tak do czasu, aż przyjmiesz nowszą wersję." in page
    assert "W programie jest jako odwołane" not in await curator.read(PAGE)


async def test_what_the_organisation_cancelled_stays_so_until_it_sends_it_again(
    calendar: Calendar, curator: Browser
) -> None:
    await changed(calendar)
    await calendar.receive(make_message(3, content=2, cancelled=3, submission_id="0195-a"))

    await curator.send(f"{PAGE}/decision", {"review_number": "4", "decision": "accept"})
    page = await curator.read(PAGE)

    assert "Będzie tak do czasu, aż przyjmiesz wersję wysłaną po odwołaniu." in page
    assert re.findall(r'<span class="tag[^"]*">(?:<svg.*?</svg>)?([^<]*)<', page, re.DOTALL) == ["Odwołane"]


async def test_cancelling_names_what_is_public_and_not_what_was_proposed(calendar: Calendar, curator: Browser) -> None:
    await live(calendar)
    event = make_event(title={"pl": "Żagle nocą"})
    await calendar.receive(make_message(2, submission_id="0195-a", event=event))

    question, withdrawal = await curator.read(f"{PAGE}/cancel"), await curator.read(f"{PAGE}/withdraw")

    assert '<p class="lede">Żagle 1</p>' in question
    assert '<p class="lede">Żagle nocą</p>' in withdrawal


@pytest.mark.parametrize("act", ["decision", "cancel", "withdraw"])
async def test_another_language_keeps_the_comment_and_decides_nothing(
    calendar: Calendar, curator: Browser, act: str
) -> None:
    await changed(calendar)

    english = await curator.send(
        f"{PAGE}/{act}?lang=en", {"review_number": "3", "decision": "accept", "comment": "Powódź.", "redraw": ""}
    )

    assert (english.status_code, "Powódź.</textarea>" in english.text) == (200, True)
    assert '<html lang="en">' in english.text
    assert f'formaction="{PAGE}/{act}?lang=pl"' in english.text
    assert await state_of(calendar) == "waiting"


async def test_another_language_keeps_why_several_are_rejected(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    typed: dict[str, object] = {
        "decision": "reject",
        "asked": "1",
        "entry": "0195-a.1",
        "reason": "duplicate",
        "comment": "Powódź.",
    }

    english = await curator.send("/calendar/decisions?lang=en", typed | {"redraw": ""})

    assert (english.status_code, "Powódź.</textarea>" in english.text) == (200, True)
    assert await state_of(calendar) == "waiting"


async def test_stopping_what_moved_on_is_asked_again(calendar: Calendar, curator: Browser) -> None:
    await changed(calendar)

    response = await curator.send(f"{PAGE}/cancel", {"review_number": "2", "comment": "Powódź."})
    impossible = await curator.send(f"{PAGE}/withdraw", {"review_number": "x", "comment": "Powódź."})

    assert (response.status_code, impossible.status_code) == (412, 412)
    assert "Powódź.</textarea>" in response.text
    assert 'name="review_number" value="3"' in response.text


async def test_stopping_twice_is_not_possible(calendar: Calendar, curator: Browser) -> None:
    await live(calendar)
    await curator.send(f"{PAGE}/cancel", {"review_number": "2"})

    response = await curator.send(f"{PAGE}/cancel", {"review_number": "3"})

    assert response.status_code == 409
    assert "Odwołać lub przełożyć można tylko to, co jest w programie" in response.text


async def test_unknown_entry_is_not_found(curator: Browser) -> None:
    for path in (PAGE, f"{PAGE}/cancel", f"{PAGE}/withdraw", f"{PAGE}/burn"):
        assert (await curator.open(path)).status_code == 404


async def test_form_from_elsewhere_decides_nothing(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    fields = {"csrf": curator.csrf, "review_number": "1", "decision": "accept"}
    response = await curator.client.post(f"{PAGE}/decision", data=fields, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403
    assert await state_of(calendar) == "waiting"


async def test_text_of_an_organisation_is_only_text(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", event=make_event(title={"pl": "<script>alert(1)</script>"}))

    for path in ("/calendar/", PAGE):
        assert "<script>alert" not in (await curator.open(path)).text


async def test_entry_leads_to_whom_its_curator_may_ask(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    assert f'href="{ADDRESS}/ingest/contacts/0195-a"' in await curator.read(PAGE)


async def test_curator_is_asked_about_what_is_likely_a_slip_while_it_waits(
    calendar: Calendar, curator: Browser
) -> None:
    venue = {"town": "Kołobrzeg", "county": "3262", "lat": 14.565, "lon": 53.43}
    dates = {"certainty": "exact", "start": "2020-08-14", "end": "2020-08-16"}
    await arrive(calendar, "a", event=make_event(venue=venue, dates=dates))

    waiting = await curator.read(PAGE)
    await curator.send(f"{PAGE}/decision", {"review_number": "1", "decision": "accept"})
    accepted = await curator.read(PAGE)

    assert "Czy to się zgadza?" in waiting
    assert "<li>Termin: Początek jest w przeszłości: 14 sierpnia 2020." in waiting
    assert "Miejscowość Kołobrzeg znamy z innego powiatu (powiat kołobrzeski) niż podany (Szczecin)." in waiting
    assert "wyglądają na zamienione" in waiting
    assert "Czy to się zgadza?" not in accepted
