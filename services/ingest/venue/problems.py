"""How the errors of the register of venues are answered."""

from __future__ import annotations

from typing import Final

from services.ingest.venue.commands import NearTwins, NotMerged, VenueChanged, VenueUnknown
from services.ingest.venue.model import MAX_OF_ORGANISATION
from services.ingest.venue.repository import RegisterFull
from shared.i18n.text import Text, _
from shared.web.problems import NotFound, NotPossibleNow, ProblemTable, Stale

FULL: Final = _(
    "No further place fits into the register of venues: an organisation may add %(most)s. Choose one that is there, or "
    "send the event with the words alone.",
    most=MAX_OF_ORGANISATION,
)
NOT_MERGED: Final = _("A place cannot be merged into itself, or into one that was merged itself.")


def _list_twins(error: NearTwins) -> Text:
    return _(
        "The register has places that may be this one: %(places)s. Name one of them as venue.id, or send again=true if "
        "yours is another place.",
        places="; ".join(f"{each.venue.label} ({each.venue.id})" for each in error.twins),
    )


VENUE_PROBLEMS: Final[ProblemTable] = {
    VenueUnknown: lambda _error: NotFound(),
    VenueChanged: lambda _error: Stale(),
    NotMerged: lambda _error: NotPossibleNow(NOT_MERGED, code="not_merged"),
    NearTwins: lambda error: NotPossibleNow(_list_twins(error), code="near_twins"),
    RegisterFull: lambda _error: NotPossibleNow(FULL, code="register_full"),
}
