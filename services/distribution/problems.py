"""Problem table of distribution: how the errors of its rules are answered."""

from __future__ import annotations

from typing import Final

from services.distribution.feeds.cache import FeedNotRendered, TooManyNewFeeds
from services.distribution.programme.selection import InvalidFilter
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.http.cursors import InvalidCursor
from shared.web.problems import BadRequest, Problem, ProblemTable, Unavailable

_MAX_LISTED: Final = 40


def _describe_invalid_filter(error: InvalidFilter) -> BadRequest:
    known = ", ".join(list(error.known)[:_MAX_LISTED])
    value = error.value[:100]
    messages = {
        "unknown_filter": _("There is no filter %(name)s. The filters are: %(known)s.", name=error.name, known=known),
        "unknown_value": _("The value “%(value)s” is not known. Known values: %(known)s.", value=value, known=known),
        "only_once": _("Give this filter only once."),
        "not_a_date": _("Give a date that exists, for example 2027-08-14."),
        "before_from": _("The date “to” is before the date “from”. Swap them."),
        "not_a_page": _("Take the address next_url from the page before, unchanged."),
        "not_readable": _("The filters in this address cannot be read."),
    }
    detail = _("Correct the filter %(name)s in the address.", name=error.name)
    return BadRequest(
        detail, code=error.code, errors=[FieldError(field=error.name, message=messages[error.code], code=error.code)]
    )


def create_invalid_parameter(name: str, message: str) -> BadRequest:
    errors = [FieldError(field=name, message=message, code="unknown_value")]
    return BadRequest(_("Correct the filter %(name)s in the address.", name=name), code="unknown_value", errors=errors)


def _describe_invalid_cursor(_error: InvalidCursor) -> BadRequest:
    return create_invalid_parameter("cursor", _("Give the value of next from the page before, unchanged."))


PROBLEM_TABLE: Final[ProblemTable] = {
    InvalidFilter: _describe_invalid_filter,
    InvalidCursor: _describe_invalid_cursor,
    TooManyNewFeeds: lambda _error: Unavailable(),
    FeedNotRendered: lambda _error: Unavailable(),
}


class NoLongerPublic(Problem):
    """The event was public once and was withdrawn (410); its address will never mean anything else."""

    status = 410
    default_code = "withdrawn"
    title = _("This event was withdrawn")
    default_detail = _("It is no longer in the programme. Other events are in the list of the programme.")
