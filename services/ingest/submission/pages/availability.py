"""One tap on the page of a public event: whether there are tickets, shown at once."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service
from services.ingest.submission.commands import change
from services.ingest.submission.model import state_availability
from services.ingest.submission.owner import OWNED
from shared.event.vocabulary import AVAILABILITY
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound

router = APIRouter(prefix="/ingest/submissions/{submission_id}", dependencies=OWNED)


@router.post("/availability")
async def state_tickets(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Whatever version the page showed: what is true at the door does not depend on it."""
    stated = read_field(await state.pages.read_form(request), "availability")
    if stated not in AVAILABILITY:
        raise NotFound
    find = partial(state.submissions.find, submission_id, account.organisation)
    command = partial(state_availability, availability=stated)
    await change(state, account, find, command, check=lambda _version: None, key=None)
    response = Pages.redirect(f"/ingest/submissions/{submission_id}")
    state.pages.flash(response, _("Everybody sees it now: %(state)s.", state=AVAILABILITY[stated]), request)
    return response
