"""Copies an event of one's own into a draft."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.draft.model import Origin
from services.ingest.draft.repository import DraftsFull
from services.ingest.form.mapping import write_form
from services.ingest.form.repeat_fields import is_change_field
from services.ingest.state import Service
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.submission import get_submission
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor
from shared.web.pages.renderer import Pages

router = APIRouter(prefix="/ingest/submissions/{submission_id}", dependencies=OWNED)

OF_ONE_EVENT = frozenset(
    {"external_id", "start_fold", "end_fold", "tickets.availability", "tickets.registration_until"}
)
"""Fields that no other event has the same, as are the changes of single dates."""


@router.post("/copy")
async def copy(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Copy everything; the dates stay, and the draft asks to check them. A copy not sent yet is opened again."""
    await state.pages.read_form(request)
    found = await get_submission(state, account, submission_id)
    written = write_form(found.submission.event)
    fields = {
        name: values for name, values in written.items() if name not in OF_ONE_EVENT and not is_change_field(name)
    }
    try:
        draft = await state.drafts.create(
            account.organisation, fields, origin=Origin("copy", submission_id), by=account
        )
    except DraftsFull:
        response = Pages.redirect(f"/ingest/submissions/{submission_id}")
        text = _("Your organisation has as many drafts as it may have. Send or discard some of them first.")
        state.pages.flash(response, text, request)
        return response
    return Pages.redirect(f"/ingest/drafts/{draft.id}")
