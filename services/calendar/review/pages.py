"""Entry page, with the decision form."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry.filter_form import FilterForm
from services.calendar.entry.model import Entry, get_reported_facts
from services.calendar.entry.repository import get_position
from services.calendar.entry.view import EventView, get_title
from services.calendar.programme.pages import read_list_link
from services.calendar.review.commands import apply_decision, get_entry
from services.calendar.review.forms import DecisionForm, Refusal, find_refusal, read_decision_form, read_texts
from services.calendar.review.parts import make_parts, read_umbrella_titles
from services.calendar.review.problems import RULE_ERRORS, read_problem
from services.calendar.review.queue import HOME, ON_A_PAGE, keep_place, make_queue_address, read_queue_filters
from services.calendar.review.thread_view import WrittenTexts, list_thread, make_form
from services.calendar.review.view import QueueNeighbours, make_entry_view
from services.calendar.state import Service, State
from shared.event.vocabulary import REASONS
from shared.i18n.text import Text, _, translate
from shared.web.auth.roles import PageCurator, require_page_account
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.pages.layout import RedrawForm

router = APIRouter(
    prefix="/calendar/entries", include_in_schema=False, dependencies=[Depends(require_page_account("curator"))]
)

DONE_TEXTS: Mapping[str, Text] = {
    "accept": _("Accepted: %(title)s. The event is in the programme."),
    "reject": _("Rejected: %(title)s. The organisation reads the reason."),
    "request_changes": _("Changes requested: %(title)s. The organisation reads the comment."),
}


@dataclass(frozen=True, slots=True)
class EntryForm:
    """What is typed on the page of an entry: ``seen`` is the review number that the form is about, 0 for the present.

    ``done`` is what the act has done, if the page is its answer.
    """

    values: DecisionForm = field(default_factory=DecisionForm)
    texts: WrittenTexts = field(default_factory=WrittenTexts)
    refusal: Refusal | None = None
    seen: int = 0
    done: Text | None = None


@router.get("/{entry_id}")
async def show_entry(request: Request, entry_id: str, state: Service) -> Response:
    return await render_entry(request, state, await get_entry(state, entry_id))


@router.post("/{entry_id}/decision")
async def decide_entry(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    values, texts = read_decision_form(form), read_texts(form)
    if REDRAW_FIELD in form:
        entry = await get_entry(state, entry_id)
        refusal = find_refusal(
            entry,
            values,
            read_field(form, REDRAW_FIELD),
            lambda entry: values.make_command(by=account.name)(entry, now=state.now()),
        )
        return await render_entry(request, state, entry, EntryForm(values, texts, refusal))
    try:
        command, act = values.make_command(by=account.name), values.make_act(by=account.name)
        entry = await apply_decision(state, entry_id, command, seen=values.seen, act=act)
    except RULE_ERRORS as error:
        refusal = Refusal(read_problem(error), values)
        return await render_entry(request, state, await get_entry(state, entry_id), EntryForm(values, texts, refusal))
    title = get_title(entry.event, state.pages.choose_language(request)).text
    done = Text(DONE_TEXTS[values.decision].msgid, {"title": title})
    if texts:  # a remark that was not sent yet keeps the curator here
        return await render_entry(request, state, entry, EntryForm(texts=texts, done=done))
    filters = read_queue_filters(request, state)
    response = state.pages.redirect(await _find_next(request, state, filters, entry))
    state.pages.flash(response, done, request)
    return response


async def _find_next(request: Request, state: State, filters: FilterForm, entry: Entry) -> str:
    """Return the address to go on with: the list from which the entry was opened, else the next that waits."""
    if opened_from := read_list_link(request):
        return opened_from.url
    _before, following = await state.entries.find_neighbours(filters.selection, get_position(entry))
    return filters.make_address(f"/calendar/entries/{following}" if following else HOME)


async def render_entry(
    request: Request,
    state: State,
    entry: Entry,
    form: EntryForm | None = None,
) -> Response:
    form = form or EntryForm()
    refusal, failed = form.refusal, form.texts.failed
    lang = state.pages.choose_language(request)
    filters = read_queue_filters(request, state)
    umbrellas = await read_umbrella_titles(state, entry, lang)
    event_view = EventView(state.region, lang, names=await state.get_organisation_names(), umbrellas=umbrellas)
    view = make_entry_view(entry, event_view, today=state.get_today())
    here = f"/calendar/entries/{entry.id}"
    remark, note = (
        make_form(keep_place(request, filters, f"{here}/{each.kind}s"), each)
        for each in (form.texts.remark, form.texts.note)
    )
    decide_url, settle_url, cancel_url, postpone_url, reinstate_url, withdraw_url, confirm_url, take_back_url = (
        keep_place(request, filters, f"{here}/{act}")
        for act in (
            "decision",
            "settled",
            "cancel",
            "postpone",
            "reinstate",
            "withdraw",
            "reported/confirm",
            "reported/take-back",
        )
    )
    redraw = RedrawForm("entry-form", decide_url, refusal.mode if refusal else "")
    if failed is not None:
        redraw = RedrawForm("entry-form", (remark if failed == "remark" else note).action, "errors")
    return await state.pages.render(
        request,
        "entry.html",
        status=refusal.problem.status_code if refusal else 422 if failed else 200,
        title=view.heading.text,
        redraw=redraw,
        flash=form.done,
        entry=entry,
        own=entry.organiser.slug in state.edited,
        organisation=event_view.name_organisation(entry.organiser),
        view=view,
        parts=await make_parts(
            state, entry, lang, lambda entry_id: keep_place(request, filters, f"/calendar/entries/{entry_id}")
        ),
        thread=list_thread(entry, event_view),
        remark=remark,
        note=note,
        way=await _find_neighbours(state, filters, entry),
        contact_url=f"{state.pages.settings.ingest_url}/ingest/contacts/{entry.id}",
        opened_from=read_list_link(request),
        decide_url=decide_url,
        settle_url=settle_url,
        cancel_url=cancel_url,
        postpone_url=postpone_url,
        reinstate_url=reinstate_url,
        withdraw_url=withdraw_url,
        confirm_url=confirm_url,
        take_back_url=take_back_url,
        reasons=[(code, translate(words, lang)) for code, words in REASONS.items()],
        refusal=refusal,
        values=form.values,
        errors=refusal.errors if refusal else {},
        review_number=form.seen or entry.review_number,
        filters=filters,
    )


async def _find_neighbours(state: State, filters: FilterForm, entry: Entry) -> QueueNeighbours | None:
    if not entry.waiting and not get_reported_facts(entry):
        return None
    place = get_position(entry)
    before, after = await state.entries.find_neighbours(filters.selection, place)
    position = await state.entries.count(filters.selection, before=place) + 1
    return QueueNeighbours(
        position=position,
        count=await state.entries.count(filters.selection),
        url=make_queue_address(filters, (position - 1) // ON_A_PAGE + 1),
        previous=filters.make_address(f"/calendar/entries/{before}") if before else "",
        next=filters.make_address(f"/calendar/entries/{after}") if after else "",
    )
