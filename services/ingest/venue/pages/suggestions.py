"""Suggestions while somebody types a venue into the form: JSON for venues.js."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

import time
from math import ceil
from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service
from services.ingest.venue.model import WORDS, RegisteredVenue
from services.ingest.venue.venue_index import MAX_QUERY
from shared.decimals import write_decimal
from shared.i18n.text import n_, translate
from shared.web.auth.roles import PageEditor
from shared.web.middleware.rate_windows import FixedWindows
from shared.web.problems import TooManyRequests

router = APIRouter(prefix="/ingest/venues")

PER_MINUTE: Final = 240
"""Of one person; nobody types as many letters."""
_windows: Final = FixedWindows()


@router.get("/suggestions")
async def suggest(request: Request, account: PageEditor, state: Service) -> Response:
    window = _windows.count(account.id, 60)
    if window.requests > PER_MINUTE:
        raise TooManyRequests(retry_after=max(1, ceil(window.ends_at - time.time())))
    found = state.venues.index.suggest(request.query_params.get("q", "")[:MAX_QUERY])
    said = n_("%(num)s place of the register fits.", "%(num)s places of the register fit.", len(found))
    body = {
        "items": [_write(each) for each in found],
        "said": translate(said, state.pages.choose_language(request)),
    }
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def _write(venue: RegisteredVenue) -> dict[str, object]:
    """The values as the fields of the form take them."""
    fields = {name: getattr(venue, name) or "" for name in WORDS}
    fields |= {"lat": write_decimal(venue.lat), "lon": write_decimal(venue.lon)}
    return {"id": venue.id, "label": venue.label, "fields": fields}
