"""Drafts of people: one with two organisations, and two who type into the same draft."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any, Final

import httpx
import pytest

from services.ingest.draft import commands
from services.ingest.draft.commands import TypedPage
from services.ingest.draft.documents import make_key, write_draft
from services.ingest.draft.model import Draft, Ending, Origin, Typist
from services.ingest.form.mapping import write_form
from shared.accounts.accounts import Account
from shared.accounts.model import Membership, put_membership
from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.builders import kept_event, make_event
from tests.services.ingest.conftest import PASSWORD, Ingest, client
from tests.services.ingest.forms import choices, inputs, logged_in

NEW: Final = "/ingest/submissions/new"
API: Final = "/ingest/api/v1/submissions"
BY_SCRIPT: Final = {"HX-Request": "true"}
OURS: Final = "lot-szczecin"
SECOND: Final = Membership("lot-inny", "LOT-INNY", "editor")
JAN: Final = "jan@example.pl"
ANNA: Final = Account("a1", "anna@example.pl", "Anna Żak", OURS, "LOT", "editor")
Fields = dict[str, Any]


@pytest.fixture
async def anna(ingest: Ingest) -> httpx.AsyncClient:
    """An editor of both organisations; the session acts for the first."""
    account = await ingest.accounts.find("lot@example.pl")
    assert account
    await ingest.accounts.change_person(account.id, lambda person: put_membership(person, SECOND))
    return await logged_in(ingest)


@pytest.fixture
async def jan(ingest: Ingest) -> AsyncIterator[httpx.AsyncClient]:
    """Another editor of the first organisation."""
    await ingest.accounts.put_account(
        email=JAN,
        name="Jan Lis",
        organisation=OURS,
        organisation_name="LOT",
        role="editor",
        password=PASSWORD,
    )
    async with client(ingest.app, None) as browser:
        token = await ingest.accounts.log_in(JAN, PASSWORD, "127.0.0.1")
        browser.cookies.set(get_session_cookie_name(https=False), token)
        browser.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"})
        yield browser


async def open_form(browser: httpx.AsyncClient, address: str) -> tuple[str, Fields]:
    """Return the address to which the form saves itself, and its fields."""
    page = (await browser.get(address)).text
    found = re.search(r'formaction="(/ingest/drafts/[^"/]+)"', page)
    assert found is not None
    return unescape(found[1]), inputs(page)


async def count(ingest: Ingest) -> tuple[int, int]:
    return await ingest.state.drafts.count(OURS), await ingest.state.drafts.count(SECOND.organisation)


async def get_only_draft(ingest: Ingest) -> Draft:
    [listed] = await ingest.state.drafts.list(OURS)
    draft = await ingest.state.drafts.find(listed.id, OURS)
    assert draft is not None
    return draft


async def test_a_draft_stays_with_the_organisation_its_form_was_opened_for(
    ingest: Ingest, anna: httpx.AsyncClient
) -> None:
    save, form = await open_form(anna, f"{NEW}?as={SECOND.key}")
    address = save.partition("?")[0]
    first = await anna.post(save, data=form | {"title.pl": "Żagle"}, headers=BY_SCRIPT)

    shown = await anna.get(address)
    again, form = await open_form(anna, address)
    second = await anna.post(address, data=form | write_form(kept_event()), headers=BY_SCRIPT)
    sent = await anna.post(f"{NEW}?as={SECOND.key}", data=(await open_form(anna, address))[1])

    assert again == save == f"{address}?as={SECOND.key}"
    assert [each.status_code for each in (first, shown, second, sent)] == [200, 200, 200, 303]
    assert re.findall(r'value="([^"]*)" aria-current="true">', shown.text)[0] == SECOND.key
    assert (await ingest.lot.get(API)).json()["items"] == []
    assert [each["event"] for each in (await ingest.other.get(API)).json()["items"]] == [make_event()]
    assert await count(ingest) == (0, 0)


async def test_each_home_page_lists_the_drafts_of_its_organisation(ingest: Ingest, anna: httpx.AsyncClient) -> None:
    for key, title in ((f"{OURS}:editor", "Nasze"), (SECOND.key, "Inne")):
        save, form = await open_form(anna, f"{NEW}?as={key}")
        await anna.post(save, data=form | {"title.pl": title})

    ours, theirs = [(await anna.get(f"/ingest/?as={key}")).text for key in (f"{OURS}:editor", SECOND.key)]

    assert ("Nasze" in ours, "Inne" in ours) == (True, False)
    assert ("Nasze" in theirs, "Inne" in theirs) == (False, True)
    assert await count(ingest) == (1, 1)


async def test_a_draft_of_one_organisation_is_not_saved_for_another(ingest: Ingest, anna: httpx.AsyncClient) -> None:
    save, form = await open_form(anna, NEW)
    await anna.post(save, data=form | {"title.pl": "Żagle"})
    address = save.partition("?")[0]

    refused = await anna.post(f"{address}?as={SECOND.key}", data=form | {"title.pl": "Inne"}, headers=BY_SCRIPT)

    assert refused.status_code == 403
    assert await count(ingest) == (1, 0)
    assert (await open_form(anna, address))[1]["title.pl"] == ["Żagle"]


async def test_a_change_is_a_draft_of_the_organisation_that_owns_the_submission(
    ingest: Ingest, anna: httpx.AsyncClient
) -> None:
    submission_id = (await ingest.other.post(API, json=make_event())).json()["id"]
    save, form = await open_form(anna, f"/ingest/submissions/{submission_id}/edit")
    typed = form | {"title.pl": "Żagle nocą"}

    saved = await anna.post(save, data=typed, headers=BY_SCRIPT)
    previewed = await anna.post(f"{save.partition('?')[0]}/preview", data=typed)
    copied = await anna.post(f"/ingest/submissions/{submission_id}/copy", data=form)
    discarded = await anna.post(f"{copied.headers['location']}/discard", data=form)

    assert [each.status_code for each in (saved, previewed, copied, discarded)] == [200, 303, 303, 303]
    assert await count(ingest) == (0, 1)


async def test_two_people_type_into_one_draft_and_nothing_of_either_is_lost(
    ingest: Ingest, anna: httpx.AsyncClient, jan: httpx.AsyncClient
) -> None:
    save, form = await open_form(anna, NEW)
    address = save.partition("?")[0]
    await anna.post(save, data=form | {"title.pl": "Żagle"})
    _, hers = await open_form(anna, address)
    _, his = await open_form(jan, address)

    await anna.post(save, data=hers | {"title.pl": "Żagle rano", "venue.town": "Mielno"}, headers=BY_SCRIPT)
    told = await jan.post(address, data=his | {"title.pl": "Żagle nocą", "website": "https://a.pl"}, headers=BY_SCRIPT)
    seen = await anna.get(address)
    page = await jan.get(address)
    merged = inputs(page.text)
    taken = await jan.post(address, data=merged | {"take": choices(page.text, "take")})
    _, after = await open_form(anna, address)

    assert "Pisze tu też Anna Żak." in told.text
    assert "Zmienił ktoś inny: Miejscowość." in told.text
    assert "Pisze tu też Jan Lis." in seen.text
    assert "Anna Żak, " in seen.text
    assert "Żagle rano" in seen.text
    assert (merged["title.pl"], merged["venue.town"], merged["website"]) == (
        ["Żagle nocą"],
        ["Mielno"],
        ["https://a.pl"],
    )
    assert taken.status_code == 303
    assert after["title.pl"] == ["Żagle rano"]
    assert await count(ingest) == (1, 0)


async def test_nobody_sends_over_what_another_person_typed(
    ingest: Ingest, anna: httpx.AsyncClient, jan: httpx.AsyncClient
) -> None:
    save, form = await open_form(anna, NEW)
    address = save.partition("?")[0]
    await anna.post(save, data=form | write_form(kept_event()))
    _, hers = await open_form(anna, address)
    _, his = await open_form(jan, address)
    await jan.post(address, data=his | {"title.pl": "Żagle nocą"}, headers=BY_SCRIPT)

    unseen = await anna.post(f"{NEW}?as={OURS}:editor", data=hers | {"website": "https://a.pl"})
    sent = await anna.post(f"{NEW}?as={OURS}:editor", data=inputs(unseen.text))
    late = await jan.post(address, data=his | {"title.pl": "Żagle o świcie"})

    [stored] = (await ingest.lot.get(API)).json()["items"]
    assert [each.status_code for each in (unseen, sent, late)] == [412, 303, 410]
    assert "Żagle nocą" in unseen.text
    assert (stored["event"]["title"]["pl"], stored["event"]["website"]) == ("Żagle nocą", "https://a.pl")
    assert "Żagle o świcie" in late.text


async def test_a_choice_drops_no_text_that_its_page_did_not_show(
    ingest: Ingest, anna: httpx.AsyncClient, jan: httpx.AsyncClient
) -> None:
    save, form = await open_form(anna, NEW)
    address = save.partition("?")[0]
    await anna.post(save, data=form | {"title.pl": "Żagle"})
    (_, hers), (_, his) = await open_form(anna, address), await open_form(jan, address)
    await anna.post(save, data=hers | {"title.pl": "Żagle rano"}, headers=BY_SCRIPT)
    await jan.post(address, data=his | {"title.pl": "Żagle nocą"}, headers=BY_SCRIPT)
    shown = (await anna.get(address)).text
    hers = inputs(shown)
    await jan.post(address, data=his | {"title.pl": "Żagle nocą i rano"}, headers=BY_SCRIPT)

    unseen = [await anna.post(save, data=hers | {button: choices(shown, button)}) for button in ("take", "keep")]
    of_yesterday = await anna.post(save, data=hers | {"take": "title.pl 0"})
    taken = await anna.post(save, data=inputs(unseen[1].text) | {"take": choices(unseen[1].text, "take")})
    again = await anna.post(save, data=inputs(unseen[1].text) | {"take": choices(unseen[1].text, "take")})

    assert [each.status_code for each in (*unseen, of_yesterday, taken, again)] == [412, 412, 412, 303, 303]
    assert inputs(unseen[0].text)["title.pl"] == ["Żagle nocą i rano"]
    assert "Żagle rano" in unseen[0].text
    assert (await open_form(jan, address))[1]["title.pl"] == ["Żagle rano"]


async def test_a_venue_of_last_time_is_not_filled_in_over_what_another_person_typed(
    ingest: Ingest, anna: httpx.AsyncClient, jan: httpx.AsyncClient
) -> None:
    await ingest.lot.post(API, json=make_event())
    save, form = await open_form(anna, NEW)
    address = save.partition("?")[0]
    await anna.post(save, data=form | {"title.pl": "Rejs", "venue.town": "Mielno"})
    (_, hers), (_, his) = await open_form(anna, address), await open_form(jan, address)
    await jan.post(address, data=his | {"venue.name": "Molo", "venue.town": "Sopot"}, headers=BY_SCRIPT)
    [venue, *_] = choices((await anna.get(NEW)).text, "fill")

    await anna.post(save, data=hers | {"fill": venue})

    draft = await get_only_draft(ingest)
    others = {name: [each.values for each in field.others] for name, field in draft.contested.items()}
    assert (draft.fields["venue.name"], draft.fields["venue.town"]) == (("Wały Chrobrego",), ("Szczecin",))
    assert others == {"venue.name": [("Molo",)], "venue.town": [("Sopot",)]}


async def test_what_another_person_typed_into_a_sent_draft_is_a_change_even_if_the_process_died(
    ingest: Ingest, anna: httpx.AsyncClient, jan: httpx.AsyncClient
) -> None:
    save, form = await open_form(anna, NEW)
    address = save.partition("?")[0]
    await anna.post(save, data=form | write_form(kept_event()))
    (_, hers), (_, his) = await open_form(anna, address), await open_form(jan, address)
    draft = await get_only_draft(ingest)
    sent = (await anna.post(f"{NEW}?as={OURS}:editor", data=hers)).headers["location"]
    await ingest.state.drafts.collection.replace_one({"_id": make_key(draft.id, OURS)}, write_draft(draft))
    await jan.post(address, data=his | {"website": "https://a.pl"}, headers=BY_SCRIPT)

    opened = await anna.get(address)
    offered = await jan.get(f"{sent}/edit")
    late = await jan.post(address, data=his | {"website": "https://a.pl/b"}, headers=BY_SCRIPT)
    changed = await anna.post(f"{sent}/edit", data=inputs((await anna.get(address)).text))

    assert (opened.status_code, inputs(opened.text)["website"]) == (200, ["https://a.pl"])
    assert "Jest szkic zmiany" in offered.text
    assert (late.status_code, changed.status_code) == (200, 303)
    [stored] = (await ingest.lot.get(API)).json()["items"]
    assert (stored["version"], stored["event"]["website"]) == (2, "https://a.pl/b")
    assert await count(ingest) == (0, 0)


@pytest.mark.parametrize("ending", ["discarded", "sent"])
async def test_a_draft_that_was_sent_stays_what_it_was_made_from(ingest: Ingest, ending: Ending) -> None:
    drafts, origin = ingest.state.drafts, Origin("rollover", "s1", year=2028)
    made = await drafts.create(OURS, {"title.pl": ["Żagle"]}, origin=origin, by=ANNA)
    hers = TypedPage(draft_id=made.id, fields={"title.pl": ["Żagle"]}, seen={}, by=Typist("a1", "Anna Żak", "p1"))
    his = replace(hers, fields={"title.pl": ["Rejs"]}, by=Typist("a2", "Jan Lis", "p2"))
    await commands.save(ingest.state, ANNA, his)

    await commands.end_sent(ingest.state, ANNA, hers, sent_as="s9", version=1)
    [kept] = await drafts.list(OURS)
    await drafts.end(kept, ending, sent_as="s9" if ending == "sent" else "")

    assert (kept.fields["title.pl"], kept.edited) == (("Rejs",), Origin("edit", "s9", version=1))
    [ended] = (await drafts.list_rolled_over(OURS, 2028)).values()
    assert (ended.ended, ended.sent_as) == ("sent", "s9")
