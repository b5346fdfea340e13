"""The region's whole programme of 2027, rolled over into 2028."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from services.demo.editions import build_programme
from services.demo.programme import load_programme
from services.ingest.form.mapping import parse_form
from services.ingest.rollover.commands import RolloverResult, count_not_renewed, list_last_year, renew_events
from services.ingest.submission.commands import send_new
from services.ingest.submission.content import read_event
from services.ingest.submission.model import Review
from shared.accounts.accounts import Account
from shared.region import load_region
from tests.services.ingest.conftest import Ingest

PACK = Path("deploy/region")
YEAR = 2028
PROGRAMME = Counter({"provisional": 151, "month": 15, "season": 7})


def make_account(organisation: str) -> Account:
    return Account(organisation, f"{organisation}@example.pl", "Anna Żak", organisation, organisation, "editor")


def make_review(at: str) -> Review:
    return Review(2, 1, "accepted", None, None, 1, at, 1, "confirmed")


async def test_the_programme_rolls_over_once(ingest: Ingest) -> None:
    state, region = ingest.state, load_region(PACK)
    accounts = {}
    for slug, event in build_programme(load_programme(PACK, region), YEAR - 1, zone=region.time_zone):
        accounts[slug] = make_account(slug)
        event.pop("part_of", None)  # a reference, not an id
        sent = await send_new(state, accounts[slug], read_event(event, state.vocabulary), None)
        await state.submissions.apply_review(sent.submission_id, make_review(state.now()))
    proposed = [each for slug in accounts for each in (await list_last_year(state, slug, YEAR)).events]

    ids = frozenset(each.submission.id for each in proposed)
    first = [await renew_events(state, each, YEAR, ids) for each in accounts.values()]
    second = [await renew_events(state, each, YEAR, ids) for each in accounts.values()]
    counts = [await count_not_renewed(state, slug, YEAR) for slug in accounts]
    listed = [(each.id, slug) for slug in accounts for each in await state.drafts.list(slug)]
    drafts = [draft for draft_id, slug in listed if (draft := await state.drafts.find(draft_id, slug))]
    rolled = [read_event(parse_form(each.fields), state.vocabulary) for each in drafts]

    assert Counter(each.submission.event.dates.certainty for each in proposed) == PROGRAMME
    assert Counter(each.dates.certainty for each in rolled) == PROGRAMME
    assert {each.dates.start[:4] for each in rolled} == {str(YEAR)}
    assert sum(each.made for each in first) == 173
    assert [each for each in second if each != RolloverResult(0)] == []
    assert sum(each.drafts for each in counts) == sum(each.total for each in counts) == 173
    assert sum(each.renewal.doubtful for each in proposed) == 6
