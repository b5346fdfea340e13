"""View of requests: rows, and the form for a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.calendar.request.model import EventRequest
from shared.event.date_phrases import format_day, format_local_time, format_month_name
from shared.i18n.text import Text, p_, translate
from shared.messages import RequestState
from shared.region import Region

STATES: Final[Mapping[RequestState, Text]] = {
    "open": p_("request", "Not answered yet"),
    "answered": p_("request", "Answered by an event"),
    "refused": p_("request", "No, because"),
    "withdrawn": p_("request", "Taken back"),
}
MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``answer_url`` leads to the event that answers it; ``reason`` says why there is none."""

    id: str
    organisation: str
    text: str
    about: str
    asked: str
    until: str
    state: str
    is_open: bool
    is_late: bool
    answer_url: str
    reason: str


def make_row(request: EventRequest, names: Mapping[str, str], lang: str, region: Region, *, today: date) -> RequestRow:
    until = date.fromisoformat(request.until)
    return RequestRow(
        id=request.id,
        organisation=names.get(request.organisation, request.organisation),
        text=request.text,
        about=" · ".join(_list_about(request, lang, region)),
        asked=format_local_time(request.asked_at, lang, region.time_zone),
        until=format_day(until, lang),
        state=translate(STATES[request.state], lang),
        is_open=request.is_open,
        is_late=request.is_open and until < today,
        answer_url=f"/calendar/entries/{request.answer}" if request.state == "answered" else "",
        reason=request.answer or "" if request.state == "refused" else "",
    )


def _list_about(request: EventRequest, lang: str, region: Region) -> Iterable[str]:
    county = region.counties.get(request.county or "")
    if county:
        yield county.get_label(lang)
    if request.month:
        yield _write_month(request.month, lang)


def list_months(today: date, lang: str) -> Sequence[tuple[str, str]]:
    """List this month and those that follow, as the form offers them."""
    found = []
    for ahead in range(MONTHS):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        code = f"{year:04}-{month + 1:02}"
        found.append((code, _write_month(code, lang)))
    return found


def _write_month(code: str, lang: str) -> str:
    return f"{format_month_name(int(code[5:]), lang)} {code[:4]}"
