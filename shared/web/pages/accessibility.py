"""The accessibility statement that Polish law requires of public sites, with the facts of the region pack.

A pack without ``accessibility.toml`` has no statement, no page and no link to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.event.date_phrases import format_day
from shared.i18n.languages import choose_text
from shared.i18n.text import _
from shared.region import Region, read_pack_file
from shared.settings import CommonSettings
from shared.web.pages.navigation import STATEMENT
from shared.web.pages.renderer import PageAddress, Pages
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


@dataclass(frozen=True, slots=True)
class StatementDay:
    """A day for programs and for people."""

    iso: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A statement in one language; ``facts`` are the same in all."""

    facts: Statement
    entity: str
    site_name: str
    url: str
    published: StatementDay
    updated: StatementDay
    prepared: StatementDay
    reviewed: StatementDay | None
    barriers: Sequence[str]
    architecture: Sequence[str]
    communication: Sequence[str]


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
        view = _make_view(statement, lang, pages.region, settings.public_url)
        return await pages.render(
            request, "accessibility.html", title=TITLE, address=ADDRESS, description=TITLE, statement=view
        )

    return router


def _make_view(statement: Statement, lang: str, region: Region, url: str) -> StatementView:
    return StatementView(
        facts=statement,
        entity=region.get_publisher_label(lang),
        site_name=f"Kalendarium – {region.get_label(lang)}",
        url=url,
        published=_make_day(statement.published, lang),
        updated=_make_day(statement.updated, lang),
        prepared=_make_day(statement.prepared, lang),
        reviewed=_make_day(statement.reviewed, lang) if statement.reviewed else None,
        barriers=_choose_texts(statement.barriers, lang),
        architecture=_choose_texts(statement.architecture, lang),
        communication=_choose_texts(statement.communication, lang),
    )


def _make_day(day: date, lang: str) -> StatementDay:
    return StatementDay(day.isoformat(), format_day(day, lang))


def _choose_texts(texts: tuple[Texts, ...], lang: str) -> list[str]:
    return [found[0] for each in texts if (found := choose_text(each, lang))]
