"""Problem table of calls: how the errors of their rules are answered."""

from __future__ import annotations

from typing import Final

from services.calendar.call.commands import CallExists, CallOutdated, CallUnknown
from services.calendar.call.model import MAX_CODES, CallTermsInvalid, CodeUnknown, TooManyCodes
from services.calendar.call.repository import CallsPending
from shared.i18n.text import _
from shared.web.etag import format_etag
from shared.web.problems import Invalid, NotFound, NotPossibleNow, ProblemTable, Stale, Unavailable

OUTDATED: Final = _("This call has changed since it was opened. Look at the present terms and save again.")
EXISTS: Final = _("The call for this year is announced already. Change that one.")
_TOO_MANY_CODES = _("A call may have %(most)s valid codes. Revoke one that is not needed.", most=MAX_CODES)
_PENDING = _("Earlier changes of this call are still waiting to be sent. Try again in a moment.")

CALL_PROBLEMS: Final[ProblemTable] = {
    CallTermsInvalid: lambda error: Invalid(errors=error.errors),
    CallUnknown: lambda _error: NotFound(),
    CodeUnknown: lambda _error: NotFound(),
    CallExists: lambda _error: NotPossibleNow(EXISTS, code="call_exists"),
    CallOutdated: lambda error: Stale(OUTDATED, headers={"ETag": format_etag(error.number)}),
    TooManyCodes: lambda _error: NotPossibleNow(_TOO_MANY_CODES, code="too_many_codes"),
    CallsPending: lambda _error: Unavailable(_PENDING, code="letters_pile_up", retry_after=10),
}
