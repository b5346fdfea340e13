"""Problem table of requests: how the errors of their rules are answered."""

from __future__ import annotations

from typing import Final

from services.calendar.request.answers import RequestUnknown
from services.calendar.request.model import RequestClosed, RequestInvalid
from shared.i18n.text import _
from shared.web.problems import Invalid, NotFound, NotPossibleNow, ProblemTable

REQUEST_PROBLEMS: Final[ProblemTable] = {
    RequestInvalid: lambda error: Invalid(errors=error.errors),
    RequestUnknown: lambda _error: NotFound(),
    RequestClosed: lambda _error: NotPossibleNow(
        _("The request is answered, or was taken back before."), code="request_closed"
    ),
}
