"""Problems (RFC 9457): every refusal says what to do.

Domain rules raise their own errors; the edge of a service raises one of these. They are answered in one place
(:mod:`shared.web.middleware.error_responses`), in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from shared.accounts.model import Membership
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.http.echo import echo

PROBLEM_JSON = "application/problem+json"
MAX_ERRORS = 50
"""Listed in one answer; the others are counted."""


class Problem(HTTPException):
    """Something broke on our side (500)."""

    # Raise its subclasses. ``code`` ends the type URI (``/problems/<code>``), ``more`` counts the errors beyond
    # :data:`MAX_ERRORS`. It is an ``HTTPException`` because FastAPI would convert any other error raised while a body
    # is read.

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "unexpected"
    title: ClassVar[str] = _("Something broke on our side")
    default_detail: ClassVar[str] = _("Try again in a moment. If it keeps happening, tell us the request number.")

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        more: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        said = detail or self.default_detail
        super().__init__(status_code=self.status, detail=said, headers=headers)
        self.detail: str = said
        self.code = code or self.default_code
        self.errors = tuple(replace(each, field=echo(each.field)) for each in errors[:MAX_ERRORS])
        self.more = more + len(errors) - len(self.errors)


class BadRequest(Problem):
    """The request cannot be understood (400): no JSON, an unknown filter, a header that says nothing."""

    status = 400
    default_code = "bad_request"
    title = _("We do not understand this request")
    default_detail = _("Correct the request and send it again.")


class LoginNeeded(Problem):
    """Nobody is logged in, or the key is not known (401)."""

    status = 401
    default_code = "login_needed"
    title = _("You need to log in")
    default_detail = _("Log in, or send an API key in the Authorization header.")


class WrongRole(Problem):
    """Who is logged in may not do this (403)."""

    status = 403
    default_code = "wrong_role"
    title = _("No permission")
    default_detail = _("Your account has no access here. Log in to an account with the right role.")


class MembershipNeeded(WrongRole):
    """Several memberships of who is logged in may do this, and none was chosen (403)."""

    default_code = "membership_needed"
    title = _("Choose as whom")
    default_detail = _("Several of your roles may do this. Choose one in the header of a page, or use its API key.")

    def __init__(self, memberships: Sequence[Membership]) -> None:
        super().__init__()
        self.memberships = tuple(memberships)


class FormExpired(Problem):
    """A form came without our token, or from another site (403)."""

    status = 403
    default_code = "form_expired"
    title = _("The form is no longer valid")
    default_detail = _("Go back to the form, reload the page and send it again.")


class NotFound(Problem):
    """There is nothing by this address, or it belongs to somebody else (404)."""

    status = 404
    default_code = "not_found"
    title = _("No such page")
    default_detail = _("Check the address. The entry may have been removed, or it belongs to another organisation.")
    public_detail = _("Check the address, or look in the programme of events.")
    """What a site without organisations says."""


class MethodNotAllowed(Problem):
    """The address is known, but not with this method (405); ``Allow`` names those it knows."""

    status = 405
    default_code = "method_not_allowed"
    title = _("This address does not take such a request")
    default_detail = _("Use one of the methods in the Allow header.")


class NotPossibleNow(Problem):
    """The state it is in does not allow it (409)."""

    status = 409
    default_code = "not_possible_now"
    title = _("This is not possible now")
    default_detail = _("The state of the entry does not allow it. Reload it and see what has changed.")


class Stale(Problem):
    """Somebody was faster: ``If-Match`` names a number that is no longer the last (412)."""

    status = 412
    default_code = "stale"
    title = _("Something has changed in the meantime")
    default_detail = _("Get the present version, look at the changes and send again.")


class TooLarge(Problem):
    """The body is over the limit (413)."""

    status = 413
    default_code = "too_large"
    title = _("Too much data")
    default_detail = _("A request may have at most 1 MB. Shorten the texts or send the data in parts.")


class AddressTooLong(Problem):
    """Path and query are over the limit (414)."""

    status = 414
    default_code = "address_too_long"
    title = _("The address is too long")
    default_detail = _("Shorten the address: it has too many parameters.")


class UnsupportedMediaType(Problem):
    """The body is of a type that is not read here (415)."""

    status = 415
    default_code = "unsupported_media_type"
    title = _("We do not read this type of data")
    default_detail = _("Send the data as application/json.")


class Invalid(Problem):
    """What was sent breaks a rule; ``errors`` says which field breaks which (422)."""

    status = 422
    default_code = "invalid"
    title = _("Correct the marked fields")
    default_detail = _("Nothing was saved. Correct the fields listed below and send again.")


class PreconditionMissing(Problem):
    """``If-Match`` is required here (428)."""

    status = 428
    default_code = "precondition_missing"
    title = _("The If-Match header is missing")
    default_detail = _("Give the ETag of the version you are changing in the If-Match header.")


class TooManyAttempts(Problem):
    """Too often in too short a time (429); ``Retry-After`` says when to come back, in seconds."""

    status = 429
    default_code = "too_many_attempts"
    title = _("Too many attempts")

    def __init__(self, *, retry_after: int) -> None:
        detail = _("Wait %(seconds)d s and try again.", seconds=retry_after)
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after


class TooManyRequests(TooManyAttempts):
    """Too many requests by one key or address (429); ``RateLimit`` says which budget is used up and until when."""

    default_code = "too_many_requests"
    title = _("Too many requests")


class TooSlow(Problem):
    """The request did not arrive in time (408)."""

    status = 408
    default_code = "too_slow"
    title = _("The request arrived too slowly")
    default_detail = _("Send it again by a faster connection or in smaller parts.")


class HeadersTooLarge(Problem):
    """The headers are over the limit (431)."""

    status = 431
    default_code = "headers_too_large"
    title = _("The headers are too long")
    default_detail = _("Delete this site's cookies and try again.")


class Unavailable(Problem):
    """What is needed for this cannot be reached (503); whether it was done is found out by repeating it."""

    status = 503
    default_code = "unavailable"
    title = _("We cannot do this right now")

    def __init__(self, detail: str | None = None, *, code: str | None = None, retry_after: int = 5) -> None:
        said = detail or _("Try again in %(seconds)d s. Repeating it doubles nothing.", seconds=retry_after)
        super().__init__(said, code=code, headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after


ProblemTable = Mapping[type[Exception], Callable[[Any], Problem]]
"""By which problem a service answers which error of its rules."""


def find_problem(error: Exception, table: ProblemTable) -> Problem | None:
    """Return the problem of an error, or of the nearest class that it inherits from; None if the table has none."""
    if isinstance(error, Problem):
        return error
    return next((table[kind](error) for kind in type(error).__mro__ if kind in table), None)


PROBLEMS: tuple[type[Problem], ...] = (
    BadRequest,
    LoginNeeded,
    WrongRole,
    MembershipNeeded,
    FormExpired,
    NotFound,
    MethodNotAllowed,
    NotPossibleNow,
    Stale,
    TooLarge,
    AddressTooLong,
    UnsupportedMediaType,
    Invalid,
    PreconditionMissing,
    TooManyAttempts,
    TooManyRequests,
    TooSlow,
    HeadersTooLarge,
    Unavailable,
)
"""Every kind of refusal; where two share a status the first stands for it."""


class FieldErrorDocument(BaseModel):
    """What is wrong with one field, as the API says it."""

    field: str = Field(description="Path of the field, e.g. `dates.end` or `title.de`.")
    code: str = Field(description="The rule that is broken, for programs.")
    message: str = Field(description="What to do, in the reader's language.")


class ProblemDocument(BaseModel):
    """A refusal as the API says it (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="`/problems/<code>`: the kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What to do about it, in the reader's language.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FieldErrorDocument] = []
    request_id: str = Field(description="Names this request in our logs.")


def find_problem_type(status: int) -> type[Problem]:
    """A status without its own type is unexpected or a bad request."""
    found = next((kind for kind in PROBLEMS if kind.status == status), None)
    return found or (BadRequest if 400 <= status < 500 else Problem)  # noqa: PLR2004 - the bounds of client errors


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe in OpenAPI the problems of a route, for its ``responses=``."""
    # Those that any route may have (400, 401, 403, 413, 422, 503 …) are added by :mod:`shared.web.openapi`.
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": find_problem_type(status).__doc__ or "", "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in statuses
    }
