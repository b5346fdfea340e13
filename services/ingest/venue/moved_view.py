"""What an organisation is asked to do about places that were merged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.ingest.submission.model import Submission
from services.ingest.submission.view import get_title
from services.ingest.to_do.view import ToDo
from services.ingest.venue.moved_place import find_moved_place
from services.ingest.venue.venue_index import VenueIndex
from shared.i18n.text import _
from shared.web.pages.layout import Link


def list_moved_places(submissions: Iterable[Submission], index: VenueIndex, lang: str, *, today: date) -> list[ToDo]:
    found = ((each, find_moved_place(each, index, today=today)) for each in submissions)
    return [
        ToDo(
            kind=_("Place merged"),
            tone="amber",
            icon="map-pin",
            title=get_title(submission.event),
            title_lang="" if lang == "pl" else "pl",
            url=f"/ingest/submissions/{submission.id}",
            why=_(
                "Two places of the register were one. The event can take over the one that stays: %(place)s. That "
                "sends a new version for review.",
                place=place.label,
            ),
            act=Link(_("Take over"), ""),
            post=f"/ingest/submissions/{submission.id}/venue",
        )
        for submission, place in found
        if place is not None
    ]
