"""Page of a reminder: own words, who gets it, one real mail; and calling back what was sent."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.calendar.call.api import Year
from services.calendar.reminder.commands import (
    Letter,
    call_back,
    find_open_call,
    make_plan,
    send_reminder,
    write_mail,
)
from services.calendar.reminder.model import MAX_CHOSEN, MAX_TEXT, Plan, is_reminder_id, read_text
from services.calendar.reminder.view import make_preview, make_view
from services.calendar.state import Service, State
from shared.i18n.text import Text, _, n_, translate
from shared.mail.rendering import render_mail
from shared.plain_text import TextRefused
from shared.web.auth.roles import PageChief, get_accounts
from shared.web.csrf import check_local_path
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number
from shared.web.pages.parts import ErrorLink

router = APIRouter(prefix="/calendar/board", include_in_schema=False)

_NONE_CHOSEN = _("Tick at least one organisation.")
_NOBODY = _("Nobody of those chosen can get a mail. Why, stands next to it.")
_TEXT = _("At most %(limit)s characters, without signs that cannot be shown.", limit=MAX_TEXT)


@router.post("/{year}/reminder")
async def write_reminder(request: Request, year: Year, _account: PageChief, state: Service) -> Response:
    """Show a reminder to those chosen; send it with ``act`` = "send"."""
    form = await state.pages.read_form(request)
    chosen = [each for each in form.getlist("organisation") if isinstance(each, str)][:MAX_CHOSEN]
    plan = await make_plan(state, get_accounts(request), year, frozenset(chosen))
    if not chosen:
        return await _render(request, state, year, form, plan, error=("chosen", _NONE_CHOSEN))
    try:
        text = read_text(read_field(form, "text"))
    except TextRefused:
        return await _render(request, state, year, form, plan, error=("text", _TEXT))
    if read_field(form, "act") != "send":
        return await _render(request, state, year, form, plan)
    if not plan.addressees:
        return await _render(request, state, year, form, plan, error=("chosen", _NOBODY))
    reminder = await send_reminder(state, plan, Letter(_read_id(form), year, text))
    sent = n_("%(num)s mail leaves in ten minutes.", "%(num)s mails leave in ten minutes.", len(reminder.people))
    return _redirect(request, state, year, sent)


@router.post("/{year}/reminder/{reminder_id}/call-back")
async def call_reminder_back(
    request: Request, year: Year, reminder_id: str, _account: PageChief, state: Service
) -> Response:
    await state.pages.read_form(request)
    removed = await call_back(state, reminder_id)
    said = n_("%(num)s mail was called back.", "%(num)s mails were called back.", removed)
    return _redirect(request, state, year, said)


async def _render(
    request: Request, state: State, year: int, form: FormData, plan: Plan, *, error: tuple[str, Text] | None = None
) -> Response:
    lang = state.pages.choose_language(request)
    shown = min(parse_number(read_field(form, "show")) or 0, max(len(plan.addressees) - 1, 0))
    letter = Letter(_read_id(form), year, "" if error else read_text(read_field(form, "text")))
    preview = None
    if plan.addressees:
        mail = write_mail(state, plan.addressees[shown], letter, await find_open_call(state, year))
        preview = make_preview(render_mail(mail, state.mail.site), plan, shown)
    return await state.pages.render(
        request,
        "reminder.html",
        status=422 if error else 200,
        title=_("Reminder for %(year)s", year=year),
        reminder=make_view(plan, lang),
        preview=preview,
        year=year,
        key=letter.id,
        text=read_field(form, "text"),
        limit=MAX_TEXT,
        back=_read_back(form, year),
        errors=[ErrorLink(error[0], translate(error[1], lang))] if error else [],
    )


def _read_id(form: FormData) -> str:
    """Return the form's id; a missing or invalid one is replaced."""
    key = read_field(form, "key")
    return key if is_reminder_id(key) else str(uuid4())


def _read_back(form: FormData, year: int) -> str:
    return check_local_path(read_field(form, "back"), f"/calendar/board/{year}")


def _redirect(request: Request, state: State, year: int, said: Text) -> Response:
    response = state.pages.redirect(f"/calendar/board/{year}")
    state.pages.flash(response, said, request)
    return response
