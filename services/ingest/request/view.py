"""View of a request: its page, and what stands among the to-dos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.ingest.request.model import KnownRequest
from services.ingest.submission.model import Submission
from services.ingest.submission.view import get_title
from services.ingest.to_do.view import ToDo
from shared.event.compact_dates import format_compact_dates
from shared.event.date_phrases import format_day, format_month_name
from shared.i18n.text import Text, _
from shared.region import Region
from shared.web.pages.layout import Link

MAX_CHOICES: Final = 300


@dataclass(frozen=True, slots=True)
class RequestView:
    """``state`` is in words where the request is closed."""

    url: str
    about: str
    until: str
    text: str
    is_open: bool
    state: Text | str


def make_view(request: KnownRequest, lang: str, region: Region) -> RequestView:
    return RequestView(
        url=f"/ingest/requests/{request.id}",
        about=_describe(request, lang, region),
        until=format_day(date.fromisoformat(request.until), lang),
        text=request.text,
        is_open=request.is_open,
        state=_describe_end(request),
    )


def list_choices(submissions: Sequence[Submission], lang: str) -> list[tuple[str, str]]:
    """List own events by which one can answer, those that begin last first."""
    usable = [each for each in submissions if each.state in {"waiting", "accepted", "changes_requested"}]
    newest = sorted(usable, key=lambda each: each.event.dates.start, reverse=True)[:MAX_CHOICES]
    return [(each.id, f"{get_title(each.event)}, {format_compact_dates(each.event.dates, lang)}") for each in newest]


def list_request_to_do(requests: Sequence[KnownRequest], lang: str, region: Region) -> list[ToDo]:
    return [_make_to_do(each, lang, region) for each in requests]


def _make_to_do(request: KnownRequest, lang: str, region: Region) -> ToDo:
    url = f"/ingest/requests/{request.id}"
    about = _describe(request, lang, region)
    until = format_day(date.fromisoformat(request.until), lang)
    return ToDo(
        kind=_("The curators ask"),
        tone="baltic",
        icon="megaphone",
        title=_("An event: %(about)s", about=about) if about else _("An event for the programme"),
        title_lang="",
        url=url,
        why=_("Until %(day)s", day=until),
        said=request.text,
        act=Link(_("Answer"), url),
    )


def _describe(request: KnownRequest, lang: str, region: Region) -> str:
    county = region.counties.get(request.county or "")
    month = f"{format_month_name(int(request.month[5:]), lang)} {request.month[:4]}" if request.month else ""
    return ", ".join(part for part in (county.get_label(lang) if county else "", month) if part)


def _describe_end(request: KnownRequest) -> Text | str:
    if request.is_open:
        return ""
    if request.state == "withdrawn" and request.own is None:
        return _("The curators took this request back.")
    if request.own and request.own.reason:
        return _("You answered: no, because %(reason)s", reason=request.own.reason)
    return _("You answered with an event. Thank you.")
