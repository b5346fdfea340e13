"""How a write goes, whoever asks for it: read, let the rule decide, keep it if nobody was faster, answer.

The API and the pages both write through here, so that a repeat, a race and a full backlog are met in one place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from uuid_utils import uuid7

from services.ingest.answers import answer_of, encoded
from services.ingest.documents import Stored
from services.ingest.domain.event import Event
from services.ingest.domain.history import Step
from services.ingest.domain.submission import Submission, Written, last_act, submit
from services.ingest.repeats import Answered, KeyReused, Request, answered
from services.ingest.state import State, organiser
from services.ingest.store import Change
from shared.web.accounts import Account
from shared.web.problems import NotFound, Unavailable

RACES = 10
"""How often a write that may overtake others tries again when somebody was faster."""

Rule = Callable[[Submission, str], Written]
"""What is to become of a submission at an instant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write is answered with: which submission, its version then, and the body; 201 where it was made."""

    submission_id: str
    status: int
    version: int
    body: bytes
    changed: bool = True


async def send_new(state: State, account: Account, event: Event, request: Request | None) -> Answer:
    """Send in a new event.

    Raises:
        KeyReused, ExternalIdTaken, BacklogFull: as the store says.

    """
    made, messages = submit(event, id=str(uuid7()), organiser=organiser(account), at=state.now())
    body = encoded(answer_of(made))
    kept = answered(request, status=201, version=1, body=body) if request else None
    step = Step(at=made.sent_at, what="sent", version=1, who=account.name)
    first = await state.submissions.add(made, Change(messages, step, kept))
    if first is None:
        return Answer(made.id, 201, 1, body)
    return Answer(first.submission_id, first.answer.status, first.answer.version, first.answer.body, changed=False)


async def write(
    state: State,
    account: Account,
    find: Callable[[], Awaitable[Stored | None]],
    rule: Rule,
    *,
    check: Callable[[int], None],
    request: Request | None,
) -> Answer:
    """Do what a rule says to a submission that exists.

    Args:
        state: the service.
        account: who asks.
        find: reads the submission anew each time.
        rule: what is to become of it.
        check: refuses a version that is not the one expected.
        request: how a repeat would be known.

    Raises:
        NotFound: if it is not there, or another organisation's.
        KeyReused: if the idempotency key belongs to another request.
        Unavailable: if others were faster each time.

    """
    for _ in range(RACES):
        before = await find()
        if before is None:
            raise NotFound
        if first := _answer_to_repeat(before, request):
            return first
        check(before.submission.version)
        after, messages = rule(before.submission, state.now())
        body = encoded(answer_of(after))
        if not messages:
            return Answer(after.id, 200, after.version, body, changed=False)
        kept = answered(request, status=200, version=after.version, body=body) if request else None
        step = Step(at=after.sent_at, what=last_act(after), version=after.version, who=account.name)
        if await state.submissions.save(before, after, Change(messages, step, kept)):
            return Answer(after.id, 200, after.version, body)
    raise Unavailable


def _answer_to_repeat(stored: Stored, request: Request | None) -> Answer | None:
    first: Answered | None = stored.answer_to(request)
    if first is None or request is None:
        return None
    if first.request.print != request.print:
        raise KeyReused(stored.submission.id)
    return Answer(stored.submission.id, first.status, first.version, first.body, changed=False)
