"""Drafts as people use them: saved by a button or while they type, found again, sent once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from services.ingest.draft.model import MAX_CHARACTERS, Origin
from services.ingest.form.mapping import NAMES, write_form
from services.ingest.form.pages.form_page import HIDDEN
from services.ingest.form.picture_fields import CAMERA, CHOOSER, NUMBERS
from shared.accounts.accounts import Account
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import choices, inputs, logged_in

NEW: Final = "/ingest/submissions/new"
API: Final = "/ingest/api/v1/submissions"
BY_SCRIPT: Final = {"HX-Request": "true"}
OURS: Final = "lot-szczecin"
ANNA: Final = Account("a1", "anna@example.pl", "Anna Żak", OURS, "LOT", "editor")
Fields = dict[str, Any]


async def opened(browser: httpx.AsyncClient, address: str = NEW) -> Fields:
    """A page of the form as a browser has it."""
    return inputs((await browser.get(address)).text)


def draft_of(form: Fields) -> str:
    return f"/ingest/drafts/{form['key'][0]}"


async def saved(browser: httpx.AsyncClient, **typed: Any) -> Fields:  # noqa: ANN401 - one value or several
    """A new form whose draft was saved, as the browser shows it then."""
    form = await opened(browser) | typed
    done = await browser.post(draft_of(form), data=form)
    assert done.status_code == 303
    return await opened(browser, done.headers["location"])


async def test_looking_at_an_empty_form_makes_no_draft(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    await browser.get(NEW)

    assert await ingest.state.drafts.count(OURS) == 0


async def test_a_saved_draft_is_listed_and_found_as_it_was_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    form = await saved(browser, **{"title.pl": "Żagle", "start_date": "kiedyś", "also": ["family", "maritime"]})
    home = await browser.get("/ingest/")

    assert (form["title.pl"], form["start_date"]) == (["Żagle"], ["kiedyś"])
    assert sorted(form["also"]) == ["family", "maritime"]
    assert "Szkice" in home.text
    assert f'<a href="{draft_of(form)}">Żagle</a>' in home.text


@pytest.mark.parametrize("chooser", [CHOOSER, CAMERA])
async def test_a_save_without_the_chosen_files_says_so(ingest: Ingest, chooser: str) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    done = await browser.post(draft_of(form), data=form | {chooser: "molo.jpg"})
    shown = await browser.get(done.headers["location"])

    assert "Szkic jest zapisany, ale bez wybranych zdjęć" in shown.text
    assert inputs(shown.text)["title.pl"] == ["Żagle"]


async def test_a_save_by_script_is_answered_with_the_words_of_the_bar(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    answer = await browser.post(draft_of(form), data=form, headers=BY_SCRIPT)

    assert answer.status_code == 200
    assert re.match(r"\s*<b>Zapis roboczy [0-9]{2}:[0-9]{2}</b>", answer.text)
    assert 'name="seen" value="title.pl=' in answer.text
    assert "<html" not in answer.text


async def test_what_two_pages_typed_into_different_fields_is_merged_and_said(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    first = await saved(browser, **{"title.pl": "Żagle"})
    second = await opened(browser, draft_of(first))

    await browser.post(draft_of(first), data=first | {"venue.town": "Mielno"}, headers=BY_SCRIPT)
    answer = await browser.post(draft_of(first), data=second | {"website": "https://example.pl"}, headers=BY_SCRIPT)

    assert "Zmienił ktoś inny: Miejscowość." in answer.text
    form = await opened(browser, draft_of(first))
    assert (form["venue.town"], form["website"], form["title.pl"]) == (["Mielno"], ["https://example.pl"], ["Żagle"])


async def test_two_texts_of_one_field_are_shown_and_one_is_chosen(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    first = await saved(browser, **{"title.pl": "Żagle"})
    second = await opened(browser, draft_of(first))
    await browser.post(draft_of(first), data=first | {"title.pl": "Żagle rano"}, headers=BY_SCRIPT)
    await browser.post(draft_of(first), data=second | {"title.pl": "Żagle nocą"}, headers=BY_SCRIPT)

    page = await browser.get(draft_of(first))
    form = inputs(page.text)
    await browser.post(draft_of(first), data=form | {"take": choices(page.text, "take")})
    taken = await browser.get(draft_of(first))

    assert form["title.pl"] == ["Żagle nocą"]
    assert "Żagle rano" in page.text
    assert inputs(taken.text)["title.pl"] == ["Żagle rano"]
    assert "Żagle nocą" not in taken.text


async def test_a_draft_is_sent_once_and_gone(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await saved(browser) | write_form(kept_event())

    first, second = await browser.post(NEW, data=form), await browser.post(NEW, data=form)
    late = await browser.post(draft_of(form), data=form, headers=BY_SCRIPT)
    opened_again = await browser.get(draft_of(form))

    assert first.headers["location"] == second.headers["location"] == opened_again.headers["location"]
    assert [each["event"] for each in (await ingest.lot.get(API)).json()["items"]] == [make_event()]
    assert (late.status_code, "Ten szkic został wysłany." in late.text) == (410, True)
    assert await ingest.state.drafts.count(OURS) == 0


async def test_a_save_that_comes_after_a_form_without_a_draft_was_sent_makes_none(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | write_form(kept_event())

    sent = await browser.post(NEW, data=form)
    late = await browser.post(draft_of(form), data=form | {"title.pl": "Żag"}, headers=BY_SCRIPT)
    home = await browser.get("/ingest/")

    assert (late.status_code, sent.headers["location"] in late.text) == (410, True)
    assert await ingest.state.drafts.count(OURS) == 0
    assert f'href="{draft_of(form)}"' not in home.text


async def test_a_save_that_comes_after_a_change_was_sent_makes_no_draft(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    location = (await browser.post(NEW, data=await opened(browser) | write_form(kept_event()))).headers["location"]
    form = await opened(browser, f"{location}/edit") | {"title.pl": "Żagle nocą"}

    sent = await browser.post(f"{location}/edit", data=form)
    late = await browser.post(draft_of(form), data=form | {"title.pl": "Żagle no"}, headers=BY_SCRIPT)

    assert (sent.status_code, late.status_code) == (303, 410)
    assert await ingest.state.drafts.count(OURS) == 0


async def test_a_button_on_a_sent_draft_keeps_what_was_typed_since(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await saved(browser) | write_form(kept_event())
    await browser.post(NEW, data=form)

    late = await browser.post(draft_of(form), data=form | {"title.pl": "Żagle nocą"})
    again = inputs(late.text)
    kept = await browser.post(draft_of(again), data=again)

    assert (late.status_code, again["title.pl"], kept.status_code) == (410, ["Żagle nocą"], 303)


async def test_a_draft_that_was_sent_before_the_process_died_leads_to_what_was_sent(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | write_form(kept_event())
    sent = await browser.post(NEW, data=form)
    made = await ingest.state.drafts.create(OURS, write_form(kept_event()), origin=None, by=ANNA)
    await ingest.state.drafts.add(replace(made, id=form["key"][0]))

    shown = await browser.get(draft_of(form))

    assert (shown.status_code, shown.headers["location"]) == (303, sent.headers["location"])
    assert [each.id for each in await ingest.state.drafts.list(OURS)] == [made.id]


async def test_a_refused_form_is_a_draft_too(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    refused = await browser.post(NEW, data=form)

    assert refused.status_code == 422
    [draft] = await ingest.state.drafts.list(OURS)
    assert draft.fields["title.pl"] == ("Żagle",)
    assert inputs(refused.text)["key"] == [draft.id] == form["key"]


async def test_a_form_is_not_sent_over_a_text_that_its_page_does_not_show(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    first = await saved(browser, **write_form(kept_event()))
    second = await opened(browser, draft_of(first))
    await browser.post(draft_of(first), data=second | {"website": ["https://example.pl/inna"]}, headers=BY_SCRIPT)

    asked = await browser.post(NEW, data=first)
    sent = await browser.post(NEW, data=inputs(asked.text))

    assert (asked.status_code, inputs(asked.text)["website"]) == (412, ["https://example.pl/inna"])
    assert sent.status_code == 303
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["website"] == "https://example.pl/inna"


async def test_a_form_is_not_sent_before_one_of_two_texts_was_seen(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    first = await saved(browser, **write_form(kept_event()))
    second = await opened(browser, draft_of(first))
    await browser.post(draft_of(first), data=second | {"title.pl": ["Żagle rano"]}, headers=BY_SCRIPT)

    asked = await browser.post(NEW, data=first | {"title.pl": ["Żagle nocą"]})
    sent = await browser.post(NEW, data=inputs(asked.text))

    assert (asked.status_code, "Żagle rano" in asked.text) == (412, True)
    assert sent.status_code == 303
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["title"]["pl"] == "Żagle nocą"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_organisation_finds_no_draft(ingest: Ingest, method: str) -> None:
    browser = await logged_in(ingest)
    theirs = await ingest.state.drafts.create("lot-inny", {"title.pl": ["Tajne"]}, origin=None, by=ANNA)

    answer = await browser.request(method, f"/ingest/drafts/{theirs.id}/discard", data=await opened(browser))

    assert (answer.status_code, "Tajne" in answer.text) == (404, False)
    assert await ingest.state.drafts.count("lot-inny") == 1


async def test_a_change_is_a_draft_of_its_submission_and_offered_there(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = await opened(browser, address) | {"title.pl": ["Żagle nocą"]}

    await browser.post(draft_of(form), data=form, headers=BY_SCRIPT)
    back = await browser.get(address)
    draft = await opened(browser, draft_of(form))
    sent = await browser.post(address, data=draft)

    assert "Jest szkic zmiany" in back.text
    assert inputs(back.text)["title.pl"] == ["Żagle"]
    assert draft["title.pl"] == ["Żagle nocą"]
    assert sent.status_code == 303
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["event"]["title"]["pl"] == "Żagle nocą"
    assert await ingest.state.drafts.count(OURS) == 0


async def test_a_change_of_what_another_has_sent_since_is_asked_about(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = await opened(browser, address) | {"title.pl": ["Żagle nocą"]}
    await browser.post(draft_of(form), data=form)
    newer = make_event(title={"pl": "Żagle rano"})
    await ingest.lot.put(f"{API}/{made['id']}", json=newer, headers={"If-Match": '"1"'})

    asked = await browser.post(address, data=await opened(browser, draft_of(form)))
    sent = await browser.post(address, data=inputs(asked.text))

    assert (asked.status_code, "Żagle rano" in asked.text, sent.status_code) == (412, True, 303)


async def test_an_event_is_copied_once_and_its_dates_are_to_be_checked(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (
        await ingest.lot.post(API, json=make_event(external_id="zagle", tickets={"availability": "sold_out"}))
    ).json()
    address = f"/ingest/submissions/{made['id']}"
    token = {"csrf": (await opened(browser))["csrf"]}

    first, second = [await browser.post(f"{address}/copy", data=token) for _ in range(2)]
    page = await browser.get(first.headers["location"])
    form = inputs(page.text)
    await browser.post(first.headers["location"], data=form | {"start_date": ["15.8.2027"]})
    checked = await browser.get(first.headers["location"])

    assert first.headers["location"] == second.headers["location"]
    assert (form["title.pl"], form["start_date"], form["external_id"]) == (["Żagle"], ["14.08.2027"], [""])
    assert 'value="sold_out" checked' not in page.text
    assert "Te daty pochodzą z wydarzenia" in page.text
    assert "Te daty pochodzą z wydarzenia" not in checked.text
    assert (await browser.post(NEW, data=inputs(checked.text))).status_code == 303
    assert len((await ingest.lot.get(API)).json()["items"]) == 2


async def test_nobody_copies_an_event_of_another_organisation(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.other.post(API, json=make_event())).json()
    token = {"csrf": (await opened(browser))["csrf"]}

    assert (await browser.post(f"/ingest/submissions/{made['id']}/copy", data=token)).status_code == 404


async def test_venue_and_contact_of_last_time_are_filled_in_by_a_button(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await ingest.lot.post(API, json=make_event())
    page = await browser.get(NEW)
    form = inputs(page.text) | {"title.pl": "Nocne żagle"}
    buttons = re.findall(r'name="fill" value="(\w+ [^"]+)" formaction="([^"]+)">([^<]+)<', page.text)

    for value, address, _text in buttons:
        done = await browser.post(address, data=form | {"fill": value})
        form = await opened(browser, done.headers["location"])

    assert [text for _value, _address, text in buttons] == ["Wały Chrobrego, Szczecin", "Anna Żak, biuro@example.pl"]
    assert (form["venue.street"], form["venue.lat"]) == (["Wały Chrobrego 1"], ["53.43"])
    assert (form["contact.email"], form["title.pl"]) == (["biuro@example.pl"], ["Nocne żagle"])


async def test_a_discarded_draft_is_gone(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await saved(browser, **{"title.pl": "Żagle"})

    asked = await browser.get(f"{draft_of(form)}/discard")
    done = await browser.post(f"{draft_of(form)}/discard", data={"csrf": form["csrf"]})
    shown = await browser.get(draft_of(form))

    assert (asked.status_code, "Żagle" in asked.text) == (200, True)
    assert (done.headers["location"], shown.status_code) == ("/ingest/", 410)


async def test_a_preview_shows_row_page_and_calendar_entry(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | write_form(kept_event())

    done = await browser.post(f"{draft_of(form)}/preview", data=form)
    page = await browser.get(done.headers["location"])
    german = await browser.get(done.headers["location"], params={"in": "de"})

    assert (done.status_code, page.status_code) == (303, 200)
    assert "Wały Chrobrego, Wały Chrobrego 1, 70-500 Szczecin" in page.text
    assert "Trzy dni na Odrze." in page.text
    assert "biuro@example.pl" not in page.text
    assert "Stettiner Segeltage" in german.text


async def test_a_preview_of_half_an_event_says_what_is_missing(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await saved(browser, **{"title.pl": "Żagle"})

    page = await browser.get(f"{draft_of(form)}/preview")

    assert f'<a href="{draft_of(form)}#start_date">Podaj pierwszy dzień.</a>' in page.text


async def test_a_draft_of_an_ended_session_passes_through_the_log_in(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}
    browser.cookies.clear()

    by_script = await browser.post(draft_of(form), data=form, headers=BY_SCRIPT)
    by_button = await browser.post(draft_of(form), data=form)

    assert (by_script.status_code, by_button.status_code) == (401, 401)
    assert 'name="kept.title.pl"' in by_button.text
    assert 'name="kept.seen"' in by_button.text


async def test_a_draft_rolled_over_is_found_by_what_it_came_from(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    origin = Origin("rollover", "s1", year=2028)
    made = await ingest.state.drafts.create(OURS, write_form(kept_event()), origin=origin, by=ANNA)
    form = await opened(browser, f"/ingest/drafts/{made.id}")

    sent = await browser.post(NEW, data=form)

    assert sent.status_code == 303
    [again] = (await ingest.state.drafts.list_rolled_over(OURS, 2028)).values()
    assert (again.ended, f"/ingest/submissions/{again.sent_as}") == ("sent", sent.headers["location"])
    assert (await ingest.state.drafts.create(OURS, {}, origin=origin, by=ANNA)).id == made.id


async def test_every_field_of_the_form_is_one_of_a_draft(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await ingest.lot.post(
        API, json=make_event(dates={"certainty": "exact", "start": "2090-07-01", "end": "2090-07-02"})
    )
    twice = {"certainty": "exact", "start_date": "31.10.2027", "start_time": "02:30", "end_time": "2:45"}
    twice |= {"recurrence": '["2027-10-31T02:30", {"rrule": "FREQ=WEEKLY;COUNT=2"}]'}

    twice |= {"opening.13.opens": "10:00"}  # as many rows as there may be
    twice |= {f"images.{number}.media": f"{number}" * 64 for number in NUMBERS}

    shown = await browser.post(NEW, data=await opened(browser) | twice)

    fields = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', shown.text.partition('id="event"')[2]))
    fields -= {CHOOSER, CAMERA}
    assert fields - HIDDEN == NAMES - {"end_fold"} | (fields & {"end_fold"})


async def test_a_form_that_a_draft_cannot_hold_with_what_another_typed_comes_back(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await saved(browser, **write_form(kept_event()))
    half = "x" * (MAX_CHARACTERS // 2 + 1)
    other = await opened(browser, draft_of(form)) | {"description.en": [half]}
    await browser.post(draft_of(form), data=other, headers=BY_SCRIPT)

    answers = [await browser.post(where, data=form | {"description.cs": [half]}) for where in (draft_of(form), NEW)]

    assert [each.status_code for each in answers] == [409, 409]
    assert all(inputs(each.text)["description.cs"] == [half] for each in answers)
    assert "To więcej, niż zmieści szkic." in answers[1].text
