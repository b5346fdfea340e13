"""The accessibility statement that Polish law asks of every public site; the region pack holds its facts.

A pack without ``accessibility.toml`` has no statement: the page is not there, and no footer leads to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.languages import text_in
from shared.region import read_pack_file
from shared.settings import CommonSettings
from shared.web.locale import _
from shared.web.pages import STATEMENT, Pages
from shared.web.phrases import day_phrase
from shared.web.problems import NotFound

Texts = Mapping[str, str]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The facts of a statement: when the site was published and last changed, when the statement was made and reviewed.

    ``barriers`` say what is not accessible and why; ``auditor`` is empty where the publisher examined the site itself.
    ``address`` is that of the seat, ``architecture`` and ``communication`` tell how to get into it and to talk there.
    """

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


def accessibility_router(settings: CommonSettings) -> APIRouter | None:
    """Make the page ``/{lang}/accessibility``; None if the region pack has no statement.

    Raises:
        RegionPackBroken: if the statement cannot be read.

    """
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
        facts = _facts(statement, lang, pages, settings.public_url)
        return await pages.render(request, "accessibility.html", title=_("Deklaracja dostępności"), statement=facts)

    return router


def _facts(statement: Statement, lang: str, pages: Pages, url: str) -> dict[str, Any]:
    """Give what ``accessibility.html`` shows, in a language."""
    facts = {
        "entity": pages.region.publisher_label(lang),
        "site_name": f"Kalendarium – {pages.region.label(lang)}",
        "url": url,
        "status": statement.status,
        "auditor": statement.auditor,
        "address": statement.address,
        "contact": {"person": statement.person, "email": statement.email, "phone": statement.phone},
    }
    dates = {name: _day(getattr(statement, name), lang) for name in ("published", "updated", "prepared", "reviewed")}
    texts = {name: _said(getattr(statement, name), lang) for name in ("barriers", "architecture", "communication")}
    return facts | dates | texts


def _day(day: date | None, lang: str) -> dict[str, str] | None:
    return {"iso": day.isoformat(), "words": day_phrase(day, lang)} if day else None


def _said(texts: tuple[Texts, ...], lang: str) -> list[str]:
    return [found[0] for each in texts if (found := text_in(each, lang))]
