"""The list of an organisation's own submissions."""

from __future__ import annotations

import asyncio

from services.ingest.home.pages import ON_A_PAGE
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import logged_in
from tests.services.ingest.test_way import review

API = "/ingest/api/v1/submissions"


async def test_a_long_list_comes_in_pages_with_what_waits_for_the_organisation_first(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    titles = [f"Żagle {number:03}" for number in range(ON_A_PAGE + 3)]
    answers = await asyncio.gather(*(ingest.lot.post(API, json=make_event(title={"pl": each})) for each in titles))
    last = next(each.json() for each in answers if each.json()["event"]["title"]["pl"] == titles[-1])
    await review(ingest, last["id"], state="changes_requested", comment="Tytuł?", live_version=None, live_status=None)

    first, second, third = [(await browser.get(f"/ingest/?page={page}")).text for page in (1, 2, 3)]

    assert [each for each in titles if each in first] == [*titles[: ON_A_PAGE - 1], titles[-1]]
    assert first.index(titles[-1]) < first.index(titles[0])
    assert [each for each in titles if each in second] == titles[ON_A_PAGE - 1 : -1]
    assert [each for each in titles if each in third] == titles[ON_A_PAGE - 1 : -1], "beyond the last page is the last"
    assert ("strona 1 z 2" in first, 'href="/ingest/?page=2"' in first) == (True, True)


async def test_a_page_that_is_no_number_is_refused(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    for page in ("0", "x", "9999999", "000000001" + 5_000 * "0"):
        assert (await browser.get(f"/ingest/?page={page}")).status_code == 400, page[:20]
