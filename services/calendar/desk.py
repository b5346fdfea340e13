"""The curator's desk: takes a decision on an entry as it was seen, and keeps it. Pages and API decide here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.calendar.domain.entry import Entry
from services.calendar.domain.public import Outcome
from services.calendar.domain.review import (
    COMMENT_LIMIT,
    CommentMissing,
    CommentTooLong,
    CommentUnreadable,
    NothingToWithdraw,
    NotLive,
    NotWaiting,
    ReasonUnknown,
    read_comment,
)
from services.calendar.state import State
from services.calendar.store import EntryMoved, LettersPileUp
from shared.web.etag import etag
from shared.web.locale import _
from shared.web.problems import FieldError, Invalid, NotFound, NotPossibleNow, Stale, Unavailable

Rule = Callable[[Entry, str], Outcome]
"""What a curator does to an entry at an instant."""

RETRY_SECONDS = 10
RACES = 5
"""How often a decision on whatever is there now (``If-Match: *``) is tried while others are faster."""


async def decide(state: State, entry_id: str, rule: Rule, *, seen: int | None) -> Entry:
    """Do something to an entry, if it is still as the curator saw it, and give it as it is then.

    Args:
        state: the service.
        entry_id: the entry's id.
        rule: what to do.
        seen: the review number that the curator saw; None for whatever it is now.

    Raises:
        Problem: not found, stale, not possible now, invalid, or too much waits to be sent.

    """
    for _race in range(RACES):
        before = await entry_of(state, entry_id)
        if seen not in {None, before.review_number}:
            raise stale(before)
        at = state.now()
        with problems():
            after, messages = rule(before, at)
        try:
            await state.entries.keep(before, after, messages, at=at)
        except EntryMoved:
            continue
        except LettersPileUp:
            detail = _("Poprzednie decyzje o tym wpisie czekają jeszcze na wysłanie. Spróbuj za chwilę.")
            raise Unavailable(detail, code="letters_pile_up", retry_after=RETRY_SECONDS) from None
        return after
    raise Unavailable


async def entry_of(state: State, entry_id: str) -> Entry:
    """Find an entry.

    Raises:
        NotFound: if there is none by this id.

    """
    entry = await state.entries.find(entry_id)
    if entry is None:
        raise NotFound
    return entry


def stale(entry: Entry) -> Stale:
    """Say that an entry has moved on since it was seen; the number it has now goes along."""
    detail = _("Ten wpis się zmienił, odkąd go otwarto. Przeczytaj go jeszcze raz i zdecyduj.")
    return Stale(detail, headers={"ETag": etag(entry.review_number)})


@contextmanager
def problems() -> Iterator[None]:
    """Answer the rules that were broken inside as problems.

    Raises:
        Problem: the kind that belongs to the rule.

    """
    try:
        yield
    except NotWaiting:
        raise NotPossibleNow(_("Nic w tym wpisie nie czeka na decyzję."), code="not_waiting") from None
    except NotLive:
        detail = _("Odwołać można tylko to, co jest w programie i nie jest jeszcze odwołane.")
        raise NotPossibleNow(detail, code="not_live") from None
    except NothingToWithdraw:
        raise NotPossibleNow(_("Ten wpis jest już wycofany."), code="nothing_to_withdraw") from None
    except ReasonUnknown:
        raise _invalid("reason", _("Wybierz powód odrzucenia z listy."), "reason_unknown") from None
    except CommentMissing:
        raise _invalid("comment", _("Napisz, o co chodzi: organizacja przeczyta te słowa."), "missing") from None


def comment_in(text: str | None) -> str | None:
    """Read what a curator wrote.

    Raises:
        Invalid: if it is too long or holds control characters.

    """
    try:
        return read_comment(text)
    except CommentTooLong:
        said = _("Skróć uwagi do %(limit)s znaków.", limit=COMMENT_LIMIT)
        raise _invalid("comment", said, "too_long") from None
    except CommentUnreadable:
        said = _("Uwagi zawierają znaki sterujące. Usuń je albo wpisz tekst ponownie.")
        raise _invalid("comment", said, "control_characters") from None


def _invalid(field: str, message: str, code: str) -> Invalid:
    return Invalid(errors=[FieldError(field, message, code)])
