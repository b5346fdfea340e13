"""The owner of a submission: its editors act for it, whichever of their memberships the session is in."""

# No postponed annotations: FastAPI reads those of a dependency in this module's names.

from fastapi import Depends, Request

from services.ingest.state import Service
from shared.web.auth.roles import find_current_account, prefer_membership


async def prefer_owner(request: Request, submission_id: str, state: Service) -> None:
    """Let the request act for the organisation that owns the submission, if the person may."""
    if "authorization" in request.headers:
        return  # a key acts by its own membership only
    account = await find_current_account(request)
    if account is None or len(account.memberships) == 1:
        return
    owner = await state.submissions.find_organisation(submission_id)
    if owner is not None:
        prefer_membership(request, owner)


OWNED = [Depends(prefer_owner)]
"""Dependencies of a route with ``submission_id``."""
