"""Pages of confirmations: from the mail without a log-in, and on the page of a submission."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.confirmation.commands import confirm_all, confirm_one, find_question
from services.ingest.state import Service, get_state
from services.ingest.submission import view
from services.ingest.submission.owner import OWNED
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor, get_accounts
from shared.web.csrf import is_same_origin
from shared.web.pages.renderer import Pages
from shared.web.problems import FormExpired

router = APIRouter(include_in_schema=False)


@router.get("/ingest/still-right/{token}")
async def show_question(request: Request, token: str) -> Response:
    state = await get_state(request)
    question = await find_question(state, get_accounts(request), token)
    lang = state.pages.choose_language(request)
    return await state.pages.render(
        request,
        "still_right.html",
        title=_("Is everything still right?"),
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        rows=[view.make_row(each, lang, state.region, today=state.get_today()) for each in question.submissions],
        done=bool(question.submissions) and all(each.is_confirmed for each in question.submissions),
        organisation=question.account.organisation_name,
    )


@router.post("/ingest/still-right/{token}")
async def confirm_question(request: Request, token: str) -> Response:
    """Raises FormExpired for a form of another site; the link is what allows it, nobody need be logged in."""
    if not is_same_origin(request):
        raise FormExpired
    state = await get_state(request)
    await confirm_all(state, await find_question(state, get_accounts(request), token))
    return Pages.redirect(f"/ingest/still-right/{token}")


@router.post("/ingest/submissions/{submission_id}/still-right", dependencies=OWNED)
async def confirm_submission(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    await state.pages.read_form(request)
    await confirm_one(state, account, submission_id)
    response = Pages.redirect(f"/ingest/submissions/{submission_id}")
    state.pages.flash(response, _("Confirmed. The event's page says so."), request)
    return response
