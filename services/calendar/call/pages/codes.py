"""Actions on late codes: make one, which is shown once, and revoke one."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Request, Response

from services.calendar.call.api import Year
from services.calendar.call.call_form import make_call_form
from services.calendar.call.commands import get_call, make_late_code, revoke_late_code
from services.calendar.call.model import CallTermsInvalid, TooManyCodes
from services.calendar.call.pages.terms import render_call
from services.calendar.call.problems import CALL_PROBLEMS
from services.calendar.state import Service
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.web.auth.roles import PageChief
from shared.web.forms import read_field

router = APIRouter(prefix="/calendar/calls/{year}/codes")


@router.post("")
async def make_code(request: Request, year: Year, _account: PageChief, state: Service) -> Response:
    """Make a code and show it, once: only its digest is stored."""
    form = await state.pages.read_form(request)
    label = read_field(form, "label")
    try:
        call, code = await make_late_code(state, year, label)
    except (CallTermsInvalid, TooManyCodes) as refused:
        problem = CALL_PROBLEMS[type(refused)](refused)
        errors = problem.errors or [FieldError("label", problem.detail, problem.code)]
        call = await get_call(state, year)
        status = problem.status_code
        return await render_call(request, state, call, make_call_form(call), errors, status=status, label=label)
    return await render_call(request, state, call, make_call_form(call), code=code)


@router.post("/{code_id}/revoke")
async def revoke_code(request: Request, year: Year, code_id: str, _account: PageChief, state: Service) -> Response:
    await state.pages.read_form(request)
    await revoke_late_code(state, year, code_id)
    response = state.pages.redirect(f"/calendar/calls/{year}#codes")
    state.pages.flash(response, _("The late code is revoked."), request)
    return response
