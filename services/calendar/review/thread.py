"""Pages of the conversation about an entry: remarks to the organisation, notes for the curators."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange
from services.calendar.review import model as review_model
from services.calendar.review.commands import apply_command, get_entry
from services.calendar.review.forms import DecisionForm, read_decision_form, read_texts
from services.calendar.review.pages import EntryForm, render_entry
from services.calendar.review.queue import keep_place, read_queue_filters
from services.calendar.review.thread_view import FormKind, Written, WrittenTexts
from services.calendar.state import Service, State
from shared.i18n.text import Text, _
from shared.remarks import read_remark
from shared.web.auth.roles import PageCurator, require_page_account
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.remark_problems import REMARK_ERRORS, describe_error, find_remark_error

router = APIRouter(
    prefix="/calendar/entries", include_in_schema=False, dependencies=[Depends(require_page_account("curator"))]
)

_SENT = _("The organisation can read the remark now.")
_KEPT = _("The note is kept.")
_SETTLED = _("Nothing is left to answer.")


@router.post("/{entry_id}/remarks")
async def send_remark(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _write(request, state, entry_id, "remark", partial(review_model.write_remark, by=account.name), _SENT)


@router.post("/{entry_id}/notes")
async def keep_note(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _write(request, state, entry_id, "note", partial(review_model.write_note, by=account.name), _KEPT)


@router.post("/{entry_id}/settled")
async def settle_remark(request: Request, entry_id: str, state: Service) -> Response:
    form = await state.pages.read_form(request)
    entry = await apply_command(state, entry_id, _settle, seen=None)
    return await _respond(request, state, entry, read_decision_form(form), read_texts(form), _SETTLED)


async def _write(  # noqa: PLR0917 - one sentence
    request: Request, state: State, entry_id: str, kind: FormKind, rule: Callable[..., EntryChange], done: Text
) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    entry = await get_entry(state, entry_id)
    values, texts = read_decision_form(form), read_texts(form)
    own = texts.get(kind)
    if REDRAW_FIELD in form:
        error = find_remark_error(own.text) if read_field(form, REDRAW_FIELD) == "errors" else ""
        return await render_entry(request, state, entry, EntryForm(values, texts.put(replace(own, error=error))))
    try:
        command = partial(rule, id=own.key, text=read_remark(own.text))
        entry = await apply_command(state, entry_id, command, seen=None)
    except REMARK_ERRORS as refused:
        texts = texts.put(replace(own, error=describe_error(refused)))
        return await render_entry(request, state, entry, EntryForm(values, texts))
    return await _respond(request, state, entry, values, texts.put(Written(kind)), done)


async def _respond(  # noqa: PLR0917 - one sentence
    request: Request, state: State, entry: Entry, values: DecisionForm, texts: WrittenTexts, done: Text
) -> Response:
    """Show the entry again; in the answer itself if something else is typed, so that it stays in its field."""
    if values or texts:
        # A decision that was begun on an earlier state is still one on that state.
        seen = entry.review_number if entry.review_number - values.seen <= 1 else values.seen
        return await render_entry(request, state, entry, EntryForm(values, texts, seen=seen, done=done))
    address = keep_place(request, read_queue_filters(request, state), f"/calendar/entries/{entry.id}")
    response = state.pages.redirect(f"{address}#conversation")
    state.pages.flash(response, done, request)
    return response


def _settle(entry: Entry, /, *, now: str) -> EntryChange:
    return review_model.settle(entry, now=now)
