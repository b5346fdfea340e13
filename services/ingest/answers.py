"""How ingest answers: a submission as JSON, and a broken rule as a problem with its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Self

import msgspec
from babel.dates import format_date

from services.ingest.domain.faults import Fault, NotAcceptable
from services.ingest.domain.submission import AlreadyWithdrawn, NothingLive, Submission
from services.ingest.repeats import KeyReused, KeyUnreadable
from services.ingest.store import BacklogFull, ExternalIdTaken
from shared.database import PyMongoError, is_away
from shared.languages import locale
from shared.web.locale import SOURCE, Text, _
from shared.web.problems import BadRequest, FieldError, Invalid, NotPossibleNow, Problem, Unavailable

RETRY_SECONDS = 10

_NOTHING_LIVE = _("Nic z tego zgłoszenia nie jest w programie, więc nie ma czego odwoływać. Możesz je wycofać.")
_ALREADY_WITHDRAWN = _("To zgłoszenie jest już wycofane. Aby do niego wrócić, wyślij je ponownie.")
_EXTERNAL_ID_TAKEN = _("Ten identyfikator ma już inne wasze zgłoszenie. Podaj inny albo popraw tamto.")
_KEY_REUSED = _("Ten Idempotency-Key należy do innego zapytania. Użyj nowego klucza.")
_KEY_UNREADABLE = _("Idempotency-Key ma mieć od 1 do 255 widocznych znaków ASCII.")
_BACKLOG_FULL = _("Zbyt wiele zgłoszeń czeka na przekazanie dalej. Niczego nie zapisaliśmy; spróbuj ponownie później.")
_UNKNOWN_OUTCOME = _(
    "Nie wiemy, czy to zapisano. Powtórz z tym samym Idempotency-Key albo przez by-reference: niczego to nie "
    "podwoi. Bez nich najpierw sprawdź listę."
)

_encode = msgspec.json.Encoder().encode


class Day(Text):
    """A day as a part of a text, in the words of the reader's language."""

    __slots__ = ("day",)

    day: date

    def __new__(cls, day: date) -> Self:
        """Make it; on its own it reads as in Polish."""
        made = super().__new__(cls, format_date(day, "long", locale=locale(SOURCE)))
        made.day = day
        return made

    def in_language(self, language: str) -> str:
        """Say the day in a language."""
        return format_date(self.day, "long", locale=locale(language))


def answer_of(submission: Submission) -> dict[str, Any]:
    """Give a submission as the API answers it (design section 6)."""
    review = submission.review
    return {
        "id": submission.id,
        "version": submission.version,
        "state": submission.state,
        "live_version": submission.live_version,
        "review": {
            "number": review.number,
            "version": review.version,
            "state": review.state,
            "reason": review.reason,
            "comment": review.comment,
        }
        if review
        else None,
        "event": submission.event,
    }


def encoded(answer: Mapping[str, Any]) -> bytes:
    """Write an answer as JSON."""
    return _encode(answer)


def field_errors(faults: Sequence[Fault]) -> list[FieldError]:
    """Give faults as the web tells them, to be said in the reader's language."""
    return [FieldError(fault.field, said(fault), fault.code) for fault in faults]


def said(fault: Fault) -> Text:
    """Give a fault's text, its days in words."""
    parts = {name: Day(value) if isinstance(value, date) else value for name, value in fault.values.items()}
    return Text(fault.text, parts)


@contextmanager
def problems() -> Iterator[None]:
    """Answer the rules that were broken inside as problems.

    Raises:
        Problem: the kind that belongs to the rule.

    """
    try:
        yield
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise problem from None


def problem_of(error: Exception) -> Problem | None:  # noqa: PLR0911 - a table of facts and their problems
    """Give the problem that a broken rule is answered with; None for what is no rule of ours."""
    match error:
        case NotAcceptable() if error.faults[0].code == "not_json":
            return BadRequest(said(error.faults[0]), code="json_invalid")
        case NotAcceptable():
            return Invalid(errors=field_errors(error.faults))
        case NothingLive():
            return NotPossibleNow(_NOTHING_LIVE, code="nothing_live")
        case AlreadyWithdrawn():
            return NotPossibleNow(_ALREADY_WITHDRAWN, code="already_withdrawn")
        case ExternalIdTaken():
            return _external_id_taken(error)
        case KeyReused():
            related = {"Link": f'</ingest/api/v1/submissions/{error.submission_id}>; rel="related"'}
            return Invalid(_KEY_REUSED, code="idempotency_key_reused", headers=related)
        case KeyUnreadable():
            return BadRequest(_KEY_UNREADABLE, code="idempotency_key_unreadable")
        case BacklogFull():
            return Unavailable(_BACKLOG_FULL, code="backlog_full", retry_after=RETRY_SECONDS)
        case PyMongoError() if is_away(error):
            return Unavailable(_UNKNOWN_OUTCOME, code="database_away", retry_after=RETRY_SECONDS)
    return None


def _external_id_taken(error: ExternalIdTaken) -> NotPossibleNow:
    detail = _(
        "Ten external_id ma już inne wasze zgłoszenie: %(id)s. "
        "Aby je zmienić, użyj PUT /ingest/api/v1/submissions/by-reference/{external_id}.",
        id=error.submission_id,
    )
    errors = [FieldError("external_id", _EXTERNAL_ID_TAKEN, "external_id_taken")]
    return NotPossibleNow(detail, code="external_id_taken", errors=errors)
