"""How the errors of remarks are answered, in both services that take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.field_error import FieldError
from shared.i18n.text import Text, _
from shared.remarks import REMARK_LIMIT, RemarkMissing, RemarkTooLong, RemarkUnreadable, ThreadFull, read_remark
from shared.web.problems import Invalid, NotPossibleNow, Problem, ProblemTable

REMARK_FIELD: Final = "text"
_CODES: Final[Mapping[type[Exception], tuple[str, Text]]] = {
    RemarkMissing: ("missing", _("Write the remark.")),
    RemarkTooLong: ("too_long", _("Shorten the remark to %(limit)s characters.", limit=REMARK_LIMIT)),
    RemarkUnreadable: (
        "control_characters",
        _("The remark holds signs that cannot be shown. Delete them or type the text again."),
    ),
}
_THREAD_FULL = _("Nothing more can be added to this conversation. Write an e-mail or call.")


def _describe(error: Exception) -> Problem:
    code, message = _CODES[type(error)]
    return Invalid(errors=[FieldError(REMARK_FIELD, message, code)])


REMARK_PROBLEMS: Final[ProblemTable] = {
    **dict.fromkeys(_CODES, _describe),
    ThreadFull: lambda _error: NotPossibleNow(_THREAD_FULL, code="thread_full"),
}
REMARK_ERRORS: Final[tuple[type[Exception], ...]] = tuple(REMARK_PROBLEMS)


def describe_error(error: Exception) -> str:
    """Say next to the form's field what to do."""
    problem = REMARK_PROBLEMS[type(error)](error)
    return problem.errors[0].message if problem.errors else problem.detail


def find_remark_error(text: str) -> str:
    """Say what is wrong with a remark; "" if nothing is, or only in its conversation."""
    try:
        read_remark(text)
    except REMARK_ERRORS as refused:
        return describe_error(refused)
    return ""
