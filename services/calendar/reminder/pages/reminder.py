"""Page of a reminder: own words, who gets it, one real mail; and calling back what was sent."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qsl
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.calendar.board.query import MAX_QUERY, read_filter
from services.calendar.call.api import Year
from services.calendar.reminder.commands import (
    Letter,
    ReminderDiffers,
    call_back,
    find_open_call,
    make_plan,
    send_reminder,
    write_mail,
)
from services.calendar.reminder.model import (
    MAX_CHOSEN,
    MAX_TEXT,
    Plan,
    ReminderChoice,
    is_reminder_id,
    read_text,
)
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

FormError = tuple[str, Text]
"""Where it is on the page, and what to do."""

_NONE_CHOSEN = _("Tick at least one organisation.")
_NOBODY = _("Nobody of those chosen can get a mail. Why, stands next to it.")
_TOO_MANY = _(
    "At most %(limit)s organisations can be ticked one by one. Narrow the list, and remind all that it shows.",
    limit=MAX_CHOSEN,
)
_SENT_BEFORE = _(
    "Another reminder was sent from this page before, or one that was called back. This one is not sent: look at whom "
    "it goes to, and send it then."
)
_TEXT = _("At most %(limit)s characters, without signs that cannot be shown.", limit=MAX_TEXT)


@router.post("/{year}/reminder")
async def write_reminder(request: Request, year: Year, _account: PageChief, state: Service) -> Response:
    """Show a reminder to those chosen; send it with ``act`` = "send"."""
    form = await state.pages.read_form(request)
    choice, letter = _read_choice(form), Letter(_read_id(form), year, "")
    plan = await make_plan(state, get_accounts(request), year, choice, letter.id)
    error = _check_choice(choice)
    try:
        letter = replace(letter, text=read_text(read_field(form, "text")))
    except TextRefused:
        error = error or ("text", _TEXT)
    sends = read_field(form, "act") == "send"
    if sends and not error:
        error = _check_plan(plan, shown=parse_number(read_field(form, "people")))
    if error or not sends:
        return await _render(request, state, form, letter, plan, error=error)
    try:
        reminder = await send_reminder(state, plan, letter)
    except ReminderDiffers:
        return await _offer_again(request, state, form, letter, choice)
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


async def _offer_again(
    request: Request, state: State, form: FormData, letter: Letter, choice: ReminderChoice
) -> Response:
    """Show the form again, under an id of its own."""
    other = replace(letter, id=str(uuid4()))
    plan = await make_plan(state, get_accounts(request), letter.year, choice, other.id)
    return await _render(request, state, form, other, plan, error=("chosen", _SENT_BEFORE), refused=HTTPStatus.CONFLICT)


async def _render(
    request: Request,
    state: State,
    form: FormData,
    letter: Letter,
    plan: Plan,
    *,
    error: FormError | None = None,
    refused: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    """``refused`` is the status of a page with an error."""
    lang = state.pages.choose_language(request)
    shown = min(parse_number(read_field(form, "show")) or 0, max(len(plan.addressees) - 1, 0))
    preview, year, choice = None, letter.year, _read_choice(form)
    if plan.addressees:
        mail = write_mail(state, plan.addressees[shown], letter, await find_open_call(state, year))
        preview = make_preview(render_mail(mail, state.mail.site), plan, shown)
    return await state.pages.render(
        request,
        "reminder.html",
        status=refused if error else HTTPStatus.OK,
        title=_("Reminder for %(year)s", year=year),
        reminder=make_view(plan, lang, state.region.time_zone),
        choice=choice,
        filter=read_field(form, "filter"),
        preview=preview,
        year=year,
        key=letter.id,
        text=read_field(form, "text"),
        limit=MAX_TEXT,
        back=_read_back(form, year),
        errors=[ErrorLink(error[0], translate(error[1], lang))] if error else [],
    )


def _check_choice(choice: ReminderChoice) -> FormError | None:
    if choice.is_empty:
        return "chosen", _NONE_CHOSEN
    return ("chosen", _TOO_MANY) if len(choice.slugs) > MAX_CHOSEN else None


def _check_plan(plan: Plan, *, shown: int | None) -> FormError | None:
    """``shown`` is how many mails the page named."""
    count = len(plan.addressees)
    if not count:
        return "chosen", _NOBODY
    if shown in {None, count}:
        return None
    changed = n_(
        "Meanwhile it is %(num)s mail. Look at whom it goes to, and send it then.",
        "Meanwhile it is %(num)s mails. Look at whom they go to, and send them then.",
        count,
    )
    return "chosen", changed


def _read_choice(form: FormData) -> ReminderChoice:
    """Read what is ticked, or the board's filter if all that it shows are chosen."""
    again = read_field(form, "again") == "1"
    if read_field(form, "all") == "1":
        query = dict(parse_qsl(read_field(form, "filter")[:MAX_QUERY].removeprefix("?")))
        return ReminderChoice(filter=read_filter(query), again=again)
    slugs = [each for each in form.getlist("organisation") if isinstance(each, str)]
    return ReminderChoice(frozenset(slugs), again=again)


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
