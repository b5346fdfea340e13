"""Checks of the register of venues: what events name, where merged places lead, whether places lie where they say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from services.admin.doctor.findings import Finding, ok, warning
from services.ingest.venue.model import MAX_VENUES, RegisteredVenue, follow
from shared.database.client import Database, Document
from shared.event.model import Venue
from shared.event.warnings import find_place_warnings
from shared.region import Region, load_region
from shared.settings import CommonSettings

NAMED: Final = "venues of events"
REGISTER: Final = "register of venues"
MOST_NAMED: Final = 3
"""Examples in a sentence."""
_COUNT_EVENTS: Final[Sequence[Document]] = (
    {"$match": {"event.venue.id": {"$exists": True}}},
    {"$group": {"_id": "$event.venue.id", "count": {"$sum": 1}}},
    {"$limit": 4 * MAX_VENUES},
)


async def examine_venues(database: Database, settings: CommonSettings) -> list[Finding]:
    """Raises PyMongoError."""
    ingest = database.client[settings.database("ingest")]
    async with await ingest["submissions"].aggregate(list(_COUNT_EVENTS)) as found:
        events = {each["_id"]: int(each["count"]) async for each in found}
    async with ingest["venues"].find({}).limit(MAX_VENUES) as listed:
        places = [venue async for each in listed if (venue := _parse(each)) is not None]
        merged = {each.id: each.merged_into for each in places}
    return [check_named(events, merged), check_register(places, load_region(settings.region))]


def check_named(events: Mapping[str, int], merged: Mapping[str, str | None]) -> Finding:
    """``events`` counts submissions by the place they name; ``merged`` says where each place of the register went."""
    unknown = sorted(each for each in events if each not in merged)
    if unknown:
        count = sum(events[each] for each in unknown)
        what = f"{count} submissions name places that the register does not have: {_enumerate(unknown)}."
        do = (
            "A backup of the register alone may be older: restore all of ingest's database together. Else their "
            "editors choose the place again in the form; until then a new version of such a submission is refused."
        )
        return warning(NAMED, what, do)
    # Such a place stays for those that name it, so that nobody is asked to take another one over.
    lost = sorted(each for each, into in merged.items() if into is not None and follow(each, merged) == each)
    if lost:
        count = sum(events.get(each, 0) for each in lost)
        what = (
            f"{len(lost)} merged places lead to none that stays, so that nothing is proposed to {count} submissions: "
            f"{_enumerate(lost)}."
        )
        do = "A curator opens /ingest/venues/ID of each, undoes the merge there, and merges it again."
        return warning(NAMED, what, do)
    return ok(NAMED, f"{sum(events.values())} submissions name {len(events)} places of the register.")


def check_register(places: Collection[RegisteredVenue], region: Region) -> Finding:
    staying = [each for each in places if each.merged_into is None]
    doubtful = {each.label: codes for each in staying if (codes := _find_doubts(each, region))}
    if not doubtful:
        return ok(REGISTER, f"{len(staying)} places, each where its town and county say.")
    far = sorted(label for label, codes in doubtful.items() if "town_elsewhere" not in codes)
    elsewhere = sorted(label for label, codes in doubtful.items() if "town_elsewhere" in codes)
    said = [
        f"{len(far)} of {len(staying)} places lie far from the county they name: {_enumerate(far)}." if far else "",
        f"{len(elsewhere)} of {len(staying)} places name a town that the region pack knows in another county: "
        f"{_enumerate(elsewhere)}."
        if elsewhere
        else "",
    ]
    do = (
        "A curator finds them at /ingest/venues and corrects the position, the town or the county. For a village "
        "that has the name of a commune elsewhere, choose its own commune there; then it is right."
    )
    return warning(REGISTER, " ".join(filter(None, said)), do)


def _find_doubts(place: RegisteredVenue, region: Region) -> set[str]:
    found: set[str] = {each.code for each in find_place_warnings(Venue(**place.words), region, "en")}
    # A commune chosen by a curator says that it is a village of that name.
    is_settled = place.municipality in region.municipalities and str(place.municipality)[:4] == place.county
    return found - {"town_elsewhere"} if is_settled else found


def _enumerate(names: Sequence[str]) -> str:
    shown = "; ".join(names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown


def _parse(document: Document) -> RegisteredVenue | None:
    try:
        return msgspec.convert({**document, "id": document["_id"]}, RegisteredVenue)
    except msgspec.ValidationError:  # of a later release, which ingest's log names
        return None
