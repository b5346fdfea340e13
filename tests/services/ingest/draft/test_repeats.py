"""Repeats in a draft: saved as they are typed, listed while somebody types, changed one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import httpx
import pytest

from services.ingest.draft.model import DraftTooLarge, normalize, read_seen, write_seen
from services.ingest.form.mapping import write_form
from services.ingest.form.repeat_fields import MAX_CHANGES
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in

NEW: Final = "/ingest/submissions/new"
API: Final = "/ingest/api/v1/submissions"
BY_SCRIPT: Final = {"HX-Request": "true"}
WEEKLY: Final = {
    "start_date": "5.6.2027",
    "end_date": "",
    "start_time": "9:00",
    "end_time": "14:00",
    "repeats": "weekly",
    "repeats.until": "28.8.2027",
}


async def typed(browser: httpx.AsyncClient, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - one value or several
    return inputs((await browser.get(NEW)).text) | write_form(kept_event()) | WEEKLY | more


def draft_of(form: dict[str, Any]) -> str:
    return f"/ingest/drafts/{form['key'][0]}"


async def test_the_dates_are_shown_and_one_is_changed_without_a_script(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await typed(browser)

    listed = await browser.post(draft_of(form), data=form | {"list": "1"})
    page = (await browser.get(listed.headers["location"])).text
    asked = await browser.post(draft_of(form), data=inputs(page) | {"change": "2027-06-19"})
    opened = (await browser.get(asked.headers["location"])).text
    called_off = {"repeats.2027-06-19.what": "cancelled", "repeats.2027-06-19.note.pl": "Dni Morza."}
    sent = await browser.post(NEW, data=inputs(opened) | called_off)

    assert listed.headers["location"].endswith("#repeat-dates")
    assert "W każdą sobotę, 5 czerwca – 28 sierpnia 2027, 09:00–14:00: 13 terminów" in page
    assert 'name="repeats.2027-06-19.what"' not in page
    assert asked.headers["location"].endswith("?change=2027-06-19#repeats-2027-06-19-what")
    assert inputs(opened)["repeats.2027-06-19.what"] == [""]
    assert sent.status_code == 303
    [kept] = (await ingest.lot.get(API)).json()["items"]
    assert kept["event"]["dates"]["recurrence"] == {
        "rrule": "FREQ=WEEKLY;UNTIL=20270828T090000",
        "exceptions": [{"date": "2027-06-19T09:00", "status": "cancelled", "note": {"pl": "Dni Morza."}}],
    }


async def test_a_list_of_dates_is_sent_while_somebody_types_once(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await typed(browser, **{"repeats.until": "12.6.2027"})

    first = (await browser.post(draft_of(form), data=form, headers=BY_SCRIPT)).text
    shown = first.partition('name="listed" value="')[2].partition('"')[0]
    again = (await browser.post(draft_of(form), data=form | {"listed": shown}, headers=BY_SCRIPT)).text
    later = form | {"listed": shown, "repeats.until": "19.6.2027"}
    changed = (await browser.post(draft_of(form), data=later, headers=BY_SCRIPT)).text

    assert 'id="repeat-dates" data-hx-swap-oob="outerMorph"' in first
    assert "sobota 12 czerwca 2027" in first
    assert "repeat-dates" not in again
    assert "sobota 19 czerwca 2027" in changed


async def test_a_refused_form_has_every_change_that_was_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    changes = {
        "repeats.2027-06-13.what": "moved",
        "repeats.2027-06-13.date": "kiedyś",
        "repeats.2027-06-13.note.de": "Hitze",
    }

    refused = await browser.post(NEW, data=await typed(browser, **changes))

    again = inputs(refused.text)
    assert refused.status_code == 422
    assert {name: again[name] for name in changes} == {name: [value] for name, value in changes.items()}
    assert 'id="repeats-2027-06-13-date-error"' in refused.text
    assert "W tym dniu nie ma już terminu tego wydarzenia." in refused.text


async def test_a_copy_has_the_rule_and_no_changes_of_single_dates(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    repeats = {
        "rrule": "FREQ=WEEKLY;COUNT=5",
        "exdates": ["2027-07-17"],
        "exceptions": [{"date": "2027-07-10", "status": "cancelled"}],
    }
    dates = {"certainty": "exact", "start": "2027-07-03", "end": "2027-07-03", "recurrence": repeats}
    sent = (await ingest.lot.post(API, json=make_event(dates=dates))).json()
    page = (await browser.get(f"/ingest/submissions/{sent['id']}")).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]

    copied = await browser.post(f"/ingest/submissions/{sent['id']}/copy", data={"csrf": csrf})

    fields = inputs((await browser.get(copied.headers["location"])).text)
    assert (fields["repeats"], fields["repeats.count"]) == (["weekly"], ["5"])
    assert [name for name in fields if name.startswith("repeats.2027")] == []


def test_a_draft_has_so_many_changed_dates_and_no_more() -> None:
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(MAX_CHANGES + 1)]
    fields = {f"repeats.{day}.what": ["left_out"] for day in days}

    kept = normalize(dict(list(fields.items())[:-1]))

    assert len(kept) == MAX_CHANGES
    with pytest.raises(DraftTooLarge):
        normalize(fields)
    assert normalize({"repeats.2027-06-19.colour": ["x"], "repeats.2027-06-19.note.xx": ["x"]}) == {}


def test_what_a_page_showed_of_changed_dates_is_remembered() -> None:
    seen = {"repeats.2027-06-19.note.pl": "0123456789ab", "repeats.2027-06-19.what": "ba9876543210"}

    assert read_seen(write_seen(seen)) == seen
