"""The owner of a draft: its editors act for it, whichever of their memberships the session is in."""

# No postponed annotations: FastAPI reads those of a dependency in this module's names.

from fastapi import Depends, Request

from services.ingest.state import Service
from shared.web.auth.roles import find_current_account, prefer_membership


async def prefer_owner_of_draft(request: Request, draft_id: str, state: Service) -> None:
    """Let the request act for the organisation that owns the draft, if the person may."""
    account = await find_current_account(request)
    if account is None or len(account.memberships) == 1:
        return
    owner = await state.drafts.find_organisation(draft_id, [each.organisation for each in account.memberships])
    if owner is not None:
        prefer_membership(request, owner)


OWNED_DRAFT = [Depends(prefer_owner_of_draft)]
"""Dependencies of a route with ``draft_id``."""
