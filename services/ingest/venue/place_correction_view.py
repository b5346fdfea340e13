"""What an organisation is asked to do about places that were merged or changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.ingest.submission.model import Submission
from services.ingest.submission.view import get_title
from services.ingest.to_do.view import ToDo
from services.ingest.venue.place_correction import PlaceCorrection, find_proposed
from services.ingest.venue.venue_index import VenueIndex
from services.ingest.venue.view import describe_changes
from shared.i18n.text import Text, _
from shared.region import Region
from shared.web.pages.layout import Link


def list_place_corrections(
    submissions: Iterable[Submission], index: VenueIndex, lang: str, region: Region, *, today: date
) -> list[ToDo]:
    found = ((each, find_proposed(each, index, today=today)) for each in submissions)
    return [_make_to_do(submission, found, lang, region) for submission, found in found if found is not None]


def _make_to_do(submission: Submission, correction: PlaceCorrection, lang: str, region: Region) -> ToDo:
    return ToDo(
        kind=_("Place merged") if correction.is_merge else _("Place corrected"),
        tone="amber",
        icon="map-pin",
        title=get_title(submission.event),
        title_lang="" if lang == "pl" else "pl",
        url=f"/ingest/submissions/{submission.id}",
        why=_explain(correction, lang, region),
        act=Link(_("Take over") if correction.is_merge else _("Take the correction over"), ""),
        post=f"/ingest/submissions/{submission.id}/venue",
    )


def _explain(correction: PlaceCorrection, lang: str, region: Region) -> Text:
    if correction.is_merge:
        return _(
            "Two places of the register were one. The event can take over the one that stays: %(place)s. That "
            "sends a new version for review.",
            place=correction.place.label,
        )
    return _(
        "A curator corrected the place in the register: %(changes)s. The event says what the register said before, and "
        "can take that over. That sends a new version for review.",
        changes=describe_changes(correction.before, correction.changes, lang, region, field=correction.field),
    )
