"""A refused form of curators says in another language too what was wrong."""

from __future__ import annotations

import re

import pytest

from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import Browser, Calendar, arrive

PAGE = "/calendar/entries/0195-a"
Fields = dict[str, object]
LONG = "ż" * 2001


def read_redraw(page: str) -> tuple[str, str]:
    """Return address and mode of the button for English."""
    found = re.search(r'formaction="([^"]*lang=en)" name="redraw" value="([^"]*)"', page)
    assert found
    return found[1].replace("&amp;", "&"), found[2]


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (f"{PAGE}/decision", {"decision": "request_changes", "comment": " "}, "Say what it is about"),
        (f"{PAGE}/decision", {"decision": "reject"}, "Choose the reason for rejecting from the list."),
        (f"{PAGE}/decision", {"decision": ""}, "Choose what happens to this version."),
        (f"{PAGE}/cancel", {"comment": LONG}, "Shorten the comment to 2000 characters."),
        (f"{PAGE}/withdraw", {"comment": LONG}, "Shorten the comment to 2000 characters."),
        (
            "/calendar/decisions",
            {"decision": "reject", "asked": "1", "entry": "0195-a.1", "reason": "other"},
            "Say what it is about",
        ),
        (f"{PAGE}/remarks", {"remark": ""}, "Write the remark."),
        (f"{PAGE}/notes", {"note": LONG}, "Shorten the remark to 2000 characters."),
        ("/calendar/decisions?county=3262", {"decision": "accept"}, "Select the entries you decide on"),
    ],
)
async def test_what_was_wrong_is_said_in_another_language_too(
    calendar: Calendar, curator: Browser, path: str, fields: Fields, said: str
) -> None:
    await arrive(calendar, "a")
    form: Fields = {"review_number": "1", **fields}

    refused = await curator.send(path, form)
    address, mode = read_redraw(refused.text)
    english = await curator.send(address, form | {"redraw": mode})

    assert (refused.status_code, english.status_code) == (422, 422)
    assert '<html lang="en">' in english.text
    assert "<title>Error:" in english.text
    assert said in english.text


@pytest.mark.parametrize("act", ["decision", "cancel", "withdraw"])
async def test_that_an_entry_moved_on_is_said_in_another_language_too(
    calendar: Calendar, curator: Browser, act: str
) -> None:
    await arrive(calendar, "a")
    await calendar.receive(make_message(2, submission_id="0195-a"))
    form: Fields = {"review_number": "1", "decision": "accept", "comment": "Dziękujemy"}

    refused = await curator.send(f"{PAGE}/{act}", form)
    address, mode = read_redraw(refused.text)
    english = await curator.send(address, form | {"review_number": "2", "redraw": mode})

    assert (refused.status_code, english.status_code) == (412, 412)
    assert "This entry has changed since it was opened." in english.text
    assert "Dziękujemy</textarea>" in english.text
