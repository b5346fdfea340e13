"""Problem table of ingest: how the errors of its rules are answered."""

from __future__ import annotations

from typing import Final

from services.ingest.call.problems import CALL_PROBLEMS
from services.ingest.submission.commands import OutcomeUnknown, SubmissionUnknown
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.idempotency import KeyReused
from services.ingest.submission.model import AlreadyWithdrawn, NewerContent, NothingLive, NothingOnSale, NotPostponed
from services.ingest.submission.repository import AlreadySent, BacklogFull, ExternalIdTaken
from shared.accounts.organisations import OrganisationClosed
from shared.database.versioned import Contended
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.http.cursors import InvalidCursor
from shared.web.http.idempotency_key import KEY_REUSED, KEY_UNREADABLE, KeyUnreadable
from shared.web.paging import describe_unreadable_cursor
from shared.web.problems import BadRequest, Invalid, NotFound, NotPossibleNow, Problem, ProblemTable, Unavailable
from shared.web.remark_problems import REMARK_PROBLEMS

RETRY_SECONDS: Final = 10

_NOTHING_LIVE = _("Nothing of this submission is in the programme, so there is nothing to cancel. You can withdraw it.")
_NOTHING_ON_SALE = _(
    "Nothing of this submission is in the programme and takes place, so there is nothing to say of its tickets. "
    "Change the submission instead."
)
_NOT_POSTPONED = _("You did not postpone this event, so there is nothing to take back.")
_NEWER_CONTENT = _("A newer version of this event is not public yet. Confirm the event once it is.")
_ALREADY_WITHDRAWN = _("This submission is withdrawn already. To take it up again, send it again.")
_EXTERNAL_ID_TAKEN = _("Another submission of yours has this identifier. Give another one, or correct that submission.")
ORGANISATION_CLOSED: Final = _(
    "Your organisation is closed, so nothing more can be sent or changed for it. What is in the programme stays. "
    "Write to the region's administrator if this is a mistake."
)
_BACKLOG_FULL = _("Too many submissions are waiting to be passed on. Nothing was saved; try again later.")
_OUTCOME_UNKNOWN = _(
    "We do not know whether this was kept. Repeat it with the same Idempotency-Key or "
    "by-reference: that doubles nothing. Without them, look at the list first."
)


def _describe_validation(error: ValidationFailed) -> Problem:
    if error.errors[0].code == "not_json":
        return BadRequest(error.errors[0].message, code="json_invalid")
    return Invalid(errors=error.errors, more=error.more)


def _describe_already_sent(error: AlreadySent) -> Problem:
    detail = _(
        "The same content was sent within the last day, as %(id)s. If it is an event of its own, "
        "send it with the parameter again=true in the address.",
        id=error.submission_id,
    )
    return NotPossibleNow(detail, code="already_sent", headers=_link_related(error.submission_id))


def _describe_external_id_taken(error: ExternalIdTaken) -> Problem:
    detail = _(
        "Another submission of yours has this external_id: %(id)s. To change it, use PUT "
        "/ingest/api/v1/submissions/by-reference/{external_id}.",
        id=error.submission_id,
    )
    errors = [FieldError("external_id", _EXTERNAL_ID_TAKEN, "external_id_taken")]
    return NotPossibleNow(detail, code="external_id_taken", errors=errors)


def _describe_key_reused(error: KeyReused) -> Problem:
    return Invalid(KEY_REUSED, code="idempotency_key_reused", headers=_link_related(error.submission_id))


def _link_related(submission_id: str) -> dict[str, str]:
    return {"Link": f'</ingest/api/v1/submissions/{submission_id}>; rel="related"'}


PROBLEM_TABLE: Final[ProblemTable] = {
    **CALL_PROBLEMS,
    **REMARK_PROBLEMS,
    SubmissionUnknown: lambda _error: NotFound(),
    ValidationFailed: _describe_validation,
    NothingLive: lambda _error: NotPossibleNow(_NOTHING_LIVE, code="nothing_live"),
    NothingOnSale: lambda _error: NotPossibleNow(_NOTHING_ON_SALE, code="nothing_on_sale"),
    NotPostponed: lambda _error: NotPossibleNow(_NOT_POSTPONED, code="not_postponed"),
    NewerContent: lambda _error: NotPossibleNow(_NEWER_CONTENT, code="newer_content"),
    AlreadyWithdrawn: lambda _error: NotPossibleNow(_ALREADY_WITHDRAWN, code="already_withdrawn"),
    ExternalIdTaken: _describe_external_id_taken,
    AlreadySent: _describe_already_sent,
    KeyReused: _describe_key_reused,
    KeyUnreadable: lambda _error: BadRequest(KEY_UNREADABLE, code="idempotency_key_unreadable"),
    OrganisationClosed: lambda _error: NotPossibleNow(ORGANISATION_CLOSED, code="organisation_closed"),
    BacklogFull: lambda _error: Unavailable(_BACKLOG_FULL, code="backlog_full", retry_after=RETRY_SECONDS),
    OutcomeUnknown: lambda _error: Unavailable(_OUTCOME_UNKNOWN, code="database_away", retry_after=RETRY_SECONDS),
    Contended: lambda _error: Unavailable(),
    InvalidCursor: describe_unreadable_cursor,
}
