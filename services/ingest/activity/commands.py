"""Command of activity: count all organisations and tell what has changed since it was told last."""

from __future__ import annotations

from services.ingest.activity.counts import count_events
from services.ingest.activity.model import (
    EventCount,
    PeopleCount,
    choose_years,
    count_people,
    is_news,
    make_activity,
    make_mark,
)
from services.ingest.activity.repository import Activities, ToldActivity
from services.ingest.rollover.commands import count_not_renewed
from services.ingest.state import State
from shared.accounts.accounts import Accounts


async def tell_activity(state: State, accounts: Accounts, activities: Activities) -> int:
    """Return how many organisations had news. Raises PyMongoError; what was told before stays told."""
    persons = await accounts.list_members(roles={"editor"})
    people = count_people(persons, await accounts.invitations.list(), state.region.time_zone)
    events = await count_events(
        submissions=state.submissions.collection, drafts=state.drafts.collection, declines=state.declines.collection
    )
    told = await activities.get_all()
    years = choose_years(state.get_today(), [each.year for each in state.calls.list_calls()])
    news = 0
    for slug in sorted({*people, *events, *told}):
        news += await _tell(
            state,
            activities,
            slug,
            people.get(slug, PeopleCount()),
            events.get(slug, EventCount()),
            told.get(slug),
            years,
        )
    return news


async def _tell(  # noqa: PLR0917 - what is known of an organisation
    state: State,
    activities: Activities,
    slug: str,
    people: PeopleCount,
    events: EventCount,
    told: ToldActivity | None,
    years: tuple[int, ...],
) -> bool:
    mark = make_mark(events.marks, years)
    if told and told.mark == mark:
        not_renewed = {each.year: each.not_renewed for each in told.message.years}
    else:
        not_renewed = {year: (await count_not_renewed(state, slug, year)).not_renewed for year in years}
    activity = make_activity(slug, people, events, not_renewed, years)
    if is_news(told.message if told else None, activity):
        return await activities.save(told, activity, mark, at=state.now())
    if told and told.mark != mark:
        await activities.set_mark(told, mark)
    return False
