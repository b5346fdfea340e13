"""Names of organisations on curators' pages: the present ones."""

from __future__ import annotations

from shared.accounts.organisations import OrganisationRecord
from tests.services.calendar.builders import LOT
from tests.services.calendar.conftest import Browser, Calendar, arrive


async def test_an_organisation_is_called_by_its_present_name(calendar: Calendar, curator: Browser) -> None:
    organisations = calendar.app.state.accounts.organisations
    await organisations.add(OrganisationRecord(LOT.slug, LOT.name, "LOT", "3262"))
    await arrive(calendar, "a")
    await calendar.curator.post("/calendar/api/v1/reviews/0195-a/accept", headers={"If-Match": "*"})
    await arrive(calendar, "b")

    await organisations.rename(LOT.slug, "LOT Odrzański")

    for path in ("/calendar/", "/calendar/entries/0195-b", "/calendar/programme/2027?month=8"):
        page = await curator.read(path)
        assert "LOT Odrzański" in page


async def test_an_organisation_that_the_database_lacks_is_called_as_it_was_sent(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a")

    assert LOT.name in await curator.read("/calendar/")
