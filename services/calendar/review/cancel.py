"""Cancel, postpone, reinstate and withdraw pages, with confirmation: all take effect at once."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Depends, Request, Response

from services.calendar.entry.model import Action, Entry
from services.calendar.entry.publication import EntryChange
from services.calendar.entry.view import get_title
from services.calendar.review import model as review_model
from services.calendar.review.commands import apply_command, get_entry
from services.calendar.review.forms import DecisionForm, Refusal, find_refusal, read_decision_form
from services.calendar.review.model import CuratorAct
from services.calendar.review.parts import list_choices, list_stoppable, stop_parts
from services.calendar.review.problems import RULE_ERRORS, read_problem
from services.calendar.review.queue import keep_place, read_queue_filters
from services.calendar.state import Service, State
from shared.event.model import Event
from shared.i18n.text import Text, _, n_
from shared.web.auth.roles import PageCurator, require_page_account
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.pages.layout import RedrawForm

router = APIRouter(
    prefix="/calendar/entries", include_in_schema=False, dependencies=[Depends(require_page_account("curator"))]
)


@dataclass(frozen=True, slots=True)
class StopAction:
    """An action with a confirmation page."""

    name: str
    what: Action
    rule: Callable[..., EntryChange]
    question: Text
    consequence: Text
    button: Text
    done: Text
    parts: Text
    also_done: Callable[[int, str], Text]


CANCEL = StopAction(
    name="cancel",
    what="cancelled",
    rule=review_model.cancel,
    question=_("Cancel the event?"),
    consequence=_(
        "The event stays in the programme and in all feeds as cancelled, at once. It stays so "
        "until you accept a newer version of it."
    ),
    button=_("Cancel the event"),
    done=_("Cancelled: %(title)s. It is now in the programme as cancelled."),
    parts=_("Cancel its parts too"),
    also_done=lambda count, title: n_(
        "Cancelled: %(title)s and %(num)s part. They are now in the programme as cancelled.",
        "Cancelled: %(title)s and %(num)s parts. They are now in the programme as cancelled.",
        count,
        title=title,
    ),
)
POSTPONE = StopAction(
    name="postpone",
    what="postponed",
    rule=review_model.postpone,
    question=_("Postpone the event?"),
    consequence=_(
        "The event stays in the programme and in all feeds as postponed, at once: it does not take place on its date, "
        "and the new one is not known. It stays so until you accept a version with another date."
    ),
    button=_("Postpone the event"),
    done=_("Postponed: %(title)s. It is now in the programme as postponed."),
    parts=_("Postpone its parts too"),
    also_done=lambda count, title: n_(
        "Postponed: %(title)s and %(num)s part. They are now in the programme as postponed.",
        "Postponed: %(title)s and %(num)s parts. They are now in the programme as postponed.",
        count,
        title=title,
    ),
)
REINSTATE = StopAction(
    name="reinstate",
    what="reinstated",
    rule=review_model.reinstate,
    question=_("Does it take place on its date after all?"),
    consequence=_("The programme and all feeds announce the event for its date again, at once."),
    button=_("Announce it for its date"),
    done=_("No longer postponed: %(title)s. It is announced for its date again."),
    parts=_("Its parts too"),
    also_done=lambda count, title: n_(
        "No longer postponed: %(title)s and %(num)s part.",
        "No longer postponed: %(title)s and %(num)s parts.",
        count,
        title=title,
    ),
)
WITHDRAW = StopAction(
    name="withdraw",
    what="withdrawn",
    rule=review_model.withdraw,
    question=_("Withdraw from the programme?"),
    consequence=_(
        "The event leaves the programme and all feeds at once, and what waits for a decision stops "
        "waiting. The organisation can send it again."
    ),
    button=_("Withdraw from the programme"),
    done=_("Withdrawn: %(title)s. It is no longer in the programme."),
    parts=_("Withdraw its parts too"),
    also_done=lambda count, title: n_(
        "Withdrawn: %(title)s and %(num)s part. They are no longer in the programme.",
        "Withdrawn: %(title)s and %(num)s parts. They are no longer in the programme.",
        count,
        title=title,
    ),
)


@router.get("/{entry_id}/cancel")
async def ask_cancel(request: Request, entry_id: str, state: Service) -> Response:
    return await _ask(request, state, await get_entry(state, entry_id), CANCEL)


@router.post("/{entry_id}/cancel")
async def cancel(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _stop(request, state, entry_id, CANCEL, by=account.name)


@router.get("/{entry_id}/postpone")
async def ask_postpone(request: Request, entry_id: str, state: Service) -> Response:
    return await _ask(request, state, await get_entry(state, entry_id), POSTPONE)


@router.post("/{entry_id}/postpone")
async def postpone(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _stop(request, state, entry_id, POSTPONE, by=account.name)


@router.get("/{entry_id}/reinstate")
async def ask_reinstate(request: Request, entry_id: str, state: Service) -> Response:
    return await _ask(request, state, await get_entry(state, entry_id), REINSTATE)


@router.post("/{entry_id}/reinstate")
async def reinstate(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _stop(request, state, entry_id, REINSTATE, by=account.name)


@router.get("/{entry_id}/withdraw")
async def ask_withdraw(request: Request, entry_id: str, state: Service) -> Response:
    return await _ask(request, state, await get_entry(state, entry_id), WITHDRAW)


@router.post("/{entry_id}/withdraw")
async def withdraw(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    return await _stop(request, state, entry_id, WITHDRAW, by=account.name)


async def _stop(request: Request, state: State, entry_id: str, action: StopAction, *, by: str) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    values = read_decision_form(form)
    chosen = [value for value in form.getlist("part") if isinstance(value, str)]
    if REDRAW_FIELD in form:
        entry = await get_entry(state, entry_id)
        refusal = find_refusal(
            entry,
            values,
            read_field(form, REDRAW_FIELD),
            lambda entry: action.rule(entry, by=by, now=state.now(), comment=review_model.read_comment(values.comment)),
        )
        return await _ask(request, state, entry, action, refusal, values=values, chosen=chosen)
    try:
        comment = review_model.read_comment(values.comment)
        command = partial(action.rule, by=by, comment=comment)
        act = CuratorAct(action.what, by, comment=comment)
        entry = await apply_command(state, entry_id, command, seen=values.seen, act=act)
    except RULE_ERRORS as error:
        refusal = Refusal(read_problem(error), values)
        return await _ask(request, state, await get_entry(state, entry_id), action, refusal, chosen=chosen)
    stopped = await stop_parts(state, entry, action.rule, chosen, by=by, comment=comment)
    response = state.pages.redirect(_make_address(request, state, entry_id))
    title = get_title(_get_event(entry, action), state.pages.choose_language(request)).text
    done = action.also_done(stopped, title) if stopped else Text(action.done.msgid, {"title": title})
    state.pages.flash(response, done, request)
    return response


def _make_address(request: Request, state: State, *path: str) -> str:
    return keep_place(request, read_queue_filters(request, state), "/".join(("/calendar/entries", *path)))


def _get_event(entry: Entry, action: StopAction) -> Event:
    """Return the content that the action is about: what is public, of a withdrawal what was proposed since."""
    return entry.live.event if action is not WITHDRAW and entry.live else entry.event


async def _ask(
    request: Request,
    state: State,
    entry: Entry,
    action: StopAction,
    refusal: Refusal | None = None,
    *,
    values: DecisionForm | None = None,
    chosen: Sequence[str] | None = None,
) -> Response:
    """``chosen`` are the parts that a form had chosen; None on a first page, where all are."""
    parts = await list_stoppable(state, entry, action.rule)
    url = _make_address(request, state, entry.id, action.name)
    return await state.pages.render(
        request,
        "stopping.html",
        status=refusal.problem.status_code if refusal else 200,
        title=action.question,
        redraw=RedrawForm("stopping", url, refusal.mode if refusal else ""),
        url=url,
        back_url=_make_address(request, state, entry.id),
        entry=entry,
        heading=get_title(_get_event(entry, action), state.pages.choose_language(request)),
        action=action,
        parts=list_choices(parts, state.pages.choose_language(request)),
        chosen=[each.id for each in parts] if chosen is None else chosen,
        refusal=refusal,
        values=refusal.values if refusal else values or DecisionForm(),
        errors=refusal.errors if refusal else {},
    )
