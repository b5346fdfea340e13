"""The way in: a reader's language, and what robots are told."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from services.distribution.state import State
from shared.web.language import accepted

router = APIRouter()

ROBOTS = "User-agent: *\nDisallow: /ingest/\nDisallow: /calendar/\n"
"""Feeds must stay allowed: calendars of the big providers ask robots.txt before they subscribe."""


@router.get("/")
async def entrance(request: Request) -> Response:
    """Lead to the programme in the language that the browser prefers."""
    state: State = request.app.state.service
    known = state.imprint.region.languages
    language = accepted(request.headers.get("accept-language", ""), known.site, otherwise=known.default)
    return RedirectResponse(f"/{language}/", status_code=302, headers={"Vary": "Accept-Language"})


@router.get("/robots.txt")
async def robots() -> Response:
    """Tell robots what is not for them."""
    return PlainTextResponse(ROBOTS)
