"""The page of all organisations with events in the programme."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.pages.page_parameters import Language
from services.distribution.presentation.clean import clean_line
from services.distribution.presentation.quarantine import Variant
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.selection import Query, Selection
from services.distribution.state import OpenState, State
from shared.i18n.collation import build_collation_key
from shared.i18n.text import _, n_
from shared.web.pages.renderer import PageAddress

router = APIRouter()


@dataclass(frozen=True, slots=True)
class OrganiserRow:
    name: str
    town: str
    website: str | None
    count: str


@router.get("/{lang}/organisers")
async def list_organisers(request: Request, state: OpenState, lang: Language) -> Response:
    return await state.pages.render(
        request,
        "organisers.html",
        local_lang="" if lang == state.site.region.languages.default else state.site.region.languages.default,
        title=_("Organisers"),
        organisers=_build_rows(state, lang),
        address=PageAddress("organisers"),
        description=state.site.build_feed_description(Query(Selection(), lang)),
    )


def _read_name(state: State, event: IndexedEvent, language: str) -> str:
    """Read the name of an organisation that the region pack lacks from one of its events."""
    variant = Variant("organiser", language)
    return (
        state.quarantine.render(variant, event, lambda message: clean_line(message.organiser.name)) or event.organiser
    )


def _build_rows(state: State, language: str) -> list[OrganiserRow]:
    known = state.site.region.organisations
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for event in Selection().filter(state.programme):
        slug = event.organiser
        counts[slug] += 1
        if slug not in names:
            names[slug] = known[slug].name if slug in known else _read_name(state, event, language)
    rows = [
        OrganiserRow(
            name=names[slug],
            town=known[slug].town if slug in known else "",
            website=known[slug].website if slug in known and known[slug].verified else None,
            count=n_("%(num)s event", "%(num)s events", count),
        )
        for slug, count in counts.items()
    ]
    return sorted(rows, key=lambda row: build_collation_key(row.name, language))
