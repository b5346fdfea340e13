"""Commands on requests: start an event for one, answer with one's own, refuse, note what was sent."""

from __future__ import annotations

from services.ingest.draft.model import Draft, Origin
from services.ingest.request.model import AlreadyAnswered, KnownRequest, answer_with_event, make_fields, refuse
from services.ingest.state import State
from services.ingest.submission.commands import SubmissionUnknown
from shared.accounts.accounts import Account


class NotAsked(Exception):
    """The organisation has no such request."""


async def get_request(state: State, organisation: str, request_id: str) -> KnownRequest:
    """Raises NotAsked."""
    found = await state.requests.find(request_id, organisation)
    if found is None:
        raise NotAsked(request_id)
    return found


async def start_event(state: State, account: Account, request: KnownRequest) -> Draft:
    """Make a draft for a request, or return the one that is there. Raises AlreadyAnswered or DraftsFull."""
    if not request.is_open:
        raise AlreadyAnswered
    origin = Origin("request", request.id)
    return await state.drafts.create(account.organisation, make_fields(request), origin=origin, by=account)


async def answer_request(state: State, request: KnownRequest, submission_id: str) -> None:
    """Answer with an event that was sent already. Raises AlreadyAnswered or SubmissionUnknown."""
    found = await state.submissions.find(submission_id, request.organisation)
    if found is None:
        raise SubmissionUnknown(submission_id)
    await _save(state, answer_with_event(request, submission_id, at=state.now()))


async def refuse_request(state: State, request: KnownRequest, reason: str) -> None:
    """Raises AlreadyAnswered; TextRefused if the reason is empty or too long."""
    await _save(state, refuse(request, reason, at=state.now()))


async def close_answered(state: State, organisation: str | None = None) -> int:
    """Answer the requests whose drafts were sent meanwhile; return how many. Idempotent."""
    closed = 0
    for each in await state.requests.list_open(organisation):
        sent_as = await state.drafts.find_sent(each.organisation, Origin("request", each.id))
        if sent_as:
            answered = answer_with_event(each, sent_as, at=state.now())
            closed += await state.requests.save_answer(answered)
    return closed


async def _save(state: State, answered: KnownRequest) -> None:
    if not await state.requests.save_answer(answered):
        raise AlreadyAnswered
