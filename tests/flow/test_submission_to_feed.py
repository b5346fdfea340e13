"""The way of an event, from a LOT's desk to an office's calendar. Read this test first: it explains the system."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.support.builders import make_submission
from tests.support.clients import Curator, Editor, Published, Reader, eventually, make_keys, people
from tests.support.running import together

EVERYWHERE = ("ics", "rss", "json")
NOWHERE = dict.fromkeys(EVERYWHERE)


@dataclass(frozen=True)
class Calendarium:
    """The running system, and the three who use it."""

    editor: Editor
    curator: Curator
    office: Reader


@pytest.fixture
async def kalendarium(mongo_url: str, database_name: str) -> AsyncIterator[Calendarium]:
    async with together(mongo_url, database_name) as settings:
        keys, address = await make_keys(settings), settings.public_url
        async with people(keys, ingest=address, calendar=address, public=address) as (editor, curator, office):
            yield Calendarium(editor, curator, office)


async def test_event_goes_from_its_organisation_through_a_curator_to_everybody(kalendarium: Calendarium) -> None:
    editor, curator, office = kalendarium.editor, kalendarium.curator, kalendarium.office

    # An organisation sends an event in. It waits in the curator's queue, and nobody else sees it.
    sent = await editor.send(make_submission(title={"pl": "Żagle"}))
    event = sent.id
    assert (sent.version, sent.state) == (1, "waiting")
    assert await eventually(curator.waiting, {event: 1}) == {event: 1}
    assert await office.titles(event) == NOWHERE

    # The curator asks for changes; the organisation reads the comment and sends a second version.
    await curator.request_changes(event, "Proszę o dzień zakończenia.")
    assert await eventually(lambda: editor.state_of(event), "changes_requested") == "changes_requested"
    asked = await editor.find(event)
    assert asked.review
    assert asked.review.comment == "Proszę o dzień zakończenia."
    second = await editor.edit(asked, make_submission(title={"pl": "Żagle 2027"}))
    assert (second.version, second.state) == (2, "waiting")
    assert await eventually(curator.waiting, {event: 2}) == {event: 2}

    # The curator accepts: the event is in every feed, and has a page of its own.
    await curator.accept(event)
    public = dict.fromkeys(EVERYWHERE, "Żagle 2027")
    assert await eventually(lambda: office.titles(event), public) == public
    assert await office.events() == {event: Published("Żagle 2027", revision=1, status="confirmed")}
    page = await office.page(event)
    assert (page.status_code, "Żagle 2027" in page.text) == (200, True)
    assert await eventually(lambda: editor.state_of(event), "accepted") == "accepted"

    # An edit waits for the curator again, while everybody goes on seeing what was accepted.
    third = await editor.edit(second, make_submission(title={"pl": "Żagle z Żorami"}))
    assert await eventually(curator.waiting, {event: 3}) == {event: 3}
    assert (third.state, third.live_version) == ("waiting", 2)
    assert await office.titles(event) == public

    # Accepted too, it takes the place of the former version, and the revision goes up.
    await curator.accept(event)
    revised = {event: Published("Żagle z Żorami", revision=2, status="confirmed")}
    assert await eventually(office.events, revised) == revised

    # A cancellation passes no curator; calendars are told, and show the event as cancelled.
    fourth = await editor.cancel(third)
    cancelled = {event: Published("Odwołane: Żagle z Żorami", revision=3, status="cancelled")}
    assert await eventually(office.events, cancelled) == cancelled
    component = (await office.components())[event]
    assert (str(component["STATUS"]), component["SEQUENCE"]) == ("CANCELLED", 3)

    # Who follows the news is told, and told once.
    assert await office.news_of(event) == {"3": "Odwołane: Żagle z Żorami"}

    # What is withdrawn is gone from everywhere, and its page says so.
    await editor.withdraw(fourth)
    assert await eventually(lambda: office.titles(event), NOWHERE) == NOWHERE
    assert (await office.page(event)).status_code == 410
    assert await eventually(lambda: editor.state_of(event), "withdrawn") == "withdrawn"


async def test_an_event_that_repeats_is_one_entry_with_its_rule_for_calendars(kalendarium: Calendarium) -> None:
    editor, curator, office = kalendarium.editor, kalendarium.curator, kalendarium.office
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=9"}
    dates = {"certainty": "exact", "start": "2027-07-03T18:00", "end": "2027-07-03T20:00", "recurrence": recurrence}

    sent = await editor.send(make_submission(dates=dates))
    assert await eventually(curator.waiting, {sent.id: 1}) == {sent.id: 1}
    await curator.accept(sent.id)

    shown = dict.fromkeys(EVERYWHERE, "Żagle")
    assert await eventually(lambda: office.titles(sent.id), shown) == shown
    component = (await office.components())[sent.id]
    assert component["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=9"


async def test_one_tap_is_public_at_once_and_takes_nothing_of_what_waits_along(kalendarium: Calendarium) -> None:
    editor, curator, office = kalendarium.editor, kalendarium.curator, kalendarium.office
    sent = await editor.send(make_submission(title={"pl": "Żagle"}))
    assert await eventually(curator.waiting, {sent.id: 1}) == {sent.id: 1}
    await curator.accept(sent.id)
    assert await eventually(lambda: editor.state_of(sent.id), "accepted") == "accepted"
    secret = make_submission(title={"pl": "Tajne"}, summary={"pl": "Tajne"}, tickets={"price": {"pl": "Tajne"}})
    waiting = await editor.edit(await editor.find(sent.id), secret)
    assert await eventually(curator.waiting, {sent.id: 2}) == {sent.id: 2}

    sold_out = await editor.state_availability(waiting, "sold_out")

    told = {sent.id: Published("Żagle", revision=2, status="confirmed")}
    assert await eventually(office.events, told) == told
    assert (sold_out.state, await curator.waiting()) == ("waiting", {sent.id: 2})
    pages = [(await office.http.get(f"/feeds/programme.{each}")).text for each in EVERYWHERE]
    pages += [(await office.page(sent.id)).text, (await office.http.get(f"/api/v1/events/{sent.id}")).text]
    assert ["Tajne" in page for page in pages] == [False] * 5
    assert ["Bilety wyprzedane" in page for page in pages[:4]] == [True] * 4

    # It can be undone, and stays so when what waited is accepted.
    await editor.state_availability(sold_out, "available")
    undone = {sent.id: Published("Żagle", revision=3, status="confirmed")}
    assert await eventually(office.events, undone) == undone
    await curator.accept(sent.id)
    public = {sent.id: Published("Tajne", revision=4, status="confirmed")}
    assert await eventually(office.events, public) == public
    assert "Bilety są dostępne." in (await office.page(sent.id)).text


async def test_a_postponed_event_is_public_without_its_date_until_a_new_one_is_accepted(
    kalendarium: Calendarium,
) -> None:
    editor, curator, office = kalendarium.editor, kalendarium.curator, kalendarium.office
    sent = await editor.send(make_submission(title={"pl": "Żagle"}))
    assert await eventually(curator.waiting, {sent.id: 1}) == {sent.id: 1}
    await curator.accept(sent.id)
    assert await eventually(lambda: editor.state_of(sent.id), "accepted") == "accepted"

    await editor.postpone(await editor.find(sent.id))

    told = {sent.id: Published("Przełożone: Żagle", revision=2, status="postponed")}
    assert await eventually(office.events, told) == told
    assert str((await office.components())[sent.id]["STATUS"]) == "CANCELLED"
    assert "Przełożone" in (await office.page(sent.id)).text
    assert await office.news_of(sent.id) == {"2": "Przełożone: Żagle"}

    # A corrected title says nothing of the date; a new date does.
    corrected = await editor.edit(await editor.find(sent.id), make_submission(title={"pl": "Żagle 2027"}))
    assert await eventually(curator.waiting, {sent.id: 3}) == {sent.id: 3}
    await curator.accept(sent.id)
    still = {sent.id: Published("Przełożone: Żagle 2027", revision=3, status="postponed")}
    assert await eventually(office.events, still) == still
    dates = {"certainty": "exact", "start": "2027-09-11", "end": "2027-09-12"}
    await editor.edit(corrected, make_submission(title={"pl": "Żagle 2027"}, dates=dates))
    assert await eventually(curator.waiting, {sent.id: 4}) == {sent.id: 4}
    await curator.accept(sent.id)
    moved = {sent.id: Published("Przeniesione: Żagle 2027", revision=4, status="confirmed")}
    assert await eventually(office.events, moved) == moved
    assert str((await office.components())[sent.id]["STATUS"]) == "CONFIRMED"


async def test_rejected_event_is_seen_by_nobody_and_its_organisation_reads_why(kalendarium: Calendarium) -> None:
    editor, curator, office = kalendarium.editor, kalendarium.curator, kalendarium.office
    sent = await editor.send(make_submission(external_id="wesele-2027"))
    assert await eventually(curator.waiting, {sent.id: 1}) == {sent.id: 1}

    await curator.reject(sent.id, reason="not_touristic")

    assert await eventually(lambda: editor.state_of(sent.id), "rejected") == "rejected"
    refused = await editor.find(sent.id)
    assert refused.review
    assert refused.review.reason == "not_touristic"
    assert await curator.waiting() == {}
    assert await office.titles(sent.id) == NOWHERE
