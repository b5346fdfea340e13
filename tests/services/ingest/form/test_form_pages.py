"""The form as a person uses it: nothing typed is ever lost."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from services.ingest.form.mapping import write_form
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.forms import given, inputs, logged_in

NEW = "/ingest/submissions/new"
API = "/ingest/api/v1/submissions"


async def filled(browser: httpx.AsyncClient, address: str = NEW, **typed: Any) -> dict[str, Any]:  # noqa: ANN401 - one value or several
    """The form at an address, filled in with an event and what a test types."""
    form = inputs((await browser.get(address)).text)
    return form | write_form(kept_event()) | typed


async def test_a_filled_form_is_sent_and_leads_to_its_page(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    sent = await browser.post(NEW, data=await filled(browser))
    page = await browser.get(sent.headers["location"])

    assert sent.status_code == 303
    assert "Wysłano do sprawdzenia." in page.text
    assert "Sobota 14" in page.text or "sobota 14" in page.text
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"] == make_event()


async def test_an_edit_by_form_says_and_keeps_the_repeats(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=5"}
    dates = {"certainty": "exact", "start": "2027-07-03T18:00", "end": "2027-07-03T20:00", "recurrence": recurrence}
    sent = (await ingest.lot.post(API, json=make_event(dates=dates))).json()
    address = f"/ingest/submissions/{sent['id']}/edit"

    page = (await browser.get(address)).text
    edited = await browser.post(address, data=inputs(page) | {"title.pl": "Inny tytuł"})
    shown = (await browser.get(edited.headers["location"])).text
    wrong = await browser.post(
        address,
        data=inputs((await browser.get(address)).text)
        | {"certainty": "exact", "start_date": "2027-07-05", "end_date": "2027-07-04"},
    )

    assert "3–31 lipca 2027, 18:00–20:00" in page
    assert edited.status_code == 303
    assert "3, 10, 17, 24, 31 lipca 2027" in shown
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert (kept["version"], kept["event"]["dates"]) == (2, dates)
    assert wrong.status_code == 422
    assert (inputs(wrong.text)["repeats"], inputs(wrong.text)["repeats.count"]) == (["weekly"], ["5"])


async def test_repeats_can_be_removed_where_only_the_month_is_known(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    carried = '["2027-07-03", {"rrule": "FREQ=WEEKLY;COUNT=5"}]'
    form = await filled(browser, certainty="month", month="2027-07", repeats="kept", recurrence=carried)

    refused = await browser.post(NEW, data=form)
    days, _, always_shown = refused.text.partition('class="by-season"')
    again = inputs(refused.text) | {"repeats": "once"}
    sent = await browser.post(NEW, data=again)

    assert (refused.status_code, sent.status_code) == (422, 303)
    assert 'name="repeats"' not in days
    assert 'name="repeats"' in always_shown
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["dates"] == {"certainty": "month", "start": "2027-07-01", "end": "2027-07-31"}


async def test_a_refused_form_comes_back_with_everything_that_was_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    typed_in: dict[str, Any] = {
        "title.pl": "",
        "title.de": "x" * 134,
        "title.sv": "Segel",
        "end_date": "2027-08-12",
        "venue.lat": "53,43 N",
        "website": "htp:/zagle",
        "description.pl": "  <b>Trzy</b> dni\r\n\r\n& noce",
        "month": "2027-08",
        "accessibility": ["lift", "step_free"],
    }
    form = await filled(browser, **typed_in)

    refused = await browser.post(NEW, data=form)

    assert refused.status_code == 422
    assert "<title>Błąd: Nowe wydarzenie" in refused.text
    again = given(inputs(refused.text))
    typed = given({name: value if isinstance(value, list) else [value] for name, value in form.items()})
    assert again == typed
    summary = re.search(r'<div class="errors".*?</ul>', refused.text, re.DOTALL)
    assert summary is not None
    told = dict(re.findall(r'<a href="#([^"]*)">([^<]*)</a>', summary[0]))
    assert told == {
        "title-pl": "Podaj tytuł po polsku.",
        "title-de": "Tytuł (Deutsch): Za długie: 134 znaków, najwyżej 120.",
        "end_date": "Koniec jest przed początkiem. Podaj 14 sierpnia 2027 lub później.",
        "venue-lat": "Szerokość geograficzna: Tu ma być liczba, na przykład 53.43.",
        "website": "Strona internetowa: Podaj cały adres strony, na przykład https://www.example.pl/zagle.",
    }
    for field, text in told.items():
        assert f'id="{field}-error"' in refused.text
        assert refused.text.count(text) == 2
        assert f'id="{field}"' in refused.text


@pytest.mark.parametrize("key", ["", "a b", "ż", "x" * 256, "\n", "\x00"])
async def test_a_form_whose_hidden_key_was_spoiled_is_sent_all_the_same(ingest: Ingest, key: str) -> None:
    browser = await logged_in(ingest)

    answer = await browser.post(NEW, data=await filled(browser, key=key))

    assert answer.status_code == 303


@pytest.mark.parametrize("version", ["", "x", "1_0", "9" * 5_000, "-1"])
async def test_a_form_whose_hidden_version_was_spoiled_shows_what_is_there_and_is_sent(
    ingest: Ingest, version: str
) -> None:
    browser = await logged_in(ingest)
    made = (await browser.post(NEW, data=await filled(browser))).headers["location"]
    changed = await filled(browser, f"{made}/edit", version=version, website="https://example.pl/inna")

    shown = await browser.post(f"{made}/edit", data=changed)
    sent = await browser.post(f"{made}/edit", data=inputs(shown.text))

    assert (shown.status_code, sent.status_code) == (412, 303)


async def test_a_form_that_lost_its_hidden_key_is_sent_all_the_same(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)
    del form["key"]

    sent = await browser.post(NEW, data=form)

    assert sent.status_code == 303


async def test_sending_the_same_form_twice_makes_one_submission(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)

    first, second = await browser.post(NEW, data=form), await browser.post(NEW, data=form)

    assert first.headers["location"] == second.headers["location"]
    assert len((await ingest.lot.get(API)).json()["items"]) == 1


async def test_a_form_sent_again_with_other_words_asks_what_is_meant(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)
    sent = await browser.post(NEW, data=form)

    other = await browser.post(NEW, data=form | {"title.pl": ["Żagle nocą"]})

    assert other.status_code == 422
    assert sent.headers["location"] in other.text
    assert inputs(other.text)["title.pl"] == ["Żagle nocą"]
    assert (await browser.post(NEW, data=inputs(other.text))).status_code == 303


async def test_a_doubled_hour_is_asked_about_and_answered(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    night = {"start_date": "2027-10-31", "start_time": "02:30", "end_date": "2027-10-31", "end_time": "05:00"}

    asked = await browser.post(NEW, data=await filled(browser, **night))
    answered = await browser.post(NEW, data=inputs(asked.text) | {"start_fold": "1"})

    assert (asked.status_code, answered.status_code) == (422, 303)
    assert "Druga, już w czasie zimowym" in asked.text
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["dates"]["start_fold"] == 1


async def test_an_unchanged_edit_makes_no_version(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event(provenance={"edition": 2024}))).json()
    address = f"/ingest/submissions/{made['id']}"

    done = await browser.post(f"{address}/edit", data=inputs((await browser.get(f"{address}/edit")).text))

    assert done.headers["location"] == address
    after = (await ingest.lot.get(f"{API}/{made['id']}")).json()
    assert {name: value for name, value in after.items() if name != "readiness"}.items() <= made.items()
    assert "nowej wersji nie ma" in (await browser.get(address)).text


async def test_an_edit_over_somebody_elses_keeps_both_in_sight(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = inputs((await browser.get(address)).text) | {"title.pl": ["Żagle nocą"]}
    await ingest.lot.put(
        f"{API}/{made['id']}", json=make_event(title={"pl": "Żagle rano"}), headers={"If-Match": '"1"'}
    )

    conflict = await browser.post(address, data=form)
    sent = await browser.post(address, data=inputs(conflict.text))

    assert conflict.status_code == 412
    assert "Żagle rano" in conflict.text
    assert inputs(conflict.text)["title.pl"] == ["Żagle nocą"]
    assert sent.status_code == 303
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["event"]["title"]["pl"] == "Żagle nocą"


async def test_a_form_of_an_ended_session_passes_through_the_log_in(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)
    browser.cookies.clear()

    login = await browser.post(NEW, data=form)

    assert login.status_code == 401
    assert html.escape(form["title.de"][0]) in login.text
    assert 'name="kept.title.pl"' in login.text


@pytest.mark.parametrize("edits", [False, True])
async def test_another_language_keeps_what_was_typed_and_what_was_wrong(ingest: Ingest, *, edits: bool) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit" if edits else NEW
    refused = await browser.post(address, data=await filled(browser, address, **{"title.pl": "", "start_time": "18"}))
    form = inputs(refused.text) | {"venue.town": ["Mielno"]}
    [button] = re.findall(
        r'<button type="submit" form="event" formaction="([^"]*lang=en)" name="redraw" value="([^"]*)"', refused.text
    )

    english = await browser.post(button[0], data=form | {"redraw": [button[1]]})

    assert button[0] == f"{address}?lang=en"
    assert english.status_code == 422
    assert "<h2>Correct 2 fields</h2>" in english.text
    assert given(inputs(english.text)).items() >= given(form).items()
    assert inputs(english.text)["key"] == form["key"]
    assert len((await ingest.lot.get(API)).json()["items"]) == 1


async def test_another_appearance_sends_nothing_and_keeps_what_was_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)

    dark = await browser.post(f"{NEW}?theme=dark", data=form | {"redraw": ""})

    assert (dark.status_code, 'data-theme="dark"' in dark.text) == (200, True)
    assert browser.cookies["kal_theme"] == "dark"
    assert (
        given(inputs(dark.text)).items()
        >= given({name: [v] if isinstance(v, str) else v for name, v in form.items()}).items()
    )
    assert (await ingest.lot.get(API)).json()["items"] == []


async def test_another_language_keeps_what_somebody_else_changed_in_sight(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = inputs((await browser.get(address)).text) | {"title.pl": ["Żagle nocą"]}
    await ingest.lot.put(
        f"{API}/{made['id']}", json=make_event(title={"pl": "Żagle rano"}), headers={"If-Match": '"1"'}
    )
    conflict = await browser.post(address, data=form)

    english = await browser.post(f"{address}?lang=en", data=inputs(conflict.text) | {"redraw": "conflict"})

    assert 'name="redraw" value="conflict"' in conflict.text
    assert (english.status_code, "Żagle rano" in english.text) == (412, True)
    assert inputs(english.text)["title.pl"] == ["Żagle nocą"]


async def test_an_edit_sent_by_another_organisation_keeps_every_word_for_the_one_it_belongs_to(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    theirs = (await ingest.other.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{theirs['id']}/edit"
    form = await filled(browser, **{"title.pl": "Żagle nocą", "version": "1"})

    refused = await browser.post(address, data=form)
    nowhere = await browser.post("/ingest/submissions/nothing/edit", data=form)
    typed_in = dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', refused.text, re.DOTALL))
    login = {"email": "inny@example.pl", "password": PASSWORD, "next": address, "reason": "organisation"}
    again = await browser.post("/ingest/login", data=login | {name: html.unescape(typed_in[name]) for name in typed_in})

    assert (refused.status_code, nowhere.status_code, again.status_code) == (404, 404, 200)
    assert "Niczego nie wysłano: Twoja organizacja nie ma takiego zgłoszenia." in refused.text
    assert typed_in["kept.title.pl"] == "Żagle nocą"
    assert '<label for="kept-title-pl">Tytuł (Polski)</label>' in refused.text
    assert "Zostanie wysłany jako: LOT-INNY." in again.text
    assert '<textarea name="title.pl" hidden aria-hidden="true">\nŻagle nocą</textarea>' in again.text


@pytest.mark.parametrize("act", ["withdraw", "cancel"])
async def test_another_organisations_pages_are_not_there(ingest: Ingest, act: str) -> None:
    browser = await logged_in(ingest)
    theirs = (await ingest.other.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{theirs['id']}"

    answers = [await browser.get(address), await browser.get(f"{address}/edit"), await browser.get(f"{address}/{act}")]

    assert [each.status_code for each in answers] == [404, 404, 404]


HALF_TYPED = [
    ({"start_time": "18"}, "start_time", "Początek o godzinie: Dopisz minuty, na przykład 18:00."),
    ({"start_time": "6 pm"}, "start_time", "Początek o godzinie: Podaj godzinę w zapisie od 00:00 do 23:59: 18:00."),
    (
        {"start_time": "20:00", "end_time": "24:00"},
        "end_time",
        "Koniec o godzinie: Nie ma godziny 24:00. Północ na koniec dnia to godzina 00:00 następnego dnia.",
    ),
    ({"end_date": "16.8"}, "end_date", "Ostatni dzień: Dopisz rok z czterech cyfr, na przykład 14.8.2027."),
    ({"start_date": "31.6.2027"}, "start_date", "Pierwszy dzień: Nie ma takiego dnia: miesiąc 06.2027 ma 30 dni."),
    ({"start_date": "", "start_time": "18:00"}, "start_date", "Podaj pierwszy dzień."),
    ({"end_time": "18:00"}, "start_time", "Podaj także godzinę początku albo usuń godzinę końca."),
    ({"start_date": "14.8.1999"}, "start_date", "Pierwszy dzień: Podaj rok od 2000 do 2099."),
]


@pytest.mark.parametrize(("changes", "field", "words"), HALF_TYPED, ids=[str(case[0]) for case in HALF_TYPED])
@pytest.mark.parametrize("edits", [False, True], ids=["new", "edit"])
async def test_what_is_half_typed_of_a_date_is_asked_about_where_it_was_typed(
    ingest: Ingest, changes: dict[str, str], field: str, words: str, *, edits: bool
) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit" if edits else NEW
    form = await filled(browser, address) | {name: [value] for name, value in changes.items()}

    answer = await browser.post(address, data=form)

    assert answer.status_code == 422
    assert f'<li><a href="#{field}">{words}</a></li>' in answer.text
    assert "<h2>Popraw 1 pole</h2>" in answer.text
    assert given(inputs(answer.text)).items() >= given(form).items()
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["version"] == 1


PAST_MIDNIGHT = {"start_date": ["12.06.2027"], "start_time": ["22:00"], "end_time": ["02:00"]}


@pytest.mark.parametrize("end", ["", "12.06.2027"])
async def test_an_event_past_midnight_is_told_its_last_day_and_sent_by_one_button(ingest: Ingest, end: str) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser) | PAST_MIDNIGHT | {"end_date": [end]}

    asked = await browser.post(NEW, data=form)
    button = re.search(
        r'<button type="submit" class="button quiet" name="end_date" value="([^"]+)">([^<]+)<', asked.text
    )
    assert button
    sent = await browser.post(NEW, data=form | inputs(asked.text) | {"end_date": [end, button[1]]})

    assert "Koniec jest przed początkiem. Podaj 13 czerwca 2027 lub później." in asked.text
    assert button[2] == "Tak, kończy się 13 czerwca 2027 o 02:00: wyślij"
    assert sent.status_code == 303
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["dates"] == {"certainty": "exact", "start": "2027-06-12T22:00", "end": "2027-06-13T02:00"}


async def test_a_day_that_two_people_spell_otherwise_is_no_conflict(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = await filled(browser, address) | {"start_date": ["14 sierpnia 2027"], "venue.name": ["Łasztownia"]}
    await ingest.lot.put(f"{API}/{made['id']}", json=make_event(also=None), headers={"If-Match": "*"})

    conflict = await browser.post(address, data=form)

    assert conflict.status_code == 412
    assert 'href="#venue-name"' in conflict.text
    assert "Pierwszy dzień</a>" not in conflict.text


async def test_what_does_not_count_for_the_dates_is_no_conflict(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = inputs((await browser.get(address)).text) | {"title.pl": ["Żagle nocą"]}
    await ingest.lot.put(f"{API}/{made['id']}", json=make_event(website=None), headers={"If-Match": '"1"'})

    conflict = await browser.post(address, data=form)

    assert form["month"] == ["2027-08"]
    assert (conflict.status_code, "Miesiąc</a>" in conflict.text) == (412, False)


async def test_sending_again_after_going_back_leads_to_what_was_sent_and_can_be_insisted_on(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await filled(browser)
    first = await browser.post(NEW, data=form)
    went_back = form | {"key": inputs((await browser.get(NEW)).text)["key"]}

    asked = await browser.post(NEW, data=went_back)
    insisted = await browser.post(NEW, data=went_back | {"again": "true"})
    repeated = await browser.post(NEW, data=went_back | {"again": "true"})

    assert asked.status_code == 409
    assert f'<a href="{first.headers["location"]}">Otwórz tamto zgłoszenie</a>' in asked.text
    assert 'name="again" value="true"' in asked.text
    assert given(inputs(asked.text)).items() >= given(form).items()
    assert insisted.status_code == 303
    assert insisted.headers["location"] != first.headers["location"]
    assert repeated.headers["location"] == insisted.headers["location"]
    assert await ingest.database["submissions"].count_documents({}) == 2


async def test_what_the_api_has_sent_is_not_sent_again_by_the_form(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()

    asked = await browser.post(NEW, data=await filled(browser))

    assert asked.status_code == 409
    assert f'href="/ingest/submissions/{made["id"]}"' in asked.text
