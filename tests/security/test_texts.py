"""Every payload in every text field, through every page, feed and file: nothing becomes more than a text."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest
import pytest_asyncio
from lxml import html
from starlette.types import ASGIApp

from tests.access.house import Person
from tests.security import holes
from tests.security.checks import inline_code
from tests.security.payloads import PAYLOADS
from tests.security.premises import Premises
from tests.security.texts import (
    TEXTS,
    Sent,
    as_kept,
    elements,
    heading,
    linked_data,
    names_in,
    news,
    properties,
    send_all,
    summaries,
)
from tests.support.clients import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

PAGES: Final[dict[str, tuple[Person | None, str | None]]] = {
    "/ingest/submissions/{id}": ("owner", "h1"),
    "/ingest/submissions/{id}/edit": ("owner", None),
    "/ingest/submissions/{id}/withdraw": ("owner", None),
    "/calendar/entries/{id}": ("curator", "h1"),
    "/calendar/entries/{id}/withdraw": ("curator", None),
    "/pl/events/{id}": (None, "h1"),
    "/de/events/{id}": (None, "h1"),
}
"""Pages of one event, to whom they are shown, and whether their heading is its title."""
LISTS: Final = (
    "/ingest/",
    "/calendar/",
    "/calendar/programme/2027",
    "/pl/2027/08",
    "/de/2027/08",
    "/pl/organisers",
)
Plain = dict[str, Counter[tuple[str, ...]]]
AT_ONCE: Final = 12
TITLE: Final = ("title", "pl")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sent(premises: Premises) -> dict[str, Sent]:
    """Everything that was taken in, accepted and public."""
    found = await send_all(premises)
    async with premises.people() as (_editor, curator, reader):
        for each in found.values():
            await premises.waits(each.id)
            await curator.accept(each.id)

        async def shown() -> int:
            return len((await reader.http.get("/feeds/programme.json")).json()["items"])

        assert await eventually(shown, len(found)) == len(found)
    return found


async def test_the_door_takes_words_and_refuses_what_no_text_can_be(sent: dict[str, Sent]) -> None:
    refused = set(PAYLOADS) - set(sent)

    assert len(PAYLOADS) >= 60
    assert refused == {
        "nul",
        "backspace and escape",
        "delete and c1",
        "half a character",
        "other half",
        "no character",
    }


async def plain_pages(premises: Premises, sent: dict[str, Sent]) -> Plain:
    """Give the elements of each page as it is with benign words."""
    benign = sent["benign"].id
    return {
        address: elements((await premises.ask("GET", address.format(id=benign), who)).text)
        for address, (who, _) in PAGES.items()
    }


async def more_than_text(premises: Premises, app: ASGIApp, each: Sent, plain: Plain) -> list[str]:
    """Complain of a page that holds another element or attribute than with benign words, runs code, or loses a text."""
    found = []
    for address, (who, shows) in PAGES.items():
        page = (await premises.ask("GET", address.format(id=each.id), who, app=app)).text
        more = (elements(page) - plain[address], plain[address] - elements(page))
        found += [f"{address}: {more}"] if any(more) else []
        found += [f"{address}: {line}" for line in inline_code(page)]
        if shows == "h1" and as_kept(each[TITLE]) not in heading(page):
            found.append(f"{address}: {heading(page)}")
    return found


async def test_a_payload_is_shown_as_what_it_is(sent: dict[str, Sent], premises: Premises) -> None:
    plain = await plain_pages(premises, sent)
    found = {name: await more_than_text(premises, premises.app, each, plain) for name, each in sent.items()}

    assert {name: complaints for name, complaints in found.items() if complaints} == {}


async def test_a_text_that_is_not_escaped_is_noticed(sent: dict[str, Sent], premises: Premises) -> None:
    plain = await plain_pages(premises, sent)
    unescaped = holes.body_written(premises.app, "&lt;", "<")

    for name in ("script", "image", "end of a text area", "attribute", "form"):
        app = unescaped if name != "attribute" else holes.body_written(premises.app, "&#34;", '"')
        assert await more_than_text(premises, app, sent[name], plain), name


@pytest.mark.parametrize("address", LISTS)
async def test_lists_run_nothing(address: str, sent: dict[str, Sent], premises: Premises) -> None:
    who = {"ingest": "owner", "calendar": "curator"}.get(address.split("/")[1])

    answer = await premises.ask("GET", address, who)  # type: ignore[arg-type]

    assert (answer.status_code, inline_code(answer.text)) == (200, [])


async def test_what_machines_read_of_a_page_is_one_object(sent: dict[str, Sent], premises: Premises) -> None:
    for each in sent.values():
        page = (await premises.ask("GET", f"/pl/events/{each.id}")).text
        [said] = linked_data(page)
        assert as_kept(said["name"]) == each[TITLE]
        assert set(said) == set(linked_data((await premises.ask("GET", f"/pl/events/{sent['benign'].id}")).text)[0])
    spoiled = holes.body_written(holes.body_written(premises.app, "\\u003c", "<"), "\\u003e", ">")
    page = (await premises.ask("GET", f"/pl/events/{sent['end of a script'].id}", app=spoiled)).text
    assert inline_code(page)


async def test_a_calendar_has_no_property_more(sent: dict[str, Sent], premises: Premises) -> None:
    feed = (await premises.ask("GET", "/feeds/programme.ics")).text

    assert more_in_calendar(feed, sent) == []
    assert more_in_calendar(feed.replace("\\n", "\r\n"), sent)
    assert more_in_calendar(feed.replace("SUMMARY;", "SUMMARY;ALTREP=x;", 1), sent)


def more_in_calendar(feed: str, sent: dict[str, Sent]) -> list[str]:
    """Complain of an event whose properties are not those of the benign one."""
    found = list(properties(feed))
    plain = dict(found)[sent["benign"].id]
    more = [f"{uid}: {sorted(names ^ plain)}" for uid, names in found if names != plain]
    return more + (["not as many events as were sent"] if len(found) != len(sent) else [])


async def test_a_calendar_gives_the_texts_back(sent: dict[str, Sent], premises: Premises) -> None:
    read = summaries((await premises.ask("GET", "/feeds/programme.ics")).text)

    assert read == {each.id: each[TITLE] for each in sent.values()}
    for each in sent.values():
        alone = (await premises.ask("GET", f"/pl/events/{each.id}.ics")).text
        assert summaries(alone) == {each.id: each[TITLE]}


async def test_news_have_no_element_more_and_give_the_texts_back(sent: dict[str, Sent], premises: Premises) -> None:
    feed = (await premises.ask("GET", "/feeds/programme.rss")).content

    read = news(feed)
    plain = read[sent["benign"].id][1]
    assert {event_id: title for event_id, (title, _) in read.items()} == {
        each.id: each[TITLE] for each in sent.values()
    }
    assert {event_id: kinds for event_id, (_, kinds) in read.items() if kinds != plain} == {}
    written = b"<title>&#x3C;script&#x3E;alert(1)&#x3C;/script&#x3E;"
    unescaped = feed.replace(written, b"<title><script>alert(1)</script>")
    assert any(kinds != plain for _, kinds in news(unescaped).values())


@pytest.mark.parametrize("address", ["/feeds/programme.json", "/api/v1/events?limit=200"])
async def test_data_have_no_name_more_and_give_the_texts_back(
    address: str, sent: dict[str, Sent], premises: Premises
) -> None:
    items = {
        each["id"].split(":")[-2] if ":" in each["id"] else each["id"]: each
        for each in (await premises.ask("GET", address)).json()["items"]
    }
    ids = {each.id: next(item for key, item in items.items() if each.id in str(item)) for each in sent.values()}
    plain = names_in(ids[sent["benign"].id])

    assert {event_id: names_in(item) - plain for event_id, item in ids.items() if names_in(item) != plain} == {}
    said = {event_id: as_kept(item.get("title") or item["text"]["title"]["value"]) for event_id, item in ids.items()}
    assert said == {each.id: each[TITLE] for each in sent.values()}


async def test_a_form_that_is_refused_shows_what_was_typed_as_what_it_is(premises: Premises) -> None:
    plain = {each[0] for each in elements(await refused_form(premises, "zwykłe słowa"))}
    for name, payload in PAYLOADS.items():
        page = await refused_form(premises, payload)
        assert (name, inline_code(page), {each[0] for each in elements(page)} - plain) == (name, [], set())


async def refused_form(premises: Premises, text: str) -> str:
    """Type a text into every field of a new event, which cannot be sent so."""
    typed = text.encode("utf-8", "replace").decode()
    form = {".".join(path): typed for path in TEXTS} | {"version": typed, "key": typed, "state": typed}
    answer = await premises.ask("POST", "/ingest/submissions/new", "owner", data=form)
    assert answer.status_code == 422, answer.status_code
    return answer.text


@pytest.mark.parametrize(
    ("address", "field", "who"),
    [
        ("/pl/", "county", None),
        ("/pl/", "nonsense", None),
        ("/pl/subscribe", "category", None),
        ("/ingest/", "state", "owner"),
        ("/ingest/", "lang", "owner"),
        ("/calendar/", "county", "curator"),
        ("/calendar/", "matter", "curator"),
        ("/calendar/programme/2027", "category", "curator"),
        ("/ingest/login", "next", None),
        ("/pl/accessibility", "theme", None),
    ],
)
async def test_what_stands_in_an_address_is_shown_as_what_it_is(
    address: str,
    field: str,
    who: Person | None,
    premises: Premises,
) -> None:
    answers = [await premises.ask("GET", address, who, params={field: each}) for each in several_at_once()]

    assert {each.status_code for each in answers} <= {200, 303, 400, 404, 422}
    assert [inline_code(each.text) for each in answers if each.content and inline_code(each.text)] == []


async def test_what_was_typed_into_the_log_in_is_shown_as_what_it_is(premises: Premises) -> None:
    for typed in several_at_once():
        async with premises.browser() as browser:
            fields = {"email": typed, "password": "x", "next": typed, f"kept.{typed}": typed}
            page = (await browser.post("/ingest/login", data=fields)).text
        assert inline_code(page) == []
        assert not html.fromstring(page.encode()).xpath("//main//img | //main//svg[@onload] | //main//iframe")


def several_at_once() -> list[str]:
    """Give all payloads, as many in one text as an address may hold."""
    typed = [payload.encode("utf-8", "replace").decode() for payload in PAYLOADS.values()]
    return [" ".join(typed[first : first + AT_ONCE]) for first in range(0, len(typed), AT_ONCE)]
