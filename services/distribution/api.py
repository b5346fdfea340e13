"""The open API: the public programme by the same filters as the feeds, and where the feeds are asked for."""

from __future__ import annotations

import base64
import binascii
from itertools import islice
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from services.distribution.feed import Feed
from services.distribution.formats.reading import Reading, Text, read
from services.distribution.programme import Order, decode
from services.distribution.public import public_event
from services.distribution.refusals import NoLongerPublic, refused_filter
from services.distribution.selection import Asked, FilterRefused, Selection, read_filters
from services.distribution.serving import answer
from services.distribution.state import Opened, State
from shared.web.locale import _
from shared.web.problems import PROBLEM_JSON, BadRequest, FieldError, answers

LIMIT: Final = 50
MOST: Final = 200
CACHE: Final = {"Cache-Control": "public, max-age=60"}
GONE: Final[dict[int | str, dict[str, Any]]] = {
    410: {
        "description": NoLongerPublic.__doc__ or "",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

router = APIRouter()

County = Annotated[list[str] | None, Query(description="4-digit TERYT code of a county; may repeat (or).")]
Category = Annotated[list[str] | None, Query(description="Slug of a category; may repeat (or); looks at `also` too.")]
Language = Annotated[str | None, Query(description="Language of `text`; a missing text falls back to en, then pl.")]
From = Annotated[str | None, Query(alias="from", description="First day, local and inclusive; takes what overlaps.")]
To = Annotated[str | None, Query(description="Last day, local and inclusive; takes what overlaps.")]


class TextAnswer(BaseModel):
    """A text, and the language that it really is in."""

    value: str
    language: str


class TextsAnswer(BaseModel):
    """The texts in the language that was asked for, or their stand-ins."""

    title: TextAnswer
    summary: TextAnswer | None
    description: TextAnswer | None


class OrganiserAnswer(BaseModel):
    """The organisation that sent the event."""

    slug: str
    name: str


class EventAnswer(BaseModel):
    """A public event."""

    id: str = Field(description="Never changes.")
    uid: str = Field(description="The iCal UID in every feed.")
    url: str = Field(description="Its page.")
    revision: int = Field(description="Rises with every public change; the iCal SEQUENCE.")
    status: str = Field(description="`confirmed` or `cancelled`.")
    organiser: OrganiserAnswer
    external_id: str | None = Field(description="The organisation's own id.")
    published_at: str
    changed_at: str
    previous_dates: dict[str, Any] | None = Field(description="The dates before they last moved.")
    text: TextsAnswer
    event: dict[str, Any] = Field(description="Everything as it was accepted, in all languages.")


class EventsAnswer(BaseModel):
    """A page of events, in the order of the programme: start, end, Polish title, organisation, external id."""

    items: list[EventAnswer]
    next: str | None = Field(description="`cursor` of the page after this one; null on the last.")


@router.get(
    "/api/v1/events",
    tags=["events"],
    response_class=Response,
    responses={200: {"model": EventsAnswer}, **answers(400, 503)},
)
async def list_events(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    state: Opened,
    county: County = None,  # noqa: ARG001 - named for OpenAPI; all filters are read together
    category: Category = None,  # noqa: ARG001
    lang: Language = None,  # noqa: ARG001
    since: From = None,  # noqa: ARG001
    to: To = None,  # noqa: ARG001
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[str | None, Query(description=f"1 to {MOST}, otherwise {LIMIT}.")] = None,
) -> Response:
    """List public events."""
    asked = _asked(request, state)
    after, most = _after(cursor), _most(limit)
    chosen = asked.selection.of(state.programme.after(after) if after else state.programme)
    page = list(islice(chosen, most + 1))
    more = _cursor(page[most - 1].order) if len(page) > most else None
    items = [event_answer(read(decode(each), asked.language, state.imprint)) for each in page[:most]]
    return _json({"items": items, "next": more})


@router.get(
    "/api/v1/events/{event_id}",
    tags=["events"],
    response_class=Response,
    responses={200: {"model": EventAnswer}, **answers(400, 404, 503), **GONE},
)
async def one_event(request: Request, state: Opened, event_id: str, lang: Language = None) -> Response:  # noqa: ARG001 - named for OpenAPI
    """Give one public event."""
    asked = _asked(request, state)
    return _json(event_answer(read(decode(public_event(state.programme, event_id)), asked.language, state.imprint)))


@router.get(
    "/feeds/{file}",
    tags=["feeds"],
    response_class=Response,
    responses={
        200: {
            "description": "The whole selection, without paging.",
            "content": {"text/calendar": {}, "application/rss+xml": {}, "application/feed+json": {}},
        },
        304: {"description": "Nothing has changed since."},
        **answers(400, 404, 503),
    },
)
async def feed(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    file: str,  # noqa: ARG001 - named for OpenAPI; the desk reads the whole address
    county: County = None,  # noqa: ARG001
    category: Category = None,  # noqa: ARG001
    lang: Annotated[str | None, Query(description="Language of the feed; an office's feed has its own.")] = None,  # noqa: ARG001
    since: From = None,  # noqa: ARG001
    to: To = None,  # noqa: ARG001
) -> Response:
    """Give a feed: `programme` or an office's, as `.ics`, `.rss` or `.json`; the front answers those that exist."""
    state: State = request.app.state.service
    query: bytes = request.scope["query_string"]
    spelling = (request.scope.get("raw_path", b""), query)
    return _FeedResponse(state, await state.desk.ask(request.url.path, query.decode("latin-1"), spelling))


class _FeedResponse(Response):
    """A feed's prepared answer, as a response of the framework."""

    def __init__(self, state: State, found: Feed) -> None:
        super().__init__()
        self._feeds, self._feed = state.desk.feeds, found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a feed reads no body
        for message in answer(self._feeds, self._feed, scope):
            await send(message)


def event_answer(reading: Reading) -> dict[str, Any]:
    """Give an event as the API answers it."""
    message = reading.message
    return {
        "id": message.event_id,
        "uid": reading.imprint.uid(message.event_id),
        "url": reading.page,
        "revision": message.revision,
        "status": message.status,
        "organiser": message.organiser,
        "external_id": message.external_id,
        "published_at": message.published_at,
        "changed_at": message.changed_at,
        "previous_dates": message.previous_dates,
        "text": {
            "title": _text(reading.title),
            "summary": _text(reading.summary),
            "description": _text(reading.description),
        },
        "event": message.event,
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return {"value": text.value, "language": text.language} if text else None


def _asked(request: Request, state: State) -> Asked:
    pairs = [each for each in request.url.query.split("&") if each and each.split("=")[0] not in {"cursor", "limit"}]
    default = state.imprint.region.languages.default
    try:
        return read_filters("&".join(pairs), state.known, whole=Selection(), language=default)
    except FilterRefused as error:
        raise refused_filter(error) from error


def _most(limit: str | None) -> int:
    if limit is None:
        return LIMIT
    if limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST:
        return int(limit)
    raise _refused("limit", _("Podaj liczbę od 1 do %(most)s.", most=MOST))


def _cursor(order: Order) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(order)).decode().rstrip("=")


def _after(cursor: str | None) -> Order | None:
    if cursor is None:
        return None
    try:
        written = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        order: Order = msgspec.json.decode(written, type=Order)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _refused("cursor", _("Podaj wartość next z poprzedniej strony, bez zmian.")) from error
    return order


def _refused(name: str, message: str) -> BadRequest:
    errors = [FieldError(field=name, message=message, code="unknown_value")]
    return BadRequest(_("Popraw filtr %(name)s w adresie.", name=name), code="unknown_value", errors=errors)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers=CACHE)
