"""View of the register in the form: what is chosen, what could be chosen, and what was merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from services.ingest.form.mapping import FormValues, get_value, parse_form
from services.ingest.submission.content import Vocabulary
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.labels import FIELDS
from services.ingest.venue.model import PlaceField, RegisteredVenue, Twin, write_words
from services.ingest.venue.place_correction import list_changes
from services.ingest.venue.place_words import VenueWords, read_words
from services.ingest.venue.venue_index import VenueIndex
from shared.event.model import Venue
from shared.event.warnings import find_place_warnings
from shared.field_error import FieldError
from shared.i18n.text import Text, _, translate
from shared.region import Region

Asked = Literal["", "found", "twins", "start"]
"""Of the register: nothing, what fits the words typed, what may be the place to be added, or what fits the start."""
ASKED: Final = "venues"
"""The parameter of the form's address that says so."""
CHOOSE: Final[Mapping[PlaceField, str]] = {"venue": "place", "start_place": "start"}
"""The first word of the button that puts a place of the register into a field."""


@dataclass(frozen=True, slots=True)
class VenueChoice:
    """``value`` is what the button sends: the field, and the id of the place; ``about`` is how far it is."""

    value: str
    text: str
    about: str | Text = ""


@dataclass(frozen=True, slots=True)
class VenuePart:
    """``chosen`` is the id that the form carries, ``label`` its words; ``instead`` is what stays of a merged one.

    ``corrected`` are words of the register that were others when the form was filled in, ``warnings`` what does not
    agree of town, county and position.
    """

    field: PlaceField
    chosen: str
    label: str
    instead: VenueChoice | None
    asked: Asked
    choices: Sequence[VenueChoice]
    error: str = ""
    corrected: VenueChoice | None = None
    warnings: Sequence[str] = ()


def read_asked(params: Mapping[str, str]) -> Asked:
    asked = params.get(ASKED, "")
    return next((each for each in get_args(Asked) if each == asked), "")


def make_venue_part(
    index: VenueIndex,
    fields: FormValues,
    asked: Asked,
    vocabulary: Vocabulary,
    *,
    errors: Sequence[FieldError],
    lang: str,
    region: Region,
    field: PlaceField = "venue",
) -> VenuePart:
    asked = asked if (asked == "start") == (field == "start_place") else ""
    chosen = get_value(fields, f"{field}.id")
    place, stays = index.get(chosen), index.find_staying(chosen)
    moved = stays if stays and stays.id != chosen else None
    return VenuePart(
        field=field,
        chosen=chosen,
        label=place.label if place else "",
        instead=make_choice(moved, field=field) if moved else None,
        corrected=_make_corrected(place, fields, lang, region) if place and not moved and field == "venue" else None,
        asked=asked,
        choices=_list_choices(index, fields, asked, vocabulary),
        warnings=_list_warnings(fields, lang, region) if field == "venue" else (),
        error=next((translate(each.message, lang) for each in errors if each.field == f"{field}.id"), ""),
    )


def parse_words(fields: FormValues) -> Mapping[str, Any]:
    """Read what the form says of its place, whether it is right or not."""
    said: Mapping[str, Any] = parse_form(fields).get("venue", {})
    return said


def _list_warnings(fields: FormValues, lang: str, region: Region) -> list[str]:
    said = parse_words(fields)
    lat, lon = (said.get(each) if isinstance(said.get(each), float) else None for each in ("lat", "lon"))
    venue = Venue(town=said.get("town", ""), county=said.get("county", ""), lat=lat, lon=lon)
    return [each.text for each in find_place_warnings(venue, region, lang)] if venue.county else []


def _make_corrected(place: RegisteredVenue, fields: FormValues, lang: str, region: Region) -> VenueChoice | None:
    said = parse_words(fields)
    changes = list_changes(said, place)
    return VenueChoice(f"correct {place.id}", describe_changes(said, changes, lang, region)) if changes else None


def describe_changes(
    before: Mapping[str, Any], changes: Mapping[str, Any], lang: str, region: Region, *, field: PlaceField = "venue"
) -> str:
    """Return "Street and number: ul. Korsarzy 34 → ul. Korsarzy 34a; …"; both are words of a place by name."""
    return "; ".join(
        f"{translate(FIELDS[f'{field}.{name}'], lang)}: {_write(name, before.get(name), lang, region)} → "
        f"{_write(name, new, lang, region)}"
        for name, new in changes.items()
    )


def _write(name: str, value: object, lang: str, region: Region) -> str:
    if name == "county" and value in region.counties:
        return region.counties[str(value)].get_label(lang)
    return "".join(write_words({name: value})[f"venue.{name}"]) or translate(_("none"), lang)


def make_choice(venue: RegisteredVenue, about: str | Text = "", *, field: PlaceField = "venue") -> VenueChoice:
    return VenueChoice(f"{CHOOSE[field]} {venue.id}", venue.label, about)


def make_twin_choice(twin: Twin) -> VenueChoice:
    return make_choice(twin.venue, describe_distance(twin.metres))


def describe_distance(metres: int) -> Text:
    if metres < KILOMETRE:
        return _("%(metres)s m from there", metres=metres)
    return _("%(kilometres)s km from there", kilometres=round(metres / KILOMETRE))


KILOMETRE: Final = 1_000


def read_typed_words(fields: FormValues, vocabulary: Vocabulary) -> VenueWords:
    """Read what the form says of its place. Raises ValidationFailed."""
    return read_words(parse_words(fields), vocabulary)


def make_candidate(words: VenueWords) -> RegisteredVenue:
    """A place that is not in the register, to be compared with those that are."""
    return RegisteredVenue(
        id="",
        name=words.name,
        street=words.street,
        postcode=words.postcode,
        town=words.town,
        county=words.county,
        lat=words.lat,
        lon=words.lon,
        organisation="",
        created_at="",
    )


def name_municipality(code: str, region: Region) -> str | Text:
    """A town and the villages round it often have one name."""
    commune = region.municipalities.get(code)
    if commune is None:
        return code
    kinds = {"1": _("%(name)s (town)", name=commune.name), "2": _("%(name)s (villages)", name=commune.name)}
    return kinds.get(code[-1], commune.name)


def _list_choices(index: VenueIndex, fields: FormValues, asked: Asked, vocabulary: Vocabulary) -> list[VenueChoice]:
    field: PlaceField = "start_place" if asked == "start" else "venue"
    if asked in {"found", "start"}:
        typed = [get_value(fields, f"{field}.{name}") for name in ("name", "town")]
        return [make_choice(each, field=field) for each in index.suggest(" ".join(typed))]
    if asked == "twins":
        try:
            words = read_typed_words(fields, vocabulary)
        except ValidationFailed:
            return []
        return [make_twin_choice(each) for each in index.list_twins(make_candidate(words))]
    return []
