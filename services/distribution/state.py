"""The open resources that distribution's routes work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from services.distribution.card.card_files import CardFiles
from services.distribution.feeds.front import AGE_HEADER, AgeHeader, FeedResolver
from services.distribution.formats import Format, Site
from services.distribution.media.picture_files import PictureFiles
from services.distribution.presentation.quarantine import Quarantine
from services.distribution.programme.model import Programme
from services.distribution.programme.months import MonthIndexCache
from services.distribution.programme.selection import Vocabulary
from services.distribution.rows import RowCache
from shared.i18n.text import _
from shared.web.pages.renderer import Pages
from shared.web.problems import Unavailable


@dataclass(frozen=True, slots=True)
class State:
    """``get_today`` is the region's date; ``is_open`` tells whether the programme is complete."""

    programme: Programme
    resolver: FeedResolver
    site: Site
    vocabulary: Vocabulary
    pages: Pages
    quarantine: Quarantine
    rows: RowCache
    months: MonthIndexCache
    formats: Mapping[str, Format]
    picture_files: PictureFiles
    card_files: CardFiles
    get_today: Callable[[], date]
    is_open: Callable[[], bool]


async def _get_state(request: Request) -> State:
    """Raises Unavailable until the programme is complete; makes responses state its age unless it is live.

    Async, because FastAPI runs anything else in a thread.
    """
    state: State = request.app.state.service
    if not state.is_open():
        raise Unavailable(_("The programme is still being read."), code="not_caught_up")
    age_header: AgeHeader | None = request.scope.get(AGE_HEADER)
    if age_header is not None:
        age_header.header = state.resolver.feeds.generated_at
    return state


OpenState = Annotated[State, Depends(_get_state)]
"""The state, once the whole programme is here."""
