"""A new event that is part of one of one's own: the form begins with what both have in common."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.form.mapping import CONTACT, VENUE, FormValues, write_form
from services.ingest.form.pages.form_page import FormPage, render_form
from services.ingest.state import Service
from services.ingest.submission.model import Submission
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.submission import get_submission
from shared.web.auth.roles import PageEditor

router = APIRouter(prefix="/ingest/submissions/{submission_id}/parts", include_in_schema=False, dependencies=OWNED)

IN_COMMON: Final = frozenset(
    {"category", "licence", "certainty", "start_date", "month", "season", "venue.lat", "venue.lon"}
    | {f"venue.{name}" for name in VENUE}
    | {f"contact.{name}" for name in CONTACT}
)
"""Of the days only the first: most parts take one."""


@router.get("/new")
async def show_new_part(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    found = await get_submission(state, account, submission_id)
    return await render_form(request, state, FormPage(fields=make_part(found.submission)))


def make_part(umbrella: Submission) -> FormValues:
    """Make the values of a form for a part of this event."""
    written = write_form(umbrella.event)
    return {name: values for name, values in written.items() if name in IN_COMMON} | {"part_of": [umbrella.id]}
