"""Bulk decisions on entries; one that fails does not prevent the others."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.calendar.entry.model import Entry
from services.calendar.entry.view import get_title
from services.calendar.review.commands import apply_decision
from services.calendar.review.forms import (
    DecisionForm,
    Refusal,
    read_decision_form,
    read_review_number,
)
from services.calendar.review.model import check_rejection, read_comment
from services.calendar.review.problems import ERRORS, RULE_ERRORS, read_problem
from services.calendar.review.queue import HOME, ON_A_PAGE, render_queue
from services.calendar.state import Service, State
from shared.event.vocabulary import REASONS
from shared.i18n.text import _, n_, translate
from shared.web.auth.roles import PageCurator
from shared.web.csrf import check_local_path
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.http.echo import echo
from shared.web.pages.layout import RedrawForm
from shared.web.pages.parts import ErrorLink
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SelectedEntry:
    id: str
    seen: int

    @property
    def value(self) -> str:
        """The form's value."""
        return f"{self.id}.{self.seen}"


@dataclass(frozen=True, slots=True)
class FailedDecision:
    title: str
    url: str
    why: str


@router.post("/calendar/decisions")
async def decide_selected(request: Request, account: PageCurator, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    values, selected = read_decision_form(form), read_selected(form)
    if not selected or values.decision not in {"accept", "reject"}:
        message = _("Select the entries you decide on: at most %(most)s at once.", most=ON_A_PAGE)
        return await render_queue(request, state, status=422, errors=[ErrorLink("queue", message)])
    back = check_local_path(read_field(form, "back"), HOME)
    if values.decision == "reject" and (REDRAW_FIELD in form or not read_field(form, "asked")):
        refusal = _check_again(values) if read_field(form, REDRAW_FIELD) == "errors" else None
        return await _ask_reason(request, state, selected, back, refusal, values=values)
    try:
        _check(values)
        command, act = values.make_command(by=account.name), values.make_act(by=account.name)
    except RULE_ERRORS as error:
        return await _ask_reason(request, state, selected, back, Refusal(read_problem(error), values))
    done: list[Entry] = []
    failed: list[tuple[SelectedEntry, Problem]] = []
    for item in selected:
        try:
            done.append(await apply_decision(state, item.id, command, seen=item.seen, act=act))
        except ERRORS as error:
            failed.append((item, read_problem(error)))
    return await _respond(request, state, values, done, failed, back)


def _check(values: DecisionForm) -> None:
    """Raises what no entry has to be read for."""
    comment = read_comment(values.comment)
    if values.decision == "reject":
        check_rejection(values.reason, comment)


def _check_again(values: DecisionForm) -> Refusal | None:
    try:
        _check(values)
    except RULE_ERRORS as error:
        return Refusal(read_problem(error), values)
    return None


def read_selected(form: FormData) -> list[SelectedEntry]:
    """Return nothing if more are selected than a page holds."""
    found = {}
    for value in form.getlist("entry"):
        entry_id, _dot, seen = value.rpartition(".") if isinstance(value, str) else ("", "", "")
        if entry_id:
            found[entry_id] = SelectedEntry(entry_id, read_review_number(seen))
    return list(found.values()) if len(found) <= ON_A_PAGE else []


async def _ask_reason(
    request: Request,
    state: State,
    selected: list[SelectedEntry],
    back: str,
    refusal: Refusal | None = None,
    *,
    values: DecisionForm | None = None,
) -> Response:
    lang = state.pages.choose_language(request)
    found = await state.entries.find_many([item.id for item in selected])
    return await state.pages.render(
        request,
        "rejecting.html",
        status=refusal.problem.status_code if refusal else 200,
        title=_("Reject the selected"),
        redraw=RedrawForm("rejecting", "/calendar/decisions", refusal.mode if refusal else ""),
        selected=selected,
        titles=[get_title(found[item.id].event, lang) for item in selected if item.id in found],
        reasons=[(code, translate(words, lang)) for code, words in REASONS.items()],
        back_url=back,
        refusal=refusal,
        values=refusal.values if refusal else values or DecisionForm(),
        errors=refusal.errors if refusal else {},
    )


async def _respond(  # noqa: PLR0917 - what a page of outcomes is made of
    request: Request,
    state: State,
    values: DecisionForm,
    done: list[Entry],
    failed: list[tuple[SelectedEntry, Problem]],
    back: str,
) -> Response:
    accepted = values.decision == "accept"
    count = len(done)
    summary = (
        n_("%(num)s entry accepted.", "%(num)s entries accepted.", count)
        if accepted
        else n_("%(num)s entry rejected.", "%(num)s entries rejected.", count)
    )
    if not failed:
        response = state.pages.redirect(back)
        state.pages.flash(response, summary, request)
        return response
    lang = state.pages.choose_language(request)
    found = await state.entries.find_many([item.id for item, _problem in failed])
    rows = [
        FailedDecision(
            title=get_title(found[item.id].event, lang).text if item.id in found else echo(item.id),
            url=f"/calendar/entries/{item.id}" if item.id in found else "",
            why=problem.errors[0].message if problem.errors else problem.detail,
        )
        for item, problem in failed
    ]
    return await state.pages.render(
        request,
        "outcome.html",
        status=409,
        title=n_("%(num)s decision was not taken", "%(num)s decisions were not taken", len(rows)),
        summary=summary if done else "",
        failed=rows,
        back_url=back,
        values=values,
    )
