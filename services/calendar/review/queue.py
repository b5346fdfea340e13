"""Queue page: the entries that wait for a decision, reported facts first, then the longest waiting."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry import filter_form
from services.calendar.entry.diff import list_changes
from services.calendar.entry.filter_form import FilterForm
from services.calendar.entry.model import (
    Entry,
    QueueReason,
    get_accepted_event,
    get_live_status,
    get_postponing_side,
    get_proposed_event,
    get_reported_facts,
)
from services.calendar.entry.promise import AnswerDays, is_overdue
from services.calendar.entry.selection import EntrySelection
from services.calendar.entry.view import EventView, get_title
from services.calendar.programme.pages import read_list_link
from services.calendar.programme.view import BACK
from services.calendar.state import Service, State
from shared.event.date_phrases import format_dates
from shared.i18n.text import Text, _, n_, translate
from shared.web.auth.roles import require_page_account
from shared.web.pages.layout import RedrawForm
from shared.web.pages.parts import ErrorLink
from shared.web.pages.readiness_view import format_badge, format_texts
from shared.web.paging import Paging, clamp_page, link_pages, read_page

HOME = "/calendar/"
NAMES = ("organisation", "matter", "county")
ON_A_PAGE = 25

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_page_account("curator"))])


@dataclass(frozen=True, slots=True)
class QueueRow:
    """``picked`` is empty where nothing waits for a decision."""

    picked: str
    url: str
    title: str
    title_lang: str
    also: str
    when: str
    organisation: str
    queue_reason: str
    unanswered: bool
    waits: str
    late: bool = False
    overdue: bool = False
    texts: str = ""
    readiness: str = ""


@router.get("/calendar/")
async def show_queue(request: Request, state: Service) -> Response:
    return await render_queue(request, state)


@router.get("/calendar")
async def redirect_to_queue(state: Service) -> Response:
    return state.pages.redirect(HOME)


def read_queue_filters(request: Request, state: State) -> FilterForm:
    """Raises BadRequest if a filter has a value that it cannot have."""
    return filter_form.read_filters(request, state.region, NAMES, review=("waiting",))


def make_queue_address(filters: FilterForm, page: int, path: str = HOME) -> str:
    return filters.make_address(path, page=page) if page > 1 else filters.make_address(path)


def keep_place(request: Request, filters: FilterForm, path: str) -> str:
    """Return the address of a page about an entry, with the list from which the entry was opened."""
    opened_from = read_list_link(request)
    return filters.make_address(path, **({BACK: opened_from.url} if opened_from else {}))


async def render_queue(
    request: Request, state: State, *, status: int = 200, errors: Sequence[ErrorLink] = ()
) -> Response:
    filters, lang = read_queue_filters(request, state), state.pages.choose_language(request)
    count = await state.entries.count(filters.selection)
    page = clamp_page(read_page(request), count=count, size=ON_A_PAGE)
    found = await state.entries.list_queue(filters.selection, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    queue_reasons = await state.entries.list_queue_reasons([entry.id for entry in found])
    action = make_queue_address(filters, page, "/calendar/decisions")
    names = await state.get_organisation_names()
    view = EventView(state.region, lang, names=names)
    now, answer_days = state.now(), await state.calls.get_answer_days()
    choices = {
        "organisation": await filter_form.list_organisations(state.entries, names, lang),
        "matter": filter_form.list_queue_reasons(lang),
        "county": filter_form.list_counties(state.region, lang),
    }
    return await state.pages.render(
        request,
        "queue.html",
        status=status,
        title=_("To decide"),
        headers={"Cache-Control": "no-store"},
        rows=[
            make_row(entry, queue_reasons[entry.id], view, filters, now=now, answer_days=answer_days) for entry in found
        ],
        count=count,
        unanswered=0 if filters.selection.unanswered else await state.entries.count(EntrySelection(unanswered=True)),
        filters=filters,
        choices=choices,
        active=filters.list_active(HOME, choices),
        here=make_queue_address(filters, page),
        action=action,
        paging=make_paging(filters, page, shown=len(found), count=count),
        redraw=RedrawForm("queue", action, "errors") if errors and found else None,
        errors=errors,
    )


def make_row(
    entry: Entry,
    queue_reason: QueueReason,
    view: EventView,
    filters: FilterForm,
    *,
    now: str,
    answer_days: AnswerDays,
) -> QueueRow:
    title, title_lang = get_title(entry.event, view.language)
    return QueueRow(
        picked=f"{entry.id}.{entry.review_number}" if entry.waiting else "",
        url=f"/calendar/entries/{entry.id}{filters.query}",
        title=title,
        title_lang=title_lang,
        also=_describe_changes(entry, view),
        when=format_dates(entry.event.dates, view.language),
        organisation=view.name_organisation(entry.organiser),
        queue_reason=queue_reason if entry.waiting or get_reported_facts(entry) else "",
        unanswered=entry.unanswered,
        waits=translate(describe_waiting(entry.sent_at, now), view.language),
        late=entry.late,
        overdue=is_overdue(entry, answer_days, datetime.fromisoformat(now)),
        texts=format_texts(entry.event, view.region),
        readiness=format_badge(entry.event, view.region, view.language),
    )


def describe_waiting(since: str, now: str) -> Text:
    days = (datetime.fromisoformat(now) - datetime.fromisoformat(since)).days
    return n_("%(num)s day", "%(num)s days", days) if days > 0 else _("since today")


def make_paging(filters: FilterForm, page: int, *, shown: int, count: int) -> Paging | None:
    """Link the pages as "1–25 of 37"; None if all fits on one."""
    if page == 1 and count <= shown:
        return None
    first = (page - 1) * ON_A_PAGE + 1
    last = first + shown - 1
    words = _("%(first)s–%(last)s of %(count)s", first=first, last=last, count=count) if shown else ""
    return link_pages(
        page, has_next=last < count, words=words, make_address=lambda number: filters.make_address(HOME, page=number)
    )


def _describe_changes(entry: Entry, view: EventView) -> str:
    """What a reviewer should know before opening: changed fields, cancelled."""
    parts = []
    if get_live_status(entry) == "cancelled":
        parts.append(translate(_("in the programme as cancelled"), view.language))
    if get_postponing_side(entry):
        parts.append(translate(_("in the programme as postponed"), view.language))
    live, proposal = get_accepted_event(entry), get_proposed_event(entry)
    if live and proposal:
        named = [view.get_label(change.field) for change in list_changes(live, proposal)]
        if named:
            fields = ", ".join(named)
            parts.append(translate(_("changes: %(fields)s", fields=fields), view.language))
    return "; ".join(parts)
