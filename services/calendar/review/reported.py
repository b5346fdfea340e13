"""Reported facts on the page of an entry: one click confirms them, one takes them back."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry.model import Action
from services.calendar.entry.publication import EntryChange
from services.calendar.entry.view import get_title
from services.calendar.review import model as review_model
from services.calendar.review.commands import apply_decision, get_entry
from services.calendar.review.forms import Refusal, read_decision_form, read_texts
from services.calendar.review.model import CuratorAct
from services.calendar.review.pages import EntryForm, render_entry
from services.calendar.review.problems import RULE_ERRORS, read_problem
from services.calendar.review.queue import keep_place, read_queue_filters
from services.calendar.state import Service, State
from shared.event.vocabulary import NOT_CONFIRMED
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageCurator, require_page_account

router = APIRouter(
    prefix="/calendar/entries", include_in_schema=False, dependencies=[Depends(require_page_account("curator"))]
)

_CONFIRMED = _("Confirmed: %(title)s. The mark in the programme is gone.")
_TAKEN_BACK = _(
    "Taken back: %(title)s. The programme shows again what was accepted before, and the organisation is told."
)


@router.post("/{entry_id}/reported/confirm")
async def confirm(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _decide(request, state, entry_id, "accepted", review_model.confirm_report, _CONFIRMED, by=account.name)


@router.post("/{entry_id}/reported/take-back")
async def take_back(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    rule = review_model.take_back_report
    return await _decide(request, state, entry_id, "taken_back", rule, _TAKEN_BACK, by=account.name)


async def _decide(  # noqa: PLR0917 - one sentence
    request: Request,
    state: State,
    entry_id: str,
    what: Action,
    rule: Callable[..., EntryChange],
    done: Text,
    *,
    by: str,
) -> Response:
    """A comment that is typed goes along; a remark or note stays in its field."""
    form = await state.pages.read_form(request)
    values, texts = read_decision_form(form), read_texts(form)
    try:
        comment = review_model.read_comment(values.comment)
        reason = NOT_CONFIRMED if what == "taken_back" else None
        act = CuratorAct(what, by, reason, comment)
        entry = await apply_decision(state, entry_id, partial(rule, by=by, comment=comment), seen=values.seen, act=act)
    except RULE_ERRORS as error:
        refusal = Refusal(read_problem(error), values)
        return await render_entry(request, state, await get_entry(state, entry_id), EntryForm(values, texts, refusal))
    told = Text(done.msgid, {"title": get_title(entry.event, state.pages.choose_language(request)).text})
    if texts:
        return await render_entry(request, state, entry, EntryForm(texts=texts, done=told))
    response = state.pages.redirect(
        keep_place(request, read_queue_filters(request, state), f"/calendar/entries/{entry_id}")
    )
    state.pages.flash(response, told, request)
    return response
