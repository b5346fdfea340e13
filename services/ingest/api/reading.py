"""What a request to the API says: its event, its key, its place in a list."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import get_args

from starlette.requests import Request

from services.ingest import repeats
from services.ingest.domain.event import Event, named, read_event
from services.ingest.state import State
from shared.messages import ReviewState
from shared.web.accounts import Account
from shared.web.locale import _
from shared.web.problems import BadRequest, FieldError, UnsupportedMediaType

STATES: tuple[ReviewState, ...] = get_args(ReviewState)
LONGEST_PAGE = 200
USUAL_PAGE = 50

_JSON = re.compile(r"application/(json|[\w.+-]+\+json)\s*(;.*)?", re.IGNORECASE)


async def event_in(request: Request, state: State, account: Account, *, external_id: str | None = None) -> Event:
    """Read and check the event in a request's body.

    Args:
        request: with JSON of section 5.
        state: the service.
        account: whose organisation's county is taken where none is named.
        external_id: the one that the address names, which the body may repeat but not contradict.

    Raises:
        UnsupportedMediaType: if the body does not say that it is JSON.
        NotAcceptable: with every fault that was found.

    """
    if not _JSON.fullmatch(request.headers.get("content-type", "").strip()):
        raise UnsupportedMediaType
    event = read_event(await request.body(), state.known, county=state.county_of(account.organisation))
    return event if external_id is None else named(event, external_id)


async def repeat_of(request: Request, account: Account, route: str) -> repeats.Request | None:
    """Name the request by its ``Idempotency-Key``, if it has one.

    Raises:
        KeyUnreadable: if it is no key.

    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    return repeats.keyed(key, organisation=account.organisation, route=route, body=await request.body())


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for."""

    state: ReviewState | None
    year: int | None
    after: str | None
    limit: int


def asked(*, state: str | None, year: str | None, cursor: str | None, limit: str | None) -> Asked:
    """Read the filters of a list.

    Raises:
        BadRequest: if one has a value that it cannot have.

    """
    return Asked(_state(state), _year(year), _place(cursor), _limit(limit))


def cursor(place: str) -> str:
    """Write a place in the list as it is handed out."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _state(said: str | None) -> ReviewState | None:
    for state in STATES:
        if said == state:
            return state
    if said is None:
        return None
    raise _unknown("state", _("Możliwe stany: %(states)s.", states=", ".join(STATES)))


def _year(said: str | None) -> int | None:
    if said is None:
        return None
    if not re.fullmatch(r"[0-9]{4}", said):
        raise _unknown("year", _("Podaj rok z czterech cyfr."))
    return int(said)


def _limit(said: str | None) -> int:
    if said is None:
        return USUAL_PAGE
    if not re.fullmatch(r"[0-9]{1,3}", said) or not 1 <= int(said) <= LONGEST_PAGE:
        raise _unknown("limit", _("Podaj liczbę od 1 do %(most)s.", most=LONGEST_PAGE))
    return int(said)


def _place(said: str | None) -> str | None:
    if said is None:
        return None
    try:
        return base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _unknown("cursor", _("Użyj wartości next z poprzedniej odpowiedzi.")) from None


def _unknown(name: str, told: str) -> BadRequest:
    return BadRequest(code="unknown_filter_value", errors=[FieldError(name, told, "unknown_value")])
