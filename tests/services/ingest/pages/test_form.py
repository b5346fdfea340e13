"""The form as a person uses it: nothing typed is ever lost."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest

from services.ingest.form.fields import fields_of
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import PASSWORD, Ingest

NEW = "/ingest/submissions/new"
API = "/ingest/api/v1/submissions"


async def logged_in(ingest: Ingest) -> httpx.AsyncClient:
    """A browser of the LOT's editor."""
    token = await ingest.accounts.log_in("lot@example.pl", PASSWORD, "127.0.0.1")
    ingest.nobody.cookies.set(ingest.accounts.cookie_name, token)
    ingest.nobody.headers["Sec-Fetch-Site"] = "same-origin"
    ingest.nobody.headers["Accept-Language"] = "pl"
    return ingest.nobody


def inputs(page: str) -> dict[str, list[str]]:
    """What a browser would send back of a page's form: controls, ticked boxes, chosen options."""
    form = page[page.index('<form method="post" action="/ingest/submissions') :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"radio", "checkbox"} and "checked" not in tag:
            continue
        found.setdefault(attributes["name"], []).append(html.unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(text))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    return found


def given(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The fields that say something, without the hidden ones."""
    hidden = {"csrf", "key", "version"}
    said = {name: sorted(each.replace("\r\n", "\n") for each in values) for name, values in fields.items()}
    return {name: values for name, values in said.items() if name not in hidden and any(values)}


async def filled(browser: httpx.AsyncClient, address: str = NEW, **typed: Any) -> dict[str, Any]:  # noqa: ANN401 - one value or several
    """The form at an address, filled in with an event and what a test types."""
    form = inputs((await browser.get(address)).text)
    return form | fields_of(make_event()) | typed


async def test_a_filled_form_is_sent_and_leads_to_its_page(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    sent = await browser.post(NEW, data=await filled(browser))
    page = await browser.get(sent.headers["location"])

    assert sent.status_code == 303
    assert "Wysłano do sprawdzenia." in page.text
    assert "Sobota 14" in page.text or "sobota 14" in page.text
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"] == make_event()


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
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json() == made
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


@pytest.mark.parametrize("act", ["withdraw", "cancel"])
async def test_another_organisations_pages_are_not_there(ingest: Ingest, act: str) -> None:
    browser = await logged_in(ingest)
    theirs = (await ingest.other.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{theirs['id']}"

    answers = [await browser.get(address), await browser.get(f"{address}/edit"), await browser.get(f"{address}/{act}")]

    assert [each.status_code for each in answers] == [404, 404, 404]
