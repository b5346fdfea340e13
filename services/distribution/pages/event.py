"""The page of one event, and its calendar file."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.feeds.responses import CACHE_CONTROL
from services.distribution.formats.file_names import build_disposition
from services.distribution.formats.ical import ICal, render_file, render_withdrawn_file
from services.distribution.formats.json_ld import MAX_PARTS
from services.distribution.pages.back_link import format_month, read_back_link
from services.distribution.pages.event_view import EventPage, build_event_page
from services.distribution.pages.page_parameters import Language
from services.distribution.pages.parts_view import build_days
from services.distribution.parts import find_public_umbrella, list_public_parts, localize_all
from services.distribution.presentation.localized_event import localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.problems import NoLongerPublic
from services.distribution.programme.months import get_month
from services.distribution.public import find_public_event, render_public_event
from services.distribution.state import OpenState
from shared.i18n.text import translate
from shared.messages import EventPublished
from shared.web.caching import set_last_modified
from shared.web.pages.layout import Link, PageAddress

router = APIRouter()


@router.get("/{lang}/events/{event_id}.ics")
async def download_event(request: Request, state: OpenState, lang: Language, event_id: str) -> Response:
    """For one import or to follow; a withdrawn event is no longer in it."""

    def write(message: EventPublished) -> tuple[bytes, str]:
        event = localize(message, lang, state.site)
        return render_file(event), build_disposition(event, "ics")

    withdrawal = state.programme.get_withdrawal(event_id)
    if withdrawal:
        title = translate(NoLongerPublic.title, lang)
        body = render_withdrawn_file(withdrawal, lang, state.site, name=title)
        name = 'attachment; filename="event.ics"'
    else:
        body, name = render_public_event(state, Variant("file", lang), event_id, write)
    set_last_modified(request, state.resolver.feeds.version)
    headers = {"Content-Disposition": name, "Cache-Control": CACHE_CONTROL.decode()}
    media_type = ICal.content_type if withdrawal else f"{ICal.content_type}; method=PUBLISH"
    return Response(body, media_type=media_type, headers=headers)


@router.get("/{lang}/events/{event_id}")
async def show_event(request: Request, state: OpenState, lang: Language, event_id: str) -> Response:
    """Whether an event is over depends on the day; caches keep a page for a minute."""
    event = find_public_event(state.programme, event_id)
    month, today = get_month(event), state.get_today().isoformat()

    parts, umbrella = list_public_parts(state, event_id), find_public_umbrella(state, event)
    above = next(iter(localize_all(state, [umbrella] if umbrella else (), lang)), None)
    below = localize_all(state, parts[:MAX_PARTS], lang)

    def build(message: EventPublished) -> EventPage:
        return build_event_page(localize(message, lang, state.site), today=today, umbrella=above, parts=below)

    view = render_public_event(state, Variant("event", lang), event_id, build)
    back, kept = read_back_link(request, state, lang)
    return await state.pages.render(
        request,
        "event.html",
        title=view.title,
        event=view,
        days=build_days(state, parts, lang),
        back=back or Link(f"{format_month(month, lang)} {month.year}", f"/{lang}/{month.path}"),
        address=PageAddress(f"events/{event_id}", kept=kept),
        description=view.description,
    )
