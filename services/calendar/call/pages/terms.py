"""Pages of a call's terms: announce a year, change one."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from services.calendar.call.api import Year
from services.calendar.call.call_form import CallForm, make_call_form, make_new_call_form, read_call_form
from services.calendar.call.commands import (
    CallExists,
    CallOutdated,
    announce_call,
    change_call,
    get_call,
    make_setting,
)
from services.calendar.call.model import CallTermsInvalid, YearCall
from services.calendar.call.problems import EXISTS, OUTDATED
from services.calendar.call.view import list_code_rows, make_call_row, make_form_context
from services.calendar.state import Service, State
from shared.field_error import FieldError
from shared.i18n.text import Text, _, translate
from shared.web.auth.roles import PageChief
from shared.web.forms import REDRAW_FIELD
from shared.web.pages.layout import RedrawForm
from shared.web.pages.parts import ErrorLink

router = APIRouter()

NEW = "/calendar/calls/new"


@router.get("/calendar/calls/new")
async def show_new_call(request: Request, _account: PageChief, state: Service) -> Response:
    return await render_new_call(request, state, make_new_call_form(state.get_today().year + 1))


@router.post("/calendar/calls/new")
async def announce(request: Request, _account: PageChief, state: Service) -> Response:
    sent = await state.pages.read_form(request, redraws=True)
    form = read_call_form(sent, state.region.languages.site)
    if REDRAW_FIELD in sent:
        return await render_new_call(request, state, form)
    try:
        year = form.read_year()
        call = await announce_call(state, year, form.read_terms(year, make_setting(state)))
    except CallTermsInvalid as refused:
        return await render_new_call(request, state, form, refused.errors, status=422)
    except CallExists:
        return await render_new_call(request, state, form, [FieldError("year", EXISTS, "call_exists")], status=409)
    return _redirect(request, state, call, _("The call for %(year)s is announced.", year=call.year))


@router.get("/calendar/calls/{year}")
async def show_call(request: Request, year: Year, _account: PageChief, state: Service) -> Response:
    call = await get_call(state, year)
    return await render_call(request, state, call, make_call_form(call))


@router.post("/calendar/calls/{year}")
async def change(request: Request, year: Year, _account: PageChief, state: Service) -> Response:
    sent = await state.pages.read_form(request, redraws=True)
    form, call = read_call_form(sent, state.region.languages.site), await get_call(state, year)
    if REDRAW_FIELD in sent:
        return await render_call(request, state, call, form)
    try:
        terms = form.read_terms(year, make_setting(state), before=call.terms)
        after = await change_call(state, year, terms, seen=form.seen)
    except CallTermsInvalid as refused:
        return await render_call(request, state, call, form, refused.errors, status=422)
    except CallOutdated:
        present = await get_call(state, year)
        form = CallForm(form.values, form.locked_fields, present.number)
        return await render_call(request, state, present, form, status=412, alert=OUTDATED)
    return _redirect(request, state, after, _("The call for %(year)s is changed.", year=year))


async def render_new_call(
    request: Request, state: State, form: CallForm, errors: Sequence[FieldError] = (), *, status: int = 200
) -> Response:
    lang = state.pages.choose_language(request)
    context = make_form_context(form, errors, lang, state.region, today=state.get_today(), year=None)
    return await state.pages.render(
        request,
        "call.html",
        status=status,
        title=_("Announce a call"),
        redraw=RedrawForm("call-form", NEW),
        action=NEW,
        form=context,
        summary=context.summary,
        call=None,
        code="",
    )


async def render_call(
    request: Request,
    state: State,
    call: YearCall,
    form: CallForm,
    errors: Sequence[FieldError] = (),
    *,
    status: int = 200,
    alert: str = "",
    code: str = "",
    label: str = "",
) -> Response:
    """Show a call; ``code`` is one that was just made, ``label`` what was typed for another."""
    lang, zone = state.pages.choose_language(request), state.region.time_zone
    action = f"/calendar/calls/{call.year}"
    context = make_form_context(form, errors, lang, state.region, today=state.get_today(), year=call.year)
    return await state.pages.render(
        request,
        "call.html",
        status=status,
        title=_("Call for %(year)s", year=call.year),
        headers={"Cache-Control": "no-store"} if code else {},
        redraw=RedrawForm("call-form", action),
        action=action,
        form=context,
        summary=[ErrorLink("call-form", translate(alert, lang))] if alert else context.summary,
        call=make_call_row(call, lang, zone, now=state.now()),
        codes=list_code_rows(call, lang, zone),
        code=code,
        label=label,
        number=form.seen,
    )


def _redirect(request: Request, state: State, call: YearCall, words: Text) -> Response:
    response = state.pages.redirect(f"/calendar/calls/{call.year}")
    state.pages.flash(response, words, request)
    return response
