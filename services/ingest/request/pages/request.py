"""Page of a request: add an event, choose one of one's own, or say why there is none."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Request, Response

from services.ingest.draft.repository import DraftsFull
from services.ingest.request.commands import (
    answer_request,
    close_answered,
    get_request,
    refuse_request,
    start_event,
)
from services.ingest.request.model import MAX_REASON, KnownRequest
from services.ingest.request.view import list_choices, make_view
from services.ingest.state import Service, State
from services.ingest.submission.commands import SubmissionUnknown
from shared.accounts.accounts import Account
from shared.i18n.text import Text, _, translate
from shared.plain_text import TextRefused
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field
from shared.web.pages.parts import ErrorLink
from shared.web.pages.renderer import Pages

router = APIRouter(prefix="/ingest/requests", include_in_schema=False)

_NO_EVENT = _("Choose one of your events.")
_NO_REASON = _("Say in a few words why, in at most %(limit)s characters.", limit=MAX_REASON)
_FULL = _("Your organisation has as many drafts as it may have. Send or discard some of them first.")


@router.get("/{request_id}")
async def show_request(request: Request, request_id: str, account: PageEditor, state: Service) -> Response:
    await close_answered(state, account.organisation)
    found = await get_request(state, account.organisation, request_id)
    return await _render(request, state, account, found)


@router.post("/{request_id}")
async def send_answer(request: Request, request_id: str, account: PageEditor, state: Service) -> Response:
    """Start a draft (``act`` = draft), answer with an own event (event), or refuse (refuse)."""
    form = await state.pages.read_form(request)
    found = await get_request(state, account.organisation, request_id)
    reason = read_field(form, "reason")
    match read_field(form, "act"):
        case "event":
            try:
                await answer_request(state, found, read_field(form, "submission"))
            except SubmissionUnknown:
                return await _render(request, state, account, found, error=("submission", _NO_EVENT))
        case "refuse":
            try:
                await refuse_request(state, found, reason)
            except TextRefused:
                return await _render(request, state, account, found, reason=reason, error=("reason", _NO_REASON))
        case _:
            return await _start(request, state, account, found)
    response = Pages.redirect("/ingest/")
    state.pages.flash(response, _("The curators get your answer."), request)
    return response


async def _start(request: Request, state: State, account: Account, found: KnownRequest) -> Response:
    try:
        draft = await start_event(state, account, found)
    except DraftsFull:
        return await _render(request, state, account, found, error=("draft", _FULL))
    return Pages.redirect(f"/ingest/drafts/{draft.id}")


async def _render(
    request: Request,
    state: State,
    account: Account,
    found: KnownRequest,
    *,
    reason: str = "",
    error: tuple[str, Text] | None = None,
) -> Response:
    lang = state.pages.choose_language(request)
    own = await state.submissions.list_submissions(account.organisation) if found.is_open else []
    return await state.pages.render(
        request,
        "request.html",
        status=422 if error else 200,
        title=_("The curators ask for an event"),
        account=account,
        asked=make_view(found, lang, state.region),
        choices=list_choices(own, lang),
        reason=reason,
        limit=MAX_REASON,
        errors={error[0]: translate(error[1], lang)} if error else {},
        summary=[ErrorLink(error[0], translate(error[1], lang))] if error else [],
    )
