"""Routes of the open API: public events, and the feeds' place in OpenAPI."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi import Query as Parameter
from msgspec.json import Decoder
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from services.distribution.feeds.feed import Feed
from services.distribution.feeds.front import choose_messages
from services.distribution.formats.json_feed import (
    build_occurrences,
    build_pictures,
    serialize_licence,
    serialize_umbrella,
)
from services.distribution.parts import list_public_parts, localize_all
from services.distribution.presentation.localized_event import LocalizedEvent, LocalizedText, localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.problems import NoLongerPublic, create_invalid_parameter
from services.distribution.programme.indexed_event import IndexedEvent, SortKey
from services.distribution.programme.selection import Query, Selection, parse_filters
from services.distribution.public import render_public_event
from services.distribution.state import OpenState, State
from shared.event.vocabulary import AUDIENCE, SETTING
from shared.i18n.text import _
from shared.messages import EventPublished
from shared.web.caching import set_last_modified
from shared.web.http.cursors import decode_cursor, encode_cursor
from shared.web.http.numbers import parse_number
from shared.web.paging import PageBuilder
from shared.web.problems import PROBLEM_JSON, problem_responses

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
CACHE: Final = {"Cache-Control": "public, max-age=60"}
GONE: Final[dict[int | str, dict[str, Any]]] = {
    410: {
        "description": NoLongerPublic.__doc__ or "",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "Nothing has changed since."}}

_SORT_KEYS: Final = Decoder[SortKey](SortKey)

router = APIRouter()

County = Annotated[list[str] | None, Parameter(description="4-digit TERYT code of a county; may repeat (or).")]
Category = Annotated[
    list[str] | None, Parameter(description="Slug of a category; may repeat (or); looks at `also` too.")
]
Audience = Annotated[
    list[str] | None, Parameter(description=f"For whom it is, one of {', '.join(AUDIENCE)}; may repeat (or).")
]
Setting = Annotated[list[str] | None, Parameter(description=f"One of {', '.join(SETTING)}; may repeat (or).")]
Language = Annotated[str | None, Parameter(description="Language of `text`; a missing text falls back to en, then pl.")]
From = Annotated[
    str | None, Parameter(alias="from", description="First day, local and inclusive; takes what overlaps.")
]
To = Annotated[str | None, Parameter(description="Last day, local and inclusive; takes what overlaps.")]


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


class OccurrenceAnswer(BaseModel):
    """One of the times at which an event that repeats takes place, or does not."""

    all_day: bool
    start: str = Field(description="A date if `all_day`, else a time with its offset.")
    end: str | None = Field(description="As `start`, inclusive if `all_day`; null if it is not known.")
    last_day: str | None = Field(default=None, description="The day of an unknown end; may be left out.")
    status: Literal["planned", "cancelled", "moved"]
    planned: str | None = Field(default=None, description="The local start that was planned; only if it moved.")
    note: str | None = Field(default=None, description="Why, in the language that was asked for; may be left out.")


class LicenceAnswer(BaseModel):
    """A licence: its SPDX identifier, and its text."""

    id: str
    url: str


class UmbrellaAnswer(BaseModel):
    """The event that this one is part of; it need not be public."""

    id: str
    uid: str = Field(description="Its iCal UID.")
    url: str = Field(description="Its page, once it is public.")


class PartAnswer(BaseModel):
    """An event that is part of this one."""

    id: str
    uid: str = Field(description="Its iCal UID.")
    url: str = Field(description="Its page.")
    title: TextAnswer
    status: str = Field(description="`confirmed` or `cancelled`.")


class PictureLicenceAnswer(BaseModel):
    """The terms of a picture."""

    name: str
    url: str | None = Field(description="Null where it is shown with permission only.")


class PictureAnswer(BaseModel):
    """A picture of the event; also as `.webp`, and 400 or 800 pixels wide: see `/media/{file}`."""

    url: str
    alt: str = Field(description="What it shows.")
    language: str = Field(description="Of `alt`.")
    credit: str = Field(description="Whom to name next to it.")
    licence: PictureLicenceAnswer


class EventAnswer(BaseModel):
    """A public event."""

    id: str = Field(description="Never changes.")
    uid: str = Field(description="The iCal UID in every feed.")
    url: str = Field(description="Its page.")
    revision: int = Field(description="Rises with every public change; the iCal SEQUENCE.")
    status: str = Field(
        description="`confirmed`, `cancelled` or `postponed`: not on its date, and the new one is not known."
    )
    organiser: OrganiserAnswer
    external_id: str | None = Field(description="The organisation's own id.")
    published_at: str
    changed_at: str
    previous_dates: dict[str, Any] | None = Field(
        description="The dates that were announced last and no longer hold; null if nothing has moved."
    )
    text: TextsAnswer
    licence: LicenceAnswer | None = Field(
        description="On which terms texts and data may be used: as the event says, else as the region; null if neither."
    )
    event: dict[str, Any] = Field(description="Everything as it was accepted or reported, in all languages.")
    reported: list[str] = Field(
        default=[],
        description=(
            "Facts that the organiser has changed and no curator has looked at yet: `dates`, `status` (single dates "
            "cancelled or moved), `availability`, `venue`; left out if there are none."
        ),
    )
    pictures: list[PictureAnswer] | None = Field(default=None, description="Left out of an event without any.")
    occurrences: list[OccurrenceAnswer] | None = Field(
        default=None, description="Of an event that repeats, all in order, at most 400; left out of others."
    )
    part_of: UmbrellaAnswer | None = Field(
        default=None, description="The umbrella event, such as the festival of a concert; left out if there is none."
    )
    parts: list[PartAnswer] | None = Field(
        default=None, description="The public parts of one umbrella event, in order; left out of others and of lists."
    )


class EventsAnswer(BaseModel):
    """A page of events, in the order of the programme: start, end, Polish title, organisation, external id."""

    items: list[EventAnswer]
    next: str | None = Field(description="`cursor` of the page after this one; null on the last.")
    licence: LicenceAnswer | None = Field(
        default=None,
        description="The region's, of the texts and data of each event that states no other; left out if it has none.",
    )


@router.get(
    "/api/v1/events",
    tags=["events"],
    response_class=Response,
    responses={200: {"model": EventsAnswer}, **UNCHANGED, **problem_responses(400, 503)},
)
async def list_events(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    state: OpenState,
    county: County = None,  # noqa: ARG001 - named for OpenAPI; all filters are read together
    category: Category = None,  # noqa: ARG001
    audience: Audience = None,  # noqa: ARG001
    setting: Setting = None,  # noqa: ARG001
    lang: Language = None,  # noqa: ARG001
    since: From = None,  # noqa: ARG001
    to: To = None,  # noqa: ARG001
    cursor: Annotated[str | None, Parameter(description="`next` of the page before.")] = None,
    limit: Annotated[str | None, Parameter(description=f"1 to {MAX_LIMIT}, otherwise {DEFAULT_LIMIT}.")] = None,
) -> Response:
    """List public events."""
    query = _parse_query(request, state)
    after, most = _parse_cursor(cursor), _parse_limit(limit)
    chosen = query.selection.filter(state.programme.iterate_after(after) if after else state.programme)
    variant, serialize = _serializer(state, query.language)
    page = PageBuilder[IndexedEvent](
        most,
        lambda each: state.quarantine.render(variant, each, serialize),
        lambda last: encode_cursor(last.sort_key),
    )
    for each in chosen:
        if not page.add(each):
            break
    stated = {"licence": serialize_licence(state.site.licence)} if state.site.licence else {}
    return _respond(request, state, {"items": page.items, "next": page.next, **stated})


@router.get(
    "/api/v1/events/{event_id}",
    tags=["events"],
    response_class=Response,
    responses={200: {"model": EventAnswer}, **UNCHANGED, **problem_responses(400, 404, 503), **GONE},
)
async def one_event(request: Request, state: OpenState, event_id: str, lang: Language = None) -> Response:  # noqa: ARG001 - named for OpenAPI
    """Give one public event."""
    query = _parse_query(request, state)
    variant, serialize = _serializer(state, query.language)
    event = render_public_event(state, variant, event_id, serialize)
    parts = list_public_parts(state, event_id)
    if parts:
        event = event | {"parts": [_serialize_part(each) for each in localize_all(state, parts, query.language)]}
    return _respond(request, state, event, tag=_make_tag(event["revision"], parts))


@router.get(
    "/feeds/{file}",
    tags=["feeds"],
    response_class=Response,
    responses={
        200: {
            "description": (
                "The selection: whole as `.ics`; as `.rss` its newest items; as `.json` a page of them, newest first."
            ),
            "content": {
                "text/calendar": {"schema": {"type": "string"}},
                "application/rss+xml": {"schema": {"type": "string"}},
                "application/feed+json": {"schema": {"type": "object"}},
            },
        },
        **UNCHANGED,
        **problem_responses(400, 404, 503),
    },
)
async def feed(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    file: str,  # noqa: ARG001 - named for OpenAPI; the desk reads the whole address
    county: County = None,  # noqa: ARG001
    category: Category = None,  # noqa: ARG001
    audience: Audience = None,  # noqa: ARG001
    setting: Setting = None,  # noqa: ARG001
    lang: Annotated[str | None, Parameter(description="Language of the feed; an office's feed has its own.")] = None,  # noqa: ARG001
    since: From = None,  # noqa: ARG001
    to: To = None,  # noqa: ARG001
    after: Annotated[str | None, Parameter(description="Only `.json`: the page that `next_url` leads to.")] = None,  # noqa: ARG001
) -> Response:
    """Give a feed: `programme` or an office's, as `.ics`, `.rss` or `.json`; the front answers those that exist."""
    state: State = request.app.state.service
    query_string: bytes = request.scope["query_string"]
    spelling = (request.scope.get("raw_path", b""), query_string)
    return _FeedResponse(
        state, await state.resolver.resolve(request.scope["path"], query_string.decode("latin-1"), spelling)
    )


class _FeedResponse(Response):
    def __init__(self, state: State, found: Feed) -> None:
        super().__init__()
        self._feeds, self._feed = state.resolver.feeds, found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a feed reads no body
        for message in choose_messages(self._feeds, self._feed, scope):
            await send(message)


def _serializer(state: State, language: str) -> tuple[Variant, Callable[[EventPublished], dict[str, Any]]]:
    return Variant("api", language), lambda message: serialize_event(localize(message, language, state.site))


def serialize_event(event: LocalizedEvent) -> dict[str, Any]:
    message = event.message
    return {
        "id": message.event_id,
        "uid": event.site.build_uid(message.event_id),
        "url": event.url,
        "revision": message.revision,
        "status": event.status,
        "organiser": message.organiser,
        "external_id": message.external_id,
        "published_at": message.published_at,
        "changed_at": message.changed_at,
        "previous_dates": message.previous_dates if event.previous_dates else None,
        "text": {
            "title": _serialize_text(event.title),
            "summary": _serialize_text(event.summary),
            "description": _serialize_text(event.description),
        },
        "licence": serialize_licence(event.licence) if event.licence else None,
        "event": message.event,
        **({"reported": message.reported} if message.reported else {}),
        **({"pictures": pictures} if (pictures := build_pictures(event)) else {}),
        **({"occurrences": build_occurrences(event)} if event.content.dates.recurrence else {}),
        **serialize_umbrella(event),
    }


def _serialize_part(event: LocalizedEvent) -> dict[str, Any]:
    return {
        "id": event.message.event_id,
        "uid": event.site.build_uid(event.message.event_id),
        "url": event.url,
        "title": _serialize_text(event.title),
        "status": event.message.status,
    }


def _serialize_text(text: LocalizedText | None) -> dict[str, str] | None:
    return {"value": text.value, "language": text.language} if text else None


def _parse_query(request: Request, state: State) -> Query:
    query_string = request.scope["query_string"].decode("latin-1")
    pairs = [each for each in query_string.split("&") if each and each.split("=")[0] not in {"cursor", "limit"}]
    default = state.site.region.languages.default
    return parse_filters("&".join(pairs), state.vocabulary, base=Selection(), language=default)


def _parse_limit(limit: str | None) -> int:
    if not limit:
        return DEFAULT_LIMIT
    number = parse_number(limit)
    if number is not None and 1 <= number <= MAX_LIMIT:
        return number
    raise create_invalid_parameter("limit", _("Give a number from 1 to %(most)s.", most=MAX_LIMIT))


def _parse_cursor(cursor: str | None) -> SortKey | None:
    return decode_cursor(cursor, _SORT_KEYS) if cursor else None


def _make_tag(revision: int, parts: Sequence[IndexedEvent]) -> str:
    """The tag of one event is its revision, and what its parts are: weak, because other bytes may say the same."""
    if not parts:
        return f'W/"{revision}"'
    digest = hashlib.sha256(msgspec.json.encode([(each.id, each.revision) for each in parts])).hexdigest()
    return f'W/"{revision}-{digest[:16]}"'


def _respond(request: Request, state: State, body: object, *, tag: str = "") -> Response:
    set_last_modified(request, state.resolver.feeds.version)
    named = {"ETag": tag} if tag else {}
    return Response(msgspec.json.encode(body), media_type="application/json", headers=CACHE | named)
