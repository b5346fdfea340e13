"""Problem table of calendar: how the errors of its rules are answered."""

from __future__ import annotations

from typing import Final

from services.calendar.entry.repository import OutboxFull
from services.calendar.review.commands import EntryOutdated, EntryUnknown
from services.calendar.review.model import (
    COMMENT_LIMIT,
    CommentMissing,
    CommentTooLong,
    CommentUnreadable,
    NoPostponement,
    NothingReported,
    NothingToWithdraw,
    NotLive,
    NotWaiting,
    OwnEntry,
    ReasonUnknown,
    RemarkIdTaken,
)
from shared.database.versioned import Contended
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.etag import format_etag
from shared.web.http.cursors import InvalidCursor
from shared.web.http.idempotency_key import KEY_REUSED, KEY_UNREADABLE, KeyUnreadable
from shared.web.paging import describe_unreadable_cursor
from shared.web.problems import (
    BadRequest,
    Invalid,
    NotFound,
    NotPossibleNow,
    Problem,
    ProblemTable,
    Stale,
    Unavailable,
    find_problem,
)
from shared.web.remark_problems import REMARK_PROBLEMS

RETRY_SECONDS: Final = 10

_OUTDATED = _("This entry has changed since it was opened. Read it once more and decide.")
_NOT_WAITING = _("Nothing in this entry is waiting for a decision.")
_OWN_ENTRY = _("You are an editor of the organisation that sent this, so another curator has to decide.")
_NOT_LIVE = _("Only what is in the programme and announced for its date can be cancelled or postponed.")
_NOT_POSTPONED = _("No curator postponed this event. What the organisation postponed, it takes back itself.")
_NOTHING_TO_WITHDRAW = _("This entry is withdrawn already.")
_NOTHING_REPORTED = _(
    "Nothing of this event is public that no curator has looked at: somebody has decided, or it has changed."
)
_REASON_UNKNOWN = _("Choose the reason for rejecting from the list.")
_COMMENT_MISSING = _("Say what it is about: the organisation reads these words.")
_COMMENT_TOO_LONG = _("Shorten the comment to %(limit)s characters.", limit=COMMENT_LIMIT)
_COMMENT_UNREADABLE = _("The comment holds signs that cannot be shown. Delete them or type the text again.")
_OUTBOX_FULL = _("Earlier decisions on this entry are still waiting to be sent. Try again in a moment.")


def _make_invalid(field: str, message: str, code: str) -> Invalid:
    return Invalid(errors=[FieldError(field, message, code)])


def _describe_outdated(error: EntryOutdated) -> Stale:
    return Stale(_OUTDATED, headers={"ETag": format_etag(error.review_number)})


_RULES: Final[ProblemTable] = {
    EntryOutdated: _describe_outdated,
    NotWaiting: lambda _error: NotPossibleNow(_NOT_WAITING, code="not_waiting"),
    OwnEntry: lambda _error: NotPossibleNow(_OWN_ENTRY, code="four_eyes"),
    NotLive: lambda _error: NotPossibleNow(_NOT_LIVE, code="not_live"),
    NoPostponement: lambda _error: NotPossibleNow(_NOT_POSTPONED, code="not_postponed"),
    NothingToWithdraw: lambda _error: NotPossibleNow(_NOTHING_TO_WITHDRAW, code="nothing_to_withdraw"),
    NothingReported: lambda _error: NotPossibleNow(_NOTHING_REPORTED, code="nothing_reported"),
    ReasonUnknown: lambda _error: _make_invalid("reason", _REASON_UNKNOWN, "reason_unknown"),
    CommentMissing: lambda _error: _make_invalid("comment", _COMMENT_MISSING, "missing"),
    CommentTooLong: lambda _error: _make_invalid("comment", _COMMENT_TOO_LONG, "too_long"),
    CommentUnreadable: lambda _error: _make_invalid("comment", _COMMENT_UNREADABLE, "control_characters"),
}
PROBLEM_TABLE: Final[ProblemTable] = {
    **_RULES,
    **REMARK_PROBLEMS,
    KeyUnreadable: lambda _error: BadRequest(KEY_UNREADABLE, code="idempotency_key_unreadable"),
    RemarkIdTaken: lambda _error: Invalid(KEY_REUSED, code="idempotency_key_reused"),
    EntryUnknown: lambda _error: NotFound(),
    OutboxFull: lambda _error: Unavailable(_OUTBOX_FULL, code="letters_pile_up", retry_after=RETRY_SECONDS),
    Contended: lambda _error: Unavailable(),
    InvalidCursor: describe_unreadable_cursor,
}

ERRORS: Final[tuple[type[Exception], ...]] = (Problem, *PROBLEM_TABLE)
RULE_ERRORS: Final[tuple[type[Exception], ...]] = (Invalid, *_RULES)
"""What a curator can correct or decide again: pages show it with the form."""


def read_problem(error: Exception) -> Problem:
    """Raise the error itself if no problem answers it."""
    problem = find_problem(error, PROBLEM_TABLE)
    if problem is None:
        raise error
    return problem
