"""Commands on requests: ask, take back."""

from __future__ import annotations

from functools import partial

from services.calendar.request.answers import change_request
from services.calendar.request.model import EventRequest, RequestTerms, ask, take_back
from services.calendar.request.request_mail import make_mail
from services.calendar.state import State
from shared.accounts.accounts import Accounts


async def ask_for_event(state: State, accounts: Accounts, terms: RequestTerms, *, request_id: str) -> EventRequest:
    """Save a request and mail the organisation's editors; a repeat with the same id is the same request.

    Raises RequestInvalid.
    """
    organisations = {each.slug for each in await state.organisations.list() if not each.closed}
    made = ask(
        terms,
        id=request_id,
        organisations=organisations,
        counties=state.region.counties,
        today=state.get_today(),
        now=state.now(),
    )
    if not await state.requests.save(None, made):
        made = await state.requests.find(request_id) or made
    for person in await accounts.list_members(made.organisation, {"editor"}):
        if not person.disabled:
            await state.mail.queue(make_mail(made, person, state.region, ingest_url=state.mail.site.ingest_url))
    return made


async def take_request_back(state: State, request_id: str) -> EventRequest:
    """Raises RequestUnknown or RequestClosed."""
    return await change_request(state.requests, request_id, partial(take_back, now=state.now()))
