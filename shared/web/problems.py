"""What is refused, and why: every refusal is a problem (RFC 9457) that says what to do.

A rule of the trade has its own errors; where a service meets the web it raises one of these instead. They are answered
in one place, as ``application/problem+json`` or as a page, in the reader's language (:mod:`shared.web.answering`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from shared.web.locale import _

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field.

    ``field`` is its path (``dates.end``, ``title.de``), ``message`` says what to do (a text of :mod:`shared.web.locale`
    or one already in the reader's words), ``code`` names the rule for programs (``too_long``).
    """

    field: str
    message: str
    code: str


class Problem(HTTPException):
    """A refusal. Its subclasses are the facts that can be the case; raise those.

    ``code`` ends the problem's type URI (``/problems/<code>``). It is an ``HTTPException`` because FastAPI turns any
    other error that meets it while a body is read into its own.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "unexpected"
    title: ClassVar[str] = _("Coś się u nas zepsuło")
    default_detail: ClassVar[str] = _("Spróbuj ponownie za chwilę. Jeśli to się powtarza, podaj nam numer zapytania.")

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        said = detail or self.default_detail
        super().__init__(status_code=self.status, detail=said, headers=headers)
        self.detail: str = said
        self.code = code or self.default_code
        self.errors = tuple(errors)


class BadRequest(Problem):
    """The request cannot be understood (400): no JSON, an unknown filter, a header that says nothing."""

    status = 400
    default_code = "bad_request"
    title = _("Nie rozumiemy tego zapytania")
    default_detail = _("Popraw zapytanie i wyślij je ponownie.")


class LoginNeeded(Problem):
    """Nobody is logged in, or the key is not known (401)."""

    status = 401
    default_code = "login_needed"
    title = _("Trzeba się zalogować")
    default_detail = _("Zaloguj się albo wyślij klucz API w nagłówku Authorization.")


class WrongRole(Problem):
    """Who is logged in may not do this (403)."""

    status = 403
    default_code = "wrong_role"
    title = _("Brak uprawnień")
    default_detail = _("Twoje konto nie ma tu dostępu. Zaloguj się na konto z odpowiednią rolą.")


class FormExpired(Problem):
    """A form came without our token, or from another site (403)."""

    status = 403
    default_code = "form_expired"
    title = _("Formularz stracił ważność")
    default_detail = _("Wróć do formularza, odśwież stronę i wyślij go ponownie.")


class NotFound(Problem):
    """There is nothing by this address, or it belongs to somebody else (404)."""

    status = 404
    default_code = "not_found"
    title = _("Nie ma takiej strony")
    default_detail = _("Sprawdź adres. Być może wpis został usunięty albo należy do innej organizacji.")


class MethodNotAllowed(Problem):
    """The address is known, but not with this method (405); ``Allow`` names those it knows."""

    status = 405
    default_code = "method_not_allowed"
    title = _("Ten adres nie przyjmuje takiego zapytania")
    default_detail = _("Użyj jednej z metod podanych w nagłówku Allow.")


class NotPossibleNow(Problem):
    """The state it is in does not allow it (409)."""

    status = 409
    default_code = "not_possible_now"
    title = _("Teraz nie można tego zrobić")
    default_detail = _("Stan wpisu na to nie pozwala. Odśwież go i sprawdź, co się zmieniło.")


class Stale(Problem):
    """Somebody was faster: ``If-Match`` names a number that is no longer the last (412)."""

    status = 412
    default_code = "stale"
    title = _("W międzyczasie coś się zmieniło")
    default_detail = _("Pobierz aktualną wersję, sprawdź zmiany i wyślij ponownie.")


class TooLarge(Problem):
    """The body is over the limit (413)."""

    status = 413
    default_code = "too_large"
    title = _("Za dużo danych")
    default_detail = _("Zapytanie może mieć najwyżej 1 MB. Skróć teksty albo podziel dane na części.")


class AddressTooLong(Problem):
    """Path and query are over the limit (414)."""

    status = 414
    default_code = "address_too_long"
    title = _("Za długi adres")
    default_detail = _("Skróć adres: ma za dużo parametrów.")


class UnsupportedMediaType(Problem):
    """The body is of a type that is not read here (415)."""

    status = 415
    default_code = "unsupported_media_type"
    title = _("Nie czytamy tego rodzaju danych")
    default_detail = _("Wyślij dane jako application/json.")


class Invalid(Problem):
    """What was sent breaks a rule; ``errors`` says which field breaks which (422)."""

    status = 422
    default_code = "invalid"
    title = _("Popraw zaznaczone pola")
    default_detail = _("Żadne dane nie zostały zapisane. Popraw pola wymienione niżej i wyślij ponownie.")


class PreconditionMissing(Problem):
    """``If-Match`` is required here (428)."""

    status = 428
    default_code = "precondition_missing"
    title = _("Brakuje nagłówka If-Match")
    default_detail = _("Podaj w nagłówku If-Match wartość ETag wersji, którą zmieniasz.")


class TooManyAttempts(Problem):
    """Too often in too short a time (429); ``Retry-After`` says when to come back, in seconds."""

    status = 429
    default_code = "too_many_attempts"
    title = _("Za dużo prób")

    def __init__(self, *, retry_after: int) -> None:
        detail = _("Odczekaj %(seconds)d s i spróbuj ponownie.", seconds=retry_after)
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after


class TooManyRequests(TooManyAttempts):
    """Too many requests by one key or address (429); ``RateLimit`` says which budget is used up and until when."""

    default_code = "too_many_requests"
    title = _("Za dużo zapytań")


class TooSlow(Problem):
    """The request did not arrive in time (408)."""

    status = 408
    default_code = "too_slow"
    title = _("Zapytanie przyszło za wolno")
    default_detail = _("Wyślij je ponownie przez szybsze łącze albo w mniejszych częściach.")


class HeadersTooLarge(Problem):
    """The headers are over the limit (431)."""

    status = 431
    default_code = "headers_too_large"
    title = _("Za długie nagłówki")
    default_detail = _("Usuń ciasteczka tej strony i spróbuj ponownie.")


class Unavailable(Problem):
    """What is needed for this cannot be reached (503); whether it was done is found out by repeating it."""

    status = 503
    default_code = "unavailable"
    title = _("Chwilowo nie możemy tego zrobić")

    def __init__(self, detail: str | None = None, *, code: str | None = None, retry_after: int = 5) -> None:
        said = detail or _("Spróbuj ponownie za %(seconds)d s. Powtórzenie niczego nie podwoi.", seconds=retry_after)
        super().__init__(said, code=code, headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after


PROBLEMS: tuple[type[Problem], ...] = (
    BadRequest,
    LoginNeeded,
    WrongRole,
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


def kind_of(status: int) -> type[Problem]:
    """Give the kind of problem that stands for an HTTP status; those without their own are unexpected or bad."""
    found = next((kind for kind in PROBLEMS if kind.status == status), None)
    return found or (BadRequest if 400 <= status < 500 else Problem)  # noqa: PLR2004 - the bounds of client errors


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Say in OpenAPI which problems a route may answer with, for its ``responses=``.

    What any route may answer (401 and 403 where a role is needed, 400, 413, 422, 503 …) is added by itself.
    """
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": kind_of(status).__doc__ or "", "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in statuses
    }
