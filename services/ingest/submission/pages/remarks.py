"""Remarks of an organisation to the curators."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service
from services.ingest.submission.commands import change
from services.ingest.submission.model import OwnRemark, Submission, SubmissionChange, write_remark
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.submission import get_submission, render_submission
from shared.i18n.text import _
from shared.remarks import make_remark_id, read_remark
from shared.web.auth.roles import PageEditor
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.pages.renderer import Pages
from shared.web.remark_problems import REMARK_ERRORS, describe_error, find_remark_error

router = APIRouter(prefix="/ingest/submissions/{submission_id}/remarks", dependencies=OWNED)


@router.post("")
async def send_remark(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    found = await get_submission(state, account, submission_id)
    key, text = make_remark_id(read_field(form, "key")), read_field(form, "text")
    if REDRAW_FIELD in form:
        error = find_remark_error(text) if read_field(form, REDRAW_FIELD) == "errors" else ""
        return await render_submission(request, state, found, key=key, text=text, error=error)
    try:
        remark = OwnRemark(key, "", read_remark(text), account.name)

        def command(submission: Submission, /, *, at: str) -> SubmissionChange:
            return write_remark(submission, remark, at=at)

        find = partial(state.submissions.find, submission_id, account.organisation)
        await change(state, account, find, command, check=lambda _version: None, key=None)
    except REMARK_ERRORS as refused:
        return await render_submission(request, state, found, key=key, text=text, error=describe_error(refused))
    response = Pages.redirect(f"/ingest/submissions/{submission_id}#conversation")
    state.pages.flash(response, _("The remark is with the curators."), request)
    return response
