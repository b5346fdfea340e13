"""Pages of requests: the list, a new one, taking one back."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from services.calendar.request.commands import ask_for_event, take_request_back
from services.calendar.request.model import MAX_TEXT, RequestDiffers, RequestInvalid, RequestTerms, is_request_id
from services.calendar.request.view import list_months, make_row
from services.calendar.state import Service, State
from shared.date_input import UnreadableInput, read_day
from shared.field_error import FieldError
from shared.i18n.text import Text, _, translate
from shared.web.auth.roles import PageChief
from shared.web.forms import read_field
from shared.web.pages.parts import ErrorLink

HOME = "/calendar/requests"
SENT_BEFORE = _(
    "A request was sent from this page before: another one, or one that is closed by now. This one is not sent; send "
    "it if it still applies."
)
FIELDS = ("organisation", "text", "until", "county", "month")

router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
async def show_requests(request: Request, account: PageChief, state: Service) -> Response:
    lang, names, today = state.pages.choose_language(request), await state.get_organisation_names(), state.get_today()
    found = await state.requests.list_requests()
    return await state.pages.render(
        request,
        "requests.html",
        title=_("Requests"),
        account=account,
        rows=[make_row(each, names, lang, state.region, today=today) for each in found],
    )


@router.get("/new")
async def show_new_request(request: Request, _account: PageChief, state: Service) -> Response:
    values = {name: request.query_params.get(name, "") for name in FIELDS}
    return await _render_form(request, state, values, str(uuid4()))


@router.post("/new")
async def send_request(request: Request, _account: PageChief, state: Service) -> Response:
    form = await state.pages.read_form(request)
    values = {name: read_field(form, name) for name in FIELDS}
    key = read_field(form, "key") if is_request_id(read_field(form, "key")) else str(uuid4())
    until, unreadable = _read_until(values["until"])
    terms = RequestTerms(**values | {"until": until})  # type: ignore[arg-type]  # a day takes the place of its text
    try:
        await ask_for_event(state, terms, request_id=key)
    except RequestInvalid as refused:
        return await _render_form(request, state, values, key, [*unreadable, *refused.errors])
    except RequestDiffers:
        differs = [FieldError("text", SENT_BEFORE, "sent_before")]
        return await _render_form(request, state, values, str(uuid4()), differs, refused=HTTPStatus.CONFLICT)
    return _redirect(request, state, _("The request is sent. The editors of the organisation get a mail."))


@router.post("/{request_id}/take-back")
async def take_back(request: Request, request_id: str, _account: PageChief, state: Service) -> Response:
    await state.pages.read_form(request)
    await take_request_back(state, request_id)
    return _redirect(request, state, _("The request is taken back."))


def _read_until(typed: str) -> tuple[date | None, list[FieldError]]:
    try:
        day = read_day(typed.strip())
    except UnreadableInput as error:
        return None, [FieldError("until", Text(error.text, error.values), error.code)]
    if not day:
        return None, [FieldError("until", _("Say until when you need an answer."), "required")]
    return date.fromisoformat(day), []


async def _render_form(
    request: Request,
    state: State,
    values: Mapping[str, str],
    key: str,
    errors: Sequence[FieldError] = (),
    *,
    refused: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    """``refused`` is the status of a form with errors."""
    lang = state.pages.choose_language(request)
    found = {error.field: translate(error.message, lang) for error in errors}
    open_ones = [each for each in await state.organisations.list() if not each.closed]
    return await state.pages.render(
        request,
        "request_form.html",
        status=refused if errors else HTTPStatus.OK,
        title=_("Ask for an event"),
        values=values,
        key=key,
        errors=found,
        summary=[ErrorLink(field, message) for field, message in found.items()],
        organisations=[(each.slug, each.name) for each in open_ones],
        counties=state.region.list_county_labels(lang),
        months=list_months(state.get_today(), lang),
        limit=MAX_TEXT,
    )


def _redirect(request: Request, state: State, said: Text) -> Response:
    response = state.pages.redirect(HOME)
    state.pages.flash(response, said, request)
    return response
