"""Commands on requests: start an event for one, answer with one's own, refuse, note what was sent."""

from __future__ import annotations

from services.ingest.draft.model import Draft, Origin
from services.ingest.request.model import AlreadyAnswered, KnownRequest, answer_with_event, make_fields, refuse
from services.ingest.state import State
from services.ingest.submission.commands import SubmissionUnknown
from services.ingest.submission.idempotency import make_form_scope
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
    answers = await _list_answers(state, organisation)
    asked = await state.requests.list_open_of(list(answers))
    return sum(
        [await state.requests.save_answer(answer_with_event(each, answers[each.id], at=state.now())) for each in asked]
    )


async def _list_answers(state: State, organisation: str | None) -> dict[str, str]:
    """List what was sent for requests, by request; also what the draft does not know of, as the process died."""
    drafts = {
        make_form_scope(each.id, each.organisation): each for each in await state.drafts.list_answers(organisation)
    }
    unnoted = [scope for scope, each in drafts.items() if not each.sent_as]
    sent = await state.submissions.find_all_sent_with(unnoted)
    answers = [(each.request_id, each.sent_as or sent.get(scope, "")) for scope, each in drafts.items()]
    return {request_id: sent_as for request_id, sent_as in answers if sent_as}


async def _save(state: State, answered: KnownRequest) -> None:
    if not await state.requests.save_answer(answered):
        raise AlreadyAnswered
