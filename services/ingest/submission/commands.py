"""Commands on submissions: send, change, put. API and pages write through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from uuid_utils import uuid7

from services.ingest.call.model import Admission, CallClosed, CallNotOpen, LateCodeWrong
from services.ingest.state import State, make_organiser
from services.ingest.submission.content import SubmittedEvent, compute_fingerprint
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.history import HistoryEntry
from services.ingest.submission.idempotency import IdempotencyKey, KeyReused, create_response
from services.ingest.submission.model import (
    OrganisationAction,
    Submission,
    SubmissionChange,
    edit,
    get_last_action,
    mark_late,
    submit,
)
from services.ingest.submission.picture_checks import check_pictures
from services.ingest.submission.repository import EarlierResponse, ExternalIdTaken, SubmissionWrite
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
    """Status 201 where the submission is new; ``version`` is the one of the answer, ``body`` its bytes.

    ``what`` was done last, now if ``changed``.
    """

    submission_id: str
    status: int
    version: int
    body: bytes
    changed: bool = True
    what: OrganisationAction = "sent"


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
    late_code: str = "",
) -> WriteResult:
    """Send in a new event; ``again`` allows the same content within a day, ``describe`` adds to the answer.

    Raises OutcomeUnknown if the database is unavailable; OrganisationClosed; ValidationFailed if it is part of what can
    have no parts; CallNotOpen, CallClosed, LateCodeWrong,
    LateCodeThrottled; else as :meth:`Submissions.add`.
    """
    with _report_outage():
        try:
            async with _admit(state, account, late_code) as admission:
                prepared = _prepare_new(account, event, key, admission, again=again, describe=describe)
            return await _add(state, account, prepared)
        except (CallNotOpen, CallClosed, LateCodeWrong, ValidationFailed):
            # A repeat of what was taken in time is answered as then.
            first = await state.submissions.find_earlier(account.organisation, key) if key else None
            if first is None:
                raise
            return _repeat(first)


async def change(
    state: State,
    account: Account,
    find: Find,
    command: SubmissionCommand,
    *,
    check: Callable[[int], None],
    key: IdempotencyKey | None,
    describe: Describe = describe_nothing,
    late_code: str = "",
) -> WriteResult:
    """Apply a command to a submission of the organisation, if ``check`` accepts its version.

    Raises SubmissionUnknown; KeyReused; OrganisationClosed; ValidationFailed as :func:`send_new`; FieldLocked,
    CallNotOpen, CallClosed, LateCodeWrong, LateCodeThrottled; Contended if other writes were first each time;
    OutcomeUnknown if the database is unavailable; else as :meth:`Submissions.save`.
    """

    async def load() -> StoredSubmission:
        before = await find()
        if before is None:
            raise SubmissionUnknown
        return before

    with _report_outage():
        async with _admit(state, account, late_code) as admission:

            def apply(before: StoredSubmission) -> _Prepared:
                return _prepare_change(account, before, command, admission, check=check, key=key, describe=describe)

            return await write_versioned(load, apply, partial(_save, state, account))


async def put(
    state: State,
    account: Account,
    find: Find,
    event: SubmittedEvent,
    *,
    check: Callable[[int | None], None],
    key: IdempotencyKey | None,
    describe: Describe = describe_nothing,
    late_code: str = "",
) -> WriteResult:
    """Send an event that has an external id, new (``check`` gets None) or not; raises as :func:`change`."""

    async def save(before: StoredSubmission | None, prepared: _Prepared) -> WriteResult | None:
        if before is not None:
            return await _save(state, account, before, prepared)
        try:
            return await _add(state, account, prepared)
        except ExternalIdTaken:
            return None  # another request sent it at the same moment

    with _report_outage():
        async with _admit(state, account, late_code) as admission:

            def apply(before: StoredSubmission | None) -> _Prepared:
                if before is not None:
                    command = partial(edit, event=event)
                    return _prepare_change(account, before, command, admission, check=check, key=key, describe=describe)
                check(None)
                return _prepare_new(account, event, key, admission, describe=describe)

            return await write_versioned(find, apply, save)


def make_admission(state: State, late_code: str = "") -> Admission:
    region = state.region
    return Admission(
        find_call=state.calls.get,
        at=state.now(),
        zone=region.time_zone,
        curator=region.contact,
        late_code=late_code,
    )


@asynccontextmanager
async def _admit(state: State, account: Account, late_code: str) -> AsyncIterator[Admission]:
    """Ask the calls as they are now; count a wrong late code. Raises LateCodeThrottled."""
    admission = make_admission(state, late_code)
    now = datetime.fromisoformat(admission.at)
    if late_code:
        await state.guesses.check(account.organisation, now=now)
    try:
        yield admission
    except LateCodeWrong:
        await state.guesses.count(account.organisation, now=now)
        raise


def _prepare_new(
    account: Account,
    event: SubmittedEvent,
    key: IdempotencyKey | None,
    admission: Admission,
    *,
    again: bool = False,
    describe: Describe,
) -> _Prepared:
    _check_open(account)
    late = admission.admit_new(event.dates.start)
    change = submit(event, id=str(uuid7()), organiser=make_organiser(account), at=admission.at)
    made, messages = mark_late(change, late=late)
    body = encode({**serialize_submission(made), **describe(made)})
    response = create_response(key, status=201, version=1, body=body) if key else None
    entry = HistoryEntry(at=made.sent_at, what="sent", version=1, who=account.name)
    fingerprint = None if again else compute_fingerprint(account.organisation, event)
    write = SubmissionWrite(messages, entry, response, fingerprint)
    return _Prepared(WriteResult(made.id, 201, 1, body), made, write)


def _prepare_change(
    account: Account,
    before: StoredSubmission,
    command: SubmissionCommand,
    admission: Admission,
    *,
    check: Callable[[int], None],
    key: IdempotencyKey | None,
    describe: Describe,
) -> _Prepared:
    if first := _find_result(before, key):
        return _Prepared(first, before.submission, None)
    _check_open(account)
    check(before.submission.version)
    after, messages = command(before.submission, at=admission.at)
    if after.content_version != before.submission.content_version:
        late = admission.admit_change(before.submission, after)
        after, messages = mark_late((after, messages), late=late)
    body = encode({**serialize_submission(after), **describe(after)})
    result = WriteResult(after.id, 200, after.version, body, changed=bool(messages), what=get_last_action(after))
    if not messages:
        return _Prepared(result, after, None)
    response = create_response(key, status=200, version=after.version, body=body) if key else None
    entry = HistoryEntry(at=admission.at, what=result.what, version=after.version, who=account.name)
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


async def _add(state: State, account: Account, prepared: _Prepared) -> WriteResult:
    if prepared.write is None:
        return prepared.result
    await _check_pictures(state, account, None, prepared.submission)
    await state.umbrellas.admit(None, prepared.submission, at=state.now())
    first = await state.submissions.add(prepared.submission, prepared.write)
    return prepared.result if first is None else _repeat(first)


def _repeat(first: EarlierResponse) -> WriteResult:
    response = first.response
    return WriteResult(first.submission_id, response.status, response.version, response.body, changed=False)


async def _check_pictures(state: State, account: Account, before: Submission | None, after: Submission) -> None:
    """Raises ValidationFailed. What was sent once is not checked again."""
    if before and before.content_version == after.content_version:
        return
    there = {each.media for each in before.event.images} if before else set()
    await check_pictures(state.media.pictures, account.organisation, after.event, there=there, today=state.get_today())


async def _save(state: State, account: Account, before: StoredSubmission, prepared: _Prepared) -> WriteResult | None:
    if prepared.write is None:
        return prepared.result
    await _check_pictures(state, account, before.submission, prepared.submission)
    await state.umbrellas.admit(before, prepared.submission, at=state.now())
    return prepared.result if await state.submissions.save(before, prepared.submission, prepared.write) else None


@contextmanager
def _report_outage() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if is_unavailable(error):
            raise OutcomeUnknown from error
        raise
