"""Problems of calls: how a refused submission is answered, with the way out."""

from __future__ import annotations

from typing import Final

from services.ingest.call.guesses import LateCodeThrottled
from services.ingest.call.model import CallClosed, CallNotOpen, FieldLocked, LateCodeWrong
from services.ingest.submission.field_errors import Day
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.problems import Invalid, NotPossibleNow, Problem, ProblemTable, TooManyAttempts

FIELD_LOCKED: Final = _("This does not change any more after the deadline.")
LATE_CODE_WRONG: Final = _("This late code is not valid. Check it, or ask for another one.")


def _describe_not_open(error: CallNotOpen) -> Problem:
    detail = _(
        "New events for %(year)s are taken from %(day)s. Keep what you have written, and send it then.",
        year=error.year,
        day=Day(error.day),
    )
    return NotPossibleNow(detail, code="call_not_open", headers=_link_criteria(error.year))


def _describe_closed(error: CallClosed) -> Problem:
    detail = _(
        "New events for %(year)s were taken until %(day)s. With a late code you can still send this one; "
        "to get a code, write to: %(curator)s.",
        year=error.year,
        day=Day(error.day),
        curator=error.curator,
    )
    return NotPossibleNow(detail, code="call_closed", headers=_link_criteria(error.year))


def _describe_locked(error: FieldLocked) -> Problem:
    detail = _(
        "Some fields do not change since the deadline, %(day)s. Put them back as they were and send the rest, or use a "
        "late code; to get a code, write to: %(curator)s.",
        day=Day(error.day),
        curator=error.curator,
    )
    errors = [FieldError(name, FIELD_LOCKED, "field_locked") for name in error.fields]
    return NotPossibleNow(detail, code="field_locked", errors=errors, headers=_link_criteria(error.year))


def _describe_wrong_code(_error: LateCodeWrong) -> Problem:
    return Invalid(LATE_CODE_WRONG, code="late_code_wrong", errors=[FieldError("late_code", LATE_CODE_WRONG, "wrong")])


def _link_criteria(year: int) -> dict[str, str]:
    return {"Link": f'</ingest/calls/{year}>; rel="help"'}


CALL_PROBLEMS: Final[ProblemTable] = {
    CallNotOpen: _describe_not_open,
    CallClosed: _describe_closed,
    FieldLocked: _describe_locked,
    LateCodeWrong: _describe_wrong_code,
    LateCodeThrottled: lambda error: TooManyAttempts(retry_after=error.retry_after),
}
