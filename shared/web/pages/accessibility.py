"""The accessibility statement that Polish law requires of public sites, with the facts of the region pack.

A pack without ``accessibility.toml`` has no statement, no page and no link to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.event.date_phrases import format_day
from shared.i18n.languages import choose_text
from shared.i18n.text import _
from shared.region import read_pack_file
from shared.settings import CommonSettings
from shared.web.pages.renderer import STATEMENT, PageAddress, Pages
from shared.web.problems import NotFound

Texts = Mapping[str, str]
TITLE: Final = _("Accessibility statement")
ADDRESS: Final = PageAddress("accessibility")


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The facts of a statement."""

    # ``barriers`` say what is not accessible and why; ``auditor`` is empty after a self-assessment. ``address`` is that
    # of the seat; ``architecture`` and ``communication`` describe access to it.

    published: date
    updated: date
    prepared: date
    reviewed: date | None = None
    status: Literal["full", "partial", "none"]
    email: str
    phone: str = ""
    person: str = ""
    auditor: str = ""
    address: str = ""
    barriers: tuple[Texts, ...] = ()
    architecture: tuple[Texts, ...] = ()
    communication: tuple[Texts, ...] = ()


def create_accessibility_router(settings: CommonSettings) -> APIRouter | None:
    """None if the region pack has no statement. Raises RegionPackBroken if the statement cannot be read."""
    file = settings.region / STATEMENT
    if not file.is_file():
        return None
    statement = read_pack_file(file, Statement)
    router = APIRouter(include_in_schema=False)

    @router.get("/{lang}/accessibility")
    async def accessibility(request: Request, lang: str) -> Response:
        pages: Pages = request.app.state.pages
        if lang not in pages.languages:
            raise NotFound
        facts = _build_facts(statement, lang, pages, settings.public_url)
        return await pages.render(
            request, "accessibility.html", title=TITLE, address=ADDRESS, description=TITLE, statement=facts
        )

    return router


def _build_facts(statement: Statement, lang: str, pages: Pages, url: str) -> dict[str, Any]:
    facts = {
        "entity": pages.region.publisher_label(lang),
        "site_name": f"Kalendarium – {pages.region.label(lang)}",
        "url": url,
        "status": statement.status,
        "auditor": statement.auditor,
        "address": statement.address,
        "contact": {"person": statement.person, "email": statement.email, "phone": statement.phone},
    }
    dates = {
        name: _build_day(getattr(statement, name), lang) for name in ("published", "updated", "prepared", "reviewed")
    }
    texts = {
        name: _choose_texts(getattr(statement, name), lang) for name in ("barriers", "architecture", "communication")
    }
    return facts | dates | texts


def _build_day(day: date | None, lang: str) -> dict[str, str] | None:
    return {"iso": day.isoformat(), "words": format_day(day, lang)} if day else None


def _choose_texts(texts: tuple[Texts, ...], lang: str) -> list[str]:
    return [found[0] for each in texts if (found := choose_text(each, lang))]
