"""Hints of POT's editorial rules where an editor writes: after sending, in the preview, in the list and by API."""

from __future__ import annotations

from typing import Any

from services.ingest.form.mapping import write_form
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in

NEW = "/ingest/submissions/new"
API = "/ingest/api/v1/submissions"
EVENT: dict[str, Any] = {"title": {"pl": "Żagle 2027"}, "summary": {"pl": "Serdecznie zapraszamy na Wały."}}


async def test_hints_show_their_words_on_the_page_and_in_the_form_that_comes_back_and_hold_nothing_up(
    ingest: Ingest,
) -> None:
    browser = await logged_in(ingest)
    form = inputs((await browser.get(NEW)).text) | write_form(kept_event(**EVENT))

    sent = await browser.post(NEW, data=form)
    page = (await browser.get(sent.headers["location"])).text
    again = (await browser.get(f"{sent.headers['location']}/edit")).text

    assert sent.status_code == 303
    for text, link in ((page, f'{sent.headers["location"]}/edit#summary-pl"'), (again, 'href="#summary-pl"')):
        assert '<span lang="pl"><mark>Serdecznie zapraszamy</mark> na Wały.</span>' in text
        assert "Żagle <mark>2027</mark>" in text
        assert link in text
        assert "2 z 8 zasad" in text


async def test_the_list_counts_the_texts_by_language_and_the_rules(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    await ingest.lot.post(API, json=make_event(**EVENT))

    page = (await browser.get("/ingest/")).text

    assert "Teksty w językach: pl 3/3, en 0/3, de 0/3, cs 0/3, uk 0/3; 2 z 8 zasad" in page


async def test_the_preview_of_a_draft_shows_the_hints(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = inputs((await browser.get(NEW)).text) | write_form(kept_event(**EVENT))

    saved = await browser.post(f"/ingest/drafts/{form['key'][0]}/preview", data=form)
    page = (await browser.get(saved.headers["location"])).text

    assert "<mark>Serdecznie zapraszamy</mark>" in page
    assert f"/ingest/drafts/{form['key'][0]}#summary-pl" in page


async def test_the_api_answers_readiness_and_completeness_in_the_readers_language(ingest: Ingest) -> None:
    sent = (await ingest.lot.post(API, json=make_event(**EVENT), headers={"Accept-Language": "en"})).json()
    checked = (
        await ingest.lot.post(f"{API}/validate", json=make_event(**EVENT), headers={"Accept-Language": "en"})
    ).json()

    hints = {each["code"]: each for each in sent["readiness"]["hints"]}
    assert (sent["readiness"]["met"], sent["readiness"]["total"]) == (2, 8)
    assert (hints["third_person"]["field"], hints["third_person"]["words"]) == ("summary.pl", "Serdecznie zapraszamy")
    assert hints["edition_in_title"]["message"].startswith("Leave edition number and year out")
    assert sent["completeness"]["pl"] == {"filled": 3, "total": 3}
    assert (checked["readiness"], checked["completeness"]) == (sent["readiness"], sent["completeness"])
