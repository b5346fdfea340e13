"""Which events everybody may see, one by one."""

from __future__ import annotations

from services.distribution.programme import Listing, Programme
from services.distribution.refusals import NoLongerPublic
from services.distribution.selection import Selection
from shared.web.locale import _
from shared.web.problems import NotFound


def public_event(programme: Programme, event_id: str) -> Listing:
    """Find an event that everybody may see.

    Raises:
        NoLongerPublic: if it was withdrawn.
        NotFound: if there is none, or it is for other channels only.

    """
    listing = programme.listing(event_id)
    if listing is None and programme.is_withdrawn(event_id):
        raise NoLongerPublic
    if listing is None or not Selection().takes(listing):
        raise NotFound(_("Nie ma takiego wydarzenia w programie."))
    return listing
