"""The queue: what waits for a decision, longest first; decisions on many at once."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.calendar.domain.differences import changes
from services.calendar.domain.entry import Entry, Matter, live_status
from services.calendar.pages import filtering
from services.calendar.pages.filtering import Filters
from services.calendar.pages.spoken import Speaker, title_of
from services.calendar.state import Service, State
from shared.messages import read_event
from shared.web.access import PageCurator
from shared.web.frame import Link
from shared.web.locale import Text, _, n_, translate
from shared.web.phrases import date_phrase

HOME = "/calendar/"
NAMES = ("organisation", "matter", "county")
ON_A_PAGE = 25

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the queue shows it; ``picked`` is its id and the review number that is seen."""

    picked: str
    url: str
    title: str
    title_lang: str
    also: str
    when: str
    organisation: str
    matter: str
    waits: str


@router.get("/calendar/")
async def show_queue(request: Request, account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Show what waits for a decision."""
    return await queue_page(request, state)


@router.get("/calendar")
async def lead_to_queue(account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Lead to the queue."""
    return state.pages.redirect(HOME)


def waiting_in(request: Request, state: State) -> Filters:
    """Read what of the queue is asked for.

    Raises:
        BadRequest: if a filter has a value that it cannot have.

    """
    return filtering.filters_in(request, state, NAMES, review=("waiting",))


async def queue_page(
    request: Request, state: State, *, status: int = 200, errors: Sequence[dict[str, str]] = ()
) -> Response:
    """Draw the queue, with what is wrong if nothing could be done."""
    filters, page = waiting_in(request, state), filtering.page_in(request)
    lang = state.pages.language(request)
    count = await state.entries.count(filters.selection)
    found = await state.entries.queue(filters.selection, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    comes_as = await state.entries.matters([entry.id for entry in found])
    speaker = Speaker(state.region, lang)
    choices = {
        "organisation": await filtering.organisations(state),
        "matter": filtering.matters(lang),
        "county": filtering.counties(state, lang),
    }
    return await state.pages.render(
        request,
        "queue.html",
        status=status,
        title=_("Do decyzji"),
        headers={"Cache-Control": "no-store"},
        rows=[row(entry, comes_as[entry.id], speaker, filters, now=state.now()) for entry in found],
        count=count,
        filters=filters,
        choices=choices,
        active=filters.active(HOME, choices),
        here=filters.at(HOME, page=page) if page > 1 else filters.at(HOME),
        paging=paging(filters, page, shown=len(found), count=count),
        errors=errors,
    )


def row(entry: Entry, comes_as: Matter, speaker: Speaker, filters: Filters, *, now: str) -> Row:
    """Give an entry as the queue shows it."""
    title, title_lang = title_of(entry.event, speaker.language)
    return Row(
        picked=f"{entry.id}.{entry.review_number}",
        url=f"/calendar/entries/{entry.id}{filters.query}",
        title=title,
        title_lang=title_lang,
        also=_also(entry, speaker),
        when=date_phrase(read_event(entry.event).dates, speaker.language),
        organisation=entry.organiser.name,
        matter=comes_as,
        waits=translate(waiting_words(entry.sent_at, now), speaker.language),
    )


def waiting_words(since: str, now: str) -> Text:
    """Say for how long something waits."""
    days = (datetime.fromisoformat(now) - datetime.fromisoformat(since)).days
    return n_("%(num)s dzień", "%(num)s dni", days) if days > 0 else _("od dziś")


def paging(filters: Filters, page: int, *, shown: int, count: int) -> dict[str, Any] | None:
    """Give the links to the pages before and after, and "1–25 z 37"; None if all fits on one."""
    if page == 1 and count <= shown:
        return None
    first = (page - 1) * ON_A_PAGE + 1
    last = first + shown - 1
    before = Link(_("Wstecz"), filters.at(HOME, page=page - 1)) if page > 1 else None
    after = Link(_("Dalej"), filters.at(HOME, page=page + 1)) if last < count else None
    words = _("%(first)s–%(last)s z %(count)s", first=first, last=last, count=count) if shown else ""
    return {"previous": before, "next": after, "words": words}


def _also(entry: Entry, speaker: Speaker) -> str:
    """Say in a second line what a reviewer should know before opening: what changes, and that it is called off."""
    said = []
    if live_status(entry) == "cancelled":
        said.append(translate(_("w programie jako odwołane"), speaker.language))
    if entry.live and entry.proposal:
        named = [speaker.label(change.field) for change in changes(entry.live.event, entry.proposal.event)]
        if named:
            fields = ", ".join(named)
            said.append(translate(_("zmienia się: %(fields)s", fields=fields), speaker.language))
    return "; ".join(said)
