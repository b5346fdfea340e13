"""Who makes the programme: every organisation with events in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.distribution.formats.clean import one_line
from services.distribution.pages.programme import alternates
from services.distribution.pages.reader import Language
from services.distribution.programme import decode
from services.distribution.selection import Selection
from services.distribution.state import Opened, State
from shared.web.locale import _, n_

router = APIRouter()


@router.get("/{lang}/organisers")
async def list_organisers(request: Request, state: Opened, lang: Language) -> Response:  # noqa: ARG001 - asked for so that it is checked
    """List the organisations by name, with the number of their events."""
    return await state.pages.render(
        request,
        "organisers.html",
        title=_("Organizatorzy"),
        organisers=_organisers(state),
        alternates=alternates(request, state),
    )


def _organisers(state: State) -> list[dict[str, Any]]:
    known = state.imprint.region.organisations
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for listing in Selection().of(state.programme):
        slug = listing.organiser
        counts[slug] += 1
        if slug not in names:
            names[slug] = known[slug].name if slug in known else one_line(decode(listing).organiser.name)
    rows = [
        {
            "name": names[slug],
            "town": known[slug].town if slug in known else "",
            "website": known[slug].website if slug in known and known[slug].verified else None,
            "count": n_("%(num)s wydarzenie", "%(num)s wydarzeń", count),
        }
        for slug, count in counts.items()
    ]
    return sorted(rows, key=lambda row: str(row["name"]).casefold())
