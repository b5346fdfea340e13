"""Routes of ``/`` and ``/robots.txt``."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from services.distribution.state import State
from shared.web.caching import DOCUMENT
from shared.web.pages.language import negotiate_language

router = APIRouter()

ROBOTS = "User-agent: *\nDisallow: /ingest/\nDisallow: /calendar/\n"
"""Feeds must stay allowed: calendars of the big providers ask robots.txt before they subscribe."""


@router.get("/")
async def redirect_to_language(request: Request) -> Response:
    state: State = request.app.state.service
    known = state.site.region.languages
    language = negotiate_language(request.headers.get("accept-language", ""), known.site, default=known.default)
    return RedirectResponse(f"/{language}/", status_code=302, headers={"Vary": "Accept-Language"})


@router.get("/robots.txt")
async def show_robots(request: Request) -> Response:
    state: State = request.app.state.service
    said = f"{ROBOTS}\nSitemap: {state.site.public_url}/sitemap.xml\n"
    return PlainTextResponse(said, headers={"Cache-Control": DOCUMENT})
