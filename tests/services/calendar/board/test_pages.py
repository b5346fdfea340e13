"""The pages of the board: all organisations, and the gaps by county and month."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial

import pytest

from services.calendar.review.commands import apply_command
from services.calendar.review.model import accept
from shared.messages import OrganisationActivity, Organiser, YearActivity
from tests.services.calendar.builders import make_event, make_message
from tests.services.calendar.conftest import Browser, Calendar, browser, key_of


@pytest.fixture
async def chief(calendar: Calendar) -> AsyncIterator[Browser]:
    await key_of(calendar.accounts, "chief")
    opened = await browser(calendar, "chief")
    async with opened.client:
        yield opened


def find_row(page: str, name: str) -> str:
    rows = [row for row in re.findall(r'<tr role="row".*?</tr>', page, re.DOTALL) if f">{name}</a>" in row]
    assert len(rows) == 1, name
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", rows[0]))


async def get_organisation(calendar: Calendar) -> tuple[str, str]:
    found = next(each for each in await calendar.state.organisations.list() if not each.closed)
    return found.slug, found.name


async def tell(calendar: Calendar, slug: str, **numbers: int) -> None:
    await calendar.state.activities.apply(
        OrganisationActivity(
            organisation=slug,
            number=1,
            people_invited=2,
            people_active=1,
            last_seen_day="2026-11-28",
            changed_at="2026-11-28T12:00:00.000Z",
            years=[YearActivity(2027, **numbers)],
        )
    )


async def test_board_lists_every_organisation_also_those_that_never_did_anything(
    calendar: Calendar, chief: Browser
) -> None:
    page = await chief.read("/calendar/board/2027")

    names = [each.name for each in await calendar.state.organisations.list()]
    assert len(names) > 50
    assert all(f">{name}</a>" in page for name in names)
    assert page.count("nikt nie jest zaproszony") >= len(names)


async def test_row_says_how_far_an_organisation_came(calendar: Calendar, chief: Browser) -> None:
    slug, name = await get_organisation(calendar)
    await tell(calendar, slug, drafts=7)

    row = find_row(await chief.read("/calendar/board/2027"), name)

    assert "ma szkice" in row
    assert " 7 " in row
    assert "28 listopada 2026 logowanie" in row


async def test_view_in_the_address_narrows_the_list(calendar: Calendar, chief: Browser) -> None:
    slug, name = await get_organisation(calendar)
    await tell(calendar, slug, drafts=7)

    page = await chief.read("/calendar/board/2027?view=drafts_only&sort=-name")

    assert page.count("ma szkice</td>") == 1
    assert f">{name}</a>" in page


async def test_coverage_counts_public_events_where_they_begin(calendar: Calendar, chief: Browser) -> None:
    await calendar.receive(make_message(1, submission_id="0195-a", event=make_event()))
    await calendar.receive(make_message(1, submission_id="0195-b", event=make_event(title={"pl": "Inne"})))
    await apply_command(calendar.state, "0195-a", partial(accept, by="Anna"), seen=None)

    page = await chief.read("/calendar/board/2027/coverage")

    assert "Szczecin, Sierpień: 1 wydarzenie" in page
    assert "Szczecin, Lipiec: 0 wydarzeń" in page


async def test_board_counts_the_texts_of_what_was_accepted(calendar: Calendar, chief: Browser) -> None:
    slug, name = await get_organisation(calendar)
    before = await chief.read("/calendar/board/2027")
    for number, title in enumerate(({"pl": "Żagle", "en": "Sails"}, {"pl": "Koncert"})):
        event = make_event(title=title, summary={"pl": "Krótko."}, description={})
        await calendar.receive(
            make_message(1, submission_id=f"0195-{'ab'[number]}", event=event, organiser=Organiser(slug, name))
        )
    await apply_command(calendar.state, "0195-a", partial(accept, by="Anna"), seen=None)

    page = await chief.read("/calendar/board/2027")

    assert "Teksty: pl 2/3, en 1/3, de 0/3" in find_row(page, name)
    assert "Teksty wszystkich przyjętych wydarzeń: pl 2/3, en 1/3, de 0/3." in page
    assert "Teksty wszystkich" not in before


async def test_board_opens_with_the_year_of_the_call_or_the_next(calendar: Calendar, chief: Browser) -> None:
    opened = await chief.open("/calendar/board")

    next_year = calendar.state.get_today().year + 1
    assert (opened.status_code, opened.headers["location"]) == (303, f"/calendar/board/{next_year}")


async def test_curator_who_is_no_chief_sees_no_board(curator: Browser) -> None:
    assert (await curator.open("/calendar/board/2027")).status_code == 303


async def test_types_of_organisations_are_named_in_the_readers_language(chief: Browser) -> None:
    page = await chief.read("/calendar/board/2027?kind=institution")

    assert '<option value="institution" selected>instytucja</option>' in page
    assert "institution</a>" not in page
