"""Curators read here whom they may ask about a submission: that, and nothing else of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.web.http.session_cookie import get_session_cookie_name
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import PASSWORD, Ingest
from tests.services.ingest.test_way import written

API = "/ingest/api/v1/submissions"


async def curator(ingest: Ingest) -> httpx.AsyncClient:
    """A curator's browser."""
    token = await ingest.accounts.log_in("kurator@example.pl", PASSWORD, "127.0.0.1")
    ingest.nobody.cookies.set(get_session_cookie_name(https=False), token)
    ingest.nobody.headers["Accept-Language"] = "pl"
    return ingest.nobody


async def sent(ingest: Ingest, **changes: Any) -> str:  # noqa: ANN401 - an event's fields are of all kinds
    return str((await ingest.lot.post(API, json=make_event(**changes))).json()["id"])


async def test_a_curator_reads_whom_to_ask_and_can_write_and_call(ingest: Ingest) -> None:
    contact = {"name": "Żaneta O’Hara", "email": "o'hara+zagle@example.pl", "phone": "(91) 123-45-67"}
    made = await sent(ingest, contact=contact)

    page = await (await curator(ingest)).get(f"/ingest/contacts/{made}")

    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "Żaneta O’Hara" in page.text
    assert "LOT-SZCZECIN" in page.text
    assert 'href="mailto:o%27hara%2Bzagle@example.pl?subject=%C5%BBagle"' in page.text
    assert 'href="tel:911234567"' in page.text
    assert f'href="http://ingest.test/calendar/entries/{made}"' in page.text


async def test_nothing_else_of_a_submission_is_shown(ingest: Ingest) -> None:
    made = await sent(ingest, external_id="nasz-numer-7")

    page = await (await curator(ingest)).get(f"/ingest/contacts/{made}")

    for word in ("nasz-numer-7", "Wały Chrobrego", "Trzy dni na Odrze", "zagle.example.pl"):
        assert word not in page.text


async def test_a_contact_is_that_of_what_was_sent_last_also_when_it_is_withdrawn(ingest: Ingest) -> None:
    made = await sent(ingest)
    changed = make_event(contact={"email": "nowa@example.pl"})
    await ingest.lot.put(f"{API}/{made}", json=changed, headers={"If-Match": "*"})
    await ingest.lot.post(f"{API}/{made}/withdraw", headers={"If-Match": "*"})

    page = await (await curator(ingest)).get(f"/ingest/contacts/{made}")

    assert "nowa@example.pl" in page.text
    assert "biuro@example.pl" not in page.text
    assert "nowa@example.pl" not in await written(ingest)


async def test_an_organisation_that_named_nobody_is_told_as_such(ingest: Ingest) -> None:
    made = await sent(ingest, contact=None)

    page = await (await curator(ingest)).get(f"/ingest/contacts/{made}")

    assert "Organizacja nie podała osoby do kontaktu." in page.text
    assert "LOT-SZCZECIN" in page.text


@pytest.mark.parametrize("submission_id", ["0195-nothing", "%FF", "x" * 2_000])
async def test_the_contact_of_nothing_is_not_there(ingest: Ingest, submission_id: str) -> None:
    assert (await (await curator(ingest)).get(f"/ingest/contacts/{submission_id}")).status_code == 404
