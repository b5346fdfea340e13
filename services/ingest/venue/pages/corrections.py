"""Taking over what the register proposes: one click makes a new version of the submission, which goes the usual way."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from functools import partial
from uuid import uuid4

from fastapi import APIRouter, Request
from msgspec import structs
from starlette.responses import Response

from services.ingest.form.mapping import write_form
from services.ingest.form.pages.form_page import FormPage, render_refused
from services.ingest.form.pages.late import CALL_ERRORS
from services.ingest.state import Service, State
from services.ingest.submission.commands import OutcomeUnknown, change
from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.model import Submission, SubmissionChange, edit_current
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.submission import get_submission
from services.ingest.submission.repository import BacklogFull
from services.ingest.venue.place_correction import PlaceCorrection, compare, correct, list_places
from shared.accounts.organisations import OrganisationClosed
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageEditor
from shared.web.pages.renderer import Pages

router = APIRouter(prefix="/ingest/submissions/{submission_id}", dependencies=OWNED)

_DONE = _("The place is taken over: a new version was sent for review.")
_NOTHING = _("There is nothing to take over: the place is the one of the register.")


@router.post("/venue")
async def take_place_over(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Whatever version the page showed: the place is replaced in the one that is current."""
    await state.pages.read_form(request)
    found = await get_submission(state, account, submission_id)
    correction = await _find_correction(state, found.submission.current_event)
    if correction is None:
        return _lead_back(request, state, submission_id, _NOTHING)
    find = partial(state.submissions.find, submission_id, account.organisation)
    try:
        await change(state, account, find, partial(_replace_place, correction), check=lambda _version: None, key=None)
    except (*CALL_ERRORS, OrganisationClosed, BacklogFull, OutcomeUnknown) as refused:
        fields = write_form(_correct(found.submission, correction))
        page = FormPage(fields=fields, found=found, key=str(uuid4()), version=str(found.submission.version))
        return await render_refused(request, state, page, refused)
    return _lead_back(request, state, submission_id, _DONE)


async def _find_correction(state: State, event: SubmittedEvent) -> PlaceCorrection | None:
    for said, place_id in list_places(event):
        place = await state.venues.find_staying(place_id)
        if place and (found := compare(said, place)):
            return found
    return None


def _replace_place(correction: PlaceCorrection, submission: Submission, /, *, at: str) -> SubmissionChange:
    return edit_current(submission, _correct(submission, correction), at=at)


def _correct(submission: Submission, correction: PlaceCorrection) -> SubmittedEvent:
    event, place = submission.current_event, correction.place
    if correction.field == "venue":
        return structs.replace(event, venue=correct(event.venue, place))
    return structs.replace(event, start_place=event.start_place and correct(event.start_place, place))


def _lead_back(request: Request, state: State, submission_id: str, text: Text) -> Response:
    response = Pages.redirect(f"/ingest/submissions/{submission_id}")
    state.pages.flash(response, text, request)
    return response
