"""Commands on requests: ask, take back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from services.calendar.request.answers import change_request
from services.calendar.request.model import EventRequest, RequestDiffers, RequestTerms, ask, asks_the_same, take_back
from services.calendar.request.request_mail import make_mail
from services.calendar.state import State
from shared.accounts.accounts import Accounts
from shared.jobs.model import Job

MAIL_REQUEST: Final = "mail_request"
"""Kind of job."""


async def ask_for_event(state: State, terms: RequestTerms, *, request_id: str) -> EventRequest:
    """Save a request and the job that mails it; a repeat changes nothing. Raises RequestInvalid or RequestDiffers."""
    organisations = {each.slug for each in await state.organisations.list() if not each.closed}
    made = ask(
        terms,
        id=request_id,
        organisations=organisations,
        counties=state.region.counties,
        today=state.get_today(),
        now=state.now(),
    )
    found = await state.requests.find(request_id) or await _save(state, made)
    if not found.is_open or not asks_the_same(found, made):
        raise RequestDiffers
    return found


async def mail_request(state: State, accounts: Accounts, job: Job) -> Mapping[str, Any]:
    """Handle the job of a request: mail the organisation's editors, unless it is closed by now."""
    request = await _save_once(state, msgspec.convert(job.payload, EventRequest))
    people = await accounts.list_members(request.organisation, {"editor"}) if request.is_open else []
    url = state.mail.site.ingest_url
    mails = [make_mail(request, each, state.region, ingest_url=url) for each in people if not each.disabled]
    return {"mails": sum([await state.mail.queue(each) for each in mails])}


async def _save(state: State, made: EventRequest) -> EventRequest:
    # The job first: it holds the request, and saves it if the process dies between the two.
    await state.jobs.add(MAIL_REQUEST, made.id, msgspec.to_builtins(made))
    first = await state.jobs.find(MAIL_REQUEST, made.id)
    return await _save_once(state, msgspec.convert(first.payload, EventRequest) if first else made)


async def _save_once(state: State, made: EventRequest) -> EventRequest:
    """Save a new request, or return the one that has its id already."""
    return made if await state.requests.save(None, made) else await state.requests.find(made.id) or made


async def take_request_back(state: State, request_id: str) -> EventRequest:
    """Raises RequestUnknown or RequestClosed."""
    return await change_request(state.requests, request_id, partial(take_back, now=state.now()))
