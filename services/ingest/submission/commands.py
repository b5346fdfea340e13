"""Commands on submissions: send, change, put. API and pages write through them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from uuid_utils import uuid7

from services.ingest.state import State, make_organiser
from services.ingest.submission.content import SubmittedEvent, compute_fingerprint
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.history import HistoryEntry
from services.ingest.submission.idempotency import IdempotencyKey, KeyReused, create_response
from services.ingest.submission.model import Submission, SubmissionChange, edit, get_last_action, submit
from services.ingest.submission.repository import ExternalIdTaken, SubmissionWrite
from services.ingest.submission.serializers import encode, serialize_submission
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.database.client import PyMongoError, is_unavailable
from shared.database.versioned import write_versioned

Describe = Callable[[Submission], Mapping[str, Any]]
"""What an answer holds next to the submission itself."""

Find = Callable[[], Awaitable[StoredSubmission | None]]


def describe_nothing(_submission: Submission) -> Mapping[str, Any]:
    return {}


class OutcomeUnknown(Exception):
    """The database did not answer; whether the write was saved is not known."""


class SubmissionUnknown(Exception):
    """There is none by this name, or it is another organisation's."""


class SubmissionCommand(Protocol):
    """What an organisation does to a submission at an instant."""

    def __call__(self, submission: Submission, /, *, at: str) -> SubmissionChange: ...


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Status 201 where the submission is new; ``version`` is the one of the answer, ``body`` its bytes."""

    submission_id: str
    status: int
    version: int
    body: bytes
    changed: bool = True


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What a command made of a submission; nothing is saved without a ``write``."""

    result: WriteResult
    submission: Submission
    write: SubmissionWrite | None


async def send_new(
    state: State,
    account: Account,
    event: SubmittedEvent,
    key: IdempotencyKey | None,
    *,
    again: bool = False,
    describe: Describe = describe_nothing,
) -> WriteResult:
    """Send in a new event; ``again`` allows the same content within a day, ``describe`` adds to the answer.

    Raises OutcomeUnknown if the database is unavailable; OrganisationClosed; else as :meth:`Submissions.add`.
    """
    with _report_outage():
        return await _add(state, _prepare_new(state, account, event, key, again=again, describe=describe))


async def change(
    state: State,
    account: Account,
    find: Find,
    command: SubmissionCommand,
    *,
    check: Callable[[int], None],
    key: IdempotencyKey | None,
    describe: Describe = describe_nothing,
) -> WriteResult:
    """Apply a command to a submission of the organisation, if ``check`` accepts its version.

    Raises SubmissionUnknown; KeyReused; OrganisationClosed; Contended if other writes were first each time;
    OutcomeUnknown if the database is unavailable; else as :meth:`Submissions.save`.
    """

    async def load() -> StoredSubmission:
        before = await find()
        if before is None:
            raise SubmissionUnknown
        return before

    def apply(before: StoredSubmission) -> _Prepared:
        return _prepare_change(state, account, before, command, check=check, key=key, describe=describe)

    with _report_outage():
        return await write_versioned(load, apply, partial(_save, state))


async def put(
    state: State,
    account: Account,
    find: Find,
    event: SubmittedEvent,
    *,
    check: Callable[[int | None], None],
    key: IdempotencyKey | None,
    describe: Describe = describe_nothing,
) -> WriteResult:
    """Send an event that has an external id, new (``check`` gets None) or not; raises as :func:`change`."""

    def apply(before: StoredSubmission | None) -> _Prepared:
        if before is not None:
            command = partial(edit, event=event)
            return _prepare_change(state, account, before, command, check=check, key=key, describe=describe)
        check(None)
        return _prepare_new(state, account, event, key, describe=describe)

    async def save(before: StoredSubmission | None, prepared: _Prepared) -> WriteResult | None:
        if before is not None:
            return await _save(state, before, prepared)
        try:
            return await _add(state, prepared)
        except ExternalIdTaken:
            return None  # another request sent it at the same moment

    with _report_outage():
        return await write_versioned(find, apply, save)


def _prepare_new(
    state: State,
    account: Account,
    event: SubmittedEvent,
    key: IdempotencyKey | None,
    *,
    again: bool = False,
    describe: Describe,
) -> _Prepared:
    _check_open(account)
    made, messages = submit(event, id=str(uuid7()), organiser=make_organiser(account), at=state.now())
    body = encode({**serialize_submission(made), **describe(made)})
    response = create_response(key, status=201, version=1, body=body) if key else None
    entry = HistoryEntry(at=made.sent_at, what="sent", version=1, who=account.name)
    fingerprint = None if again else compute_fingerprint(account.organisation, event)
    write = SubmissionWrite(messages, entry, response, fingerprint)
    return _Prepared(WriteResult(made.id, 201, 1, body), made, write)


def _prepare_change(
    state: State,
    account: Account,
    before: StoredSubmission,
    command: SubmissionCommand,
    *,
    check: Callable[[int], None],
    key: IdempotencyKey | None,
    describe: Describe,
) -> _Prepared:
    if first := _find_result(before, key):
        return _Prepared(first, before.submission, None)
    _check_open(account)
    check(before.submission.version)
    after, messages = command(before.submission, at=state.now())
    body = encode({**serialize_submission(after), **describe(after)})
    result = WriteResult(after.id, 200, after.version, body, changed=bool(messages))
    if not messages:
        return _Prepared(result, after, None)
    response = create_response(key, status=200, version=after.version, body=body) if key else None
    entry = HistoryEntry(at=after.sent_at, what=get_last_action(after), version=after.version, who=account.name)
    return _Prepared(result, after, SubmissionWrite(messages, entry, response))


def _check_open(account: Account) -> None:
    """Raises OrganisationClosed."""
    if account.is_closed:
        raise OrganisationClosed(account.organisation)


def _find_result(stored: StoredSubmission, key: IdempotencyKey | None) -> WriteResult | None:
    """Return the result of the first request with this key; raises KeyReused if that was another request."""
    first = stored.find_response(key)
    if first is None or key is None:
        return None
    if first.key.fingerprint != key.fingerprint:
        raise KeyReused(stored.submission.id)
    return WriteResult(stored.submission.id, first.status, first.version, first.body, changed=False)


async def _add(state: State, prepared: _Prepared) -> WriteResult:
    if prepared.write is None:
        return prepared.result
    first = await state.submissions.add(prepared.submission, prepared.write)
    if first is None:
        return prepared.result
    response = first.response
    return WriteResult(first.submission_id, response.status, response.version, response.body, changed=False)


async def _save(state: State, before: StoredSubmission, prepared: _Prepared) -> WriteResult | None:
    if prepared.write is None or await state.submissions.save(before, prepared.submission, prepared.write):
        return prepared.result
    return None


@contextmanager
def _report_outage() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if is_unavailable(error):
            raise OutcomeUnknown from error
        raise
