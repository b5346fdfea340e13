"""Pages of the conversation about an entry: remarks to the organisation, notes for the curators."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry.model import Entry
from services.calendar.entry.publication import EntryChange
from services.calendar.review import model as review_model
from services.calendar.review.commands import apply_command, get_entry
from services.calendar.review.pages import render_entry
from services.calendar.review.queue import keep_place, read_queue_filters
from services.calendar.review.thread_view import FormKind, Written
from services.calendar.state import Service, State
from shared.i18n.text import Text, _
from shared.remarks import make_remark_id, read_remark
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
    await state.pages.read_form(request)
    await apply_command(state, entry_id, _settle, seen=None)
    return _redirect(request, state, entry_id, _SETTLED)


async def _write(  # noqa: PLR0917 - one sentence
    request: Request, state: State, entry_id: str, kind: FormKind, rule: Callable[..., EntryChange], done: Text
) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    entry = await get_entry(state, entry_id)
    key, text = make_remark_id(read_field(form, "key")), read_field(form, "text")
    if REDRAW_FIELD in form:
        error = find_remark_error(text) if read_field(form, REDRAW_FIELD) == "errors" else ""
        return await render_entry(request, state, entry, written=Written(kind, key, text, error))
    try:
        await apply_command(state, entry_id, partial(rule, id=key, text=read_remark(text)), seen=None)
    except REMARK_ERRORS as refused:
        written = Written(kind, key, text, describe_error(refused))
        return await render_entry(request, state, entry, written=written)
    return _redirect(request, state, entry_id, done)


def _settle(entry: Entry, /, *, now: str) -> EntryChange:
    return review_model.settle(entry, now=now)


def _redirect(request: Request, state: State, entry_id: str, done: Text) -> Response:
    address = keep_place(request, read_queue_filters(request, state), f"/calendar/entries/{entry_id}")
    response = state.pages.redirect(f"{address}#conversation")
    state.pages.flash(response, done, request)
    return response
