"""Refusals by a call, as the form shows them: what is wrong, the criteria, and the field for a late code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.datastructures import FormData

from services.ingest.call.guesses import LateCodeThrottled
from services.ingest.call.model import CALL_REFUSALS, CallClosed, CallNotOpen, FieldLocked
from services.ingest.call.problems import CALL_PROBLEMS
from services.ingest.form.errors import place_errors
from services.ingest.form.mapping import FormValues
from services.ingest.form.view import make_field_id
from shared.call import Call, parse_instant
from shared.field_error import FieldError
from shared.i18n.text import _, translate
from shared.web.forms import read_field
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact, FactLine
from shared.web.problems import find_problem

LATE_CODE: Final = "late_code"
MAX_CODE: Final = 100
CALL_ERRORS: Final = (*CALL_REFUSALS, LateCodeThrottled)


@dataclass(frozen=True, slots=True)
class CallRefusal:
    """``text`` is empty if only the code was wrong; ``asks_code``: a late code is one of the ways out."""

    status: int
    text: str
    errors: tuple[FieldError, ...]
    links: tuple[Link, ...] = ()
    asks_code: bool = True


def read_late_code(form: FormData) -> str:
    return read_field(form, LATE_CODE)[:MAX_CODE]


def describe_call_refusal(
    refused: Exception, fields: FormValues, locked: Mapping[str, Fact], *, lang: str
) -> CallRefusal:
    """Place the errors at the inputs of the form, with what is in force; raise again what is none of a call's."""
    problem = find_problem(refused, CALL_PROBLEMS)
    if problem is None:
        raise refused
    if isinstance(refused, CallNotOpen | CallClosed | FieldLocked):
        asks_code = not isinstance(refused, CallNotOpen)
        criteria = Link(_("What is taken"), f"/ingest/calls/{refused.year}")
        code = (Link(_("Type in a late code"), f"#{make_field_id(LATE_CODE)}"),) if asks_code else ()
        found = [_add_value(each, locked, lang) for each in problem.errors]
        errors = tuple(place_errors(found, fields))
        return CallRefusal(problem.status_code, problem.detail, errors, (*code, criteria), asks_code)
    wrong = FieldError(LATE_CODE, problem.detail, "late_code")
    return CallRefusal(problem.status_code, "", (wrong,))


def _add_value(error: FieldError, locked: Mapping[str, Fact], lang: str) -> FieldError:
    if error.field not in locked:
        return error
    lines = (line.text if isinstance(line, FactLine) else translate(line, lang) for line in locked[error.field].lines)
    return replace(error, message=_("%(error)s It was: %(value)s", error=error.message, value="; ".join(lines)))


def is_code_asked(calls: tuple[Call, ...], now: str) -> bool:
    """Whether the form has a field for a late code: the deadline of a year that is not over has passed."""
    at = parse_instant(now)
    return any(call.year >= at.year and call.is_past_deadline(at) for call in calls)
