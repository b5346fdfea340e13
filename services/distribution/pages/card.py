"""The card of an event: the picture that other sites show with a link to it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from services.distribution.card.card_files import TooManyCards
from services.distribution.card.drawing import Card
from services.distribution.pages.page_parameters import Language
from services.distribution.presentation.localized_event import LocalizedEvent, localize
from services.distribution.presentation.quarantine import Variant
from services.distribution.public import render_public_event
from services.distribution.state import OpenState
from shared.event.days import get_span
from shared.i18n.languages import get_locale
from shared.web.problems import ProblemTable, Unavailable

CACHE_CONTROL: Final = "public, max-age=86400"
CARD_PROBLEMS: Final[ProblemTable] = {TooManyCards: lambda _error: Unavailable(retry_after=5)}

router = APIRouter()


@router.get("/{lang}/events/{event_id}/card.png")
async def show_card(state: OpenState, lang: Language, event_id: str) -> Response:
    """An event's page names it with the revision, so that other sites fetch it again after a change."""

    def build(event: LocalizedEvent) -> tuple[int, Card]:
        return event.message.revision, build_card(event)

    revision, card = render_public_event(
        state, Variant("card", lang), event_id, lambda message: build(localize(message, lang, state.site))
    )
    content = await state.card_files.get((event_id, revision, lang), card)
    return Response(content, media_type="image/png", headers={"Cache-Control": CACHE_CONTROL})


def build_card(event: LocalizedEvent) -> Card:
    names = get_locale(event.language).months["stand-alone"]["abbreviated"]
    return Card(
        site="Kalendarium",
        region=event.site.region.get_label(event.language),
        town=event.content.venue.town,
        title=event.headline if event.is_cancelled else event.title.value,
        when=event.date_text,
        sure=not event.is_tentative and not event.is_cancelled,
        months=[names[number].rstrip(".") for number in range(1, 13)],
        month=int(get_span(event.content.dates)[0][5:7]),
    )
