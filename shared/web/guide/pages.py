"""The guide of a service, open to everybody: who is invited reads it before the first log-in."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.accounts.model import CURATORS
from shared.i18n.text import SOURCE, _
from shared.settings import CommonSettings
from shared.web.auth.roles import find_current_account
from shared.web.guide.model import Guide, Picture, list_ids, parse_guide
from shared.web.pages.language import STAFF_LANGUAGES
from shared.web.pages.renderer import NavigationItem, Pages
from shared.web.pages.static import FOLDER as STATIC
from shared.web.pages.static import load_static_files

StaffService = Literal["ingest", "calendar"]

FOLDER: Final = Path(__file__).parents[3] / "docs" / "guides"
"""Beside the packages, in the image too."""
FILES: Final[Mapping[StaffService, str]] = {"ingest": "editor.md", "calendar": "curator.md"}
_WEBP_SIZE: Final = struct.Struct("<26xHH")
"""Of a lossy picture, after the headers of container and frame."""


def create_guide_router(service: StaffService, settings: CommonSettings) -> APIRouter:
    """Raises OSError, StaticFileMissing, KeyError or ValueError if a guide cannot be read."""
    guides = {language: read_guide(language, FILES[service], settings) for language in STAFF_LANGUAGES}
    router = APIRouter(include_in_schema=False)

    @router.get(f"/{service}/guide")
    async def show_guide(request: Request) -> Response:
        pages: Pages = request.app.state.pages
        await find_current_account(request)  # for the header, and the person's language
        guide = guides[pages.choose_language(request)]
        return await pages.render(request, "guide.html", title=guide.title, guide=guide)

    return router


def list_guide_links(service: StaffService, settings: CommonSettings) -> Sequence[NavigationItem]:
    """For the footer: editors are shown theirs, who also does other things is shown both."""
    if service == "calendar":
        return [NavigationItem(_("Guide for curators"), "/calendar/guide")]
    others = frozenset({*CURATORS, "administrator"})
    return [
        NavigationItem(_("Guide for editors"), "/ingest/guide"),
        NavigationItem(_("Guide for curators"), f"{settings.calendar_url}/calendar/guide", others),
    ]


def read_guide(language: str, file: str, settings: CommonSettings) -> Guide:
    addresses = {
        FILES["ingest"]: f"{settings.ingest_url}/ingest/guide",
        FILES["calendar"]: f"{settings.calendar_url}/calendar/guide",
    }
    return parse_guide(
        _read(language, file), ids=list_ids(_read(SOURCE, file)), find_picture=_find_picture, addresses=addresses
    )


def _read(language: str, file: str) -> str:
    return (FOLDER / language / file).read_text(encoding="utf-8")


def _find_picture(path: str) -> Picture:
    """Find a picture among the static files; the Markdown names it by its place in the repository."""
    name = path.rpartition("/static/")[2]
    url = load_static_files().get_url(name)
    width, height = _WEBP_SIZE.unpack_from((STATIC / name).read_bytes())
    return Picture(url, width, height)
