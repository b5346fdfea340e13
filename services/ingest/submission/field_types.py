"""Field types of an event: their rules and error texts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from services.ingest.submission import text
from services.ingest.submission.field_errors import invalid
from shared.event.fields import Field as EventField
from shared.event.fields import get_field
from shared.event.vocabulary import ACCESSIBILITY, AUDIENCE, LICENCES, OLDEST_CHILD, PICTURE_LICENCES, SETTING
from shared.i18n.languages import LANGUAGES
from shared.i18n.text import gettext_noop
from shared.plain_text import normalize_dashes
from shared.web_address import AddressRefused, BadEscape, to_ascii

ADDRESS_LIMIT = 500
ALT_LIMIT = 300
"""Characters: longer ones are read out to the end all the same."""
_MEDIA = re.compile("[0-9a-f]{64}")
_EXTERNAL_ID = re.compile(r"[^\s/?#%\\\ufffd]+")
"""U+FFFD stands in an address for bytes that are no text: two such names would be one."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UMBRELLA_UNKNOWN: Final = (
    "umbrella_unknown",
    gettext_noop("Your organisation has no such event. Choose one of your own."),
)
_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\".]+(\.[^\s@,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[ (]*[0-9](?:[ ()./-]*[0-9]){5,}[ )]*")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The region's codes and time zone."""

    categories: frozenset[str]
    counties: frozenset[str]
    zone: ZoneInfo
    languages: frozenset[str] = frozenset(LANGUAGES)


@dataclass(frozen=True, slots=True)
class ValidationContext:
    """``county`` is the default of an event that names none."""

    vocabulary: Vocabulary
    county: str | None


def _check_language(code: str, info: ValidationInfo) -> str:
    if code not in get_vocabulary(info).languages:
        languages = ", ".join(sorted(get_vocabulary(info).languages))
        raise invalid(
            "unknown_language",
            gettext_noop("We do not know this language. Possible: %(languages)s."),
            languages=languages,
        )
    return code


def _check_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise invalid(*UMBRELLA_UNKNOWN)
    return value


def _check_category(slug: str, info: ValidationInfo) -> str:
    if slug not in get_vocabulary(info).categories:
        raise invalid("unknown_category", gettext_noop("There is no such kind of event. Choose one from the list."))
    return slug


def _check_county(code: str, info: ValidationInfo) -> str:
    if code not in get_vocabulary(info).counties:
        raise invalid(
            "unknown_county", gettext_noop("There is no such county. Give a four-digit TERYT code from the list.")
        )
    return code


def _read_address(value: str) -> str:
    """Read an http(s) address that every feed can carry."""
    found = text.clean_code(value, ADDRESS_LIMIT)
    try:
        to_ascii(found)
    except BadEscape as bad:
        message = gettext_noop(
            "In the address “%(place)s” stands behind a %%. If this is an ordinary percent sign, write it as %%25."
        )
        raise invalid("not_an_address", message, place=bad.place[1:]) from None
    except AddressRefused:
        message = gettext_noop("Give the full address of the page, for example https://www.example.pl/zagle.")
        raise invalid("not_an_address", message) from None
    return found


def _read_email(value: str) -> str:
    found = text.clean_code(value, text.NAME)
    if not _EMAIL.fullmatch(found):
        raise invalid("not_an_email", gettext_noop("Give an e-mail address, for example biuro@example.pl."))
    return found


def _read_phone(value: str) -> str:
    found = normalize_dashes(text.clean_code(value, text.SHORT))
    if not _PHONE.fullmatch(found):
        raise invalid("not_a_phone", gettext_noop("Give a telephone number, for example +48 91 123 45 67."))
    return found


def _read_postcode(value: str) -> str:
    return normalize_dashes(text.clean_code(value, text.SHORT))


def _read_venue_id(value: str) -> str:
    return text.clean_code(value, text.SHORT).lower()


def clean_external_id(value: str) -> str:
    """Raises PydanticCustomError: ``not_an_external_id``, or as :func:`text.clean_code`."""
    found = text.clean_code(value, 100)
    if not _EXTERNAL_ID.fullmatch(found) or set(found) == {"."}:
        raise invalid(
            "not_an_external_id",
            gettext_noop("Use up to 100 characters, without spaces, slashes, ?, # and the percent sign."),
        )
    return found


def _make_code_rule(known: Collection[str]) -> AfterValidator:
    def check(code: str) -> str:
        if code not in known:
            unknown = gettext_noop("We do not know this code. Possible: %(codes)s.")
            raise invalid("unknown_code", unknown, codes=", ".join(known))
        return code

    return AfterValidator(check)


def _check_unique(items: list[str]) -> list[str]:
    if len(set(items)) < len(items):
        raise invalid("repeated", gettext_noop("One of the items is repeated. Leave it once."))
    return items


def _require_polish(texts: dict[str, str]) -> dict[str, str]:
    if "pl" not in texts:
        raise invalid("required", gettext_noop("Give a title in Polish."))
    return texts


def _require_polish_alt(texts: dict[str, str]) -> dict[str, str]:
    if "pl" not in texts:
        raise invalid("required", NO_ALT)
    return texts


def _check_media(name: str) -> str:
    if not _MEDIA.fullmatch(name):
        raise invalid("unknown_picture", UNKNOWN_PICTURE)
    return name


def check_images(images: list[Any]) -> list[Any]:
    """Refuse a picture that is shown twice."""
    if len({each.media for each in images}) < len(images):
        raise invalid("repeated", gettext_noop("One of the pictures is there twice. Leave it once."))
    return images


def _refuse_value(msgid: str) -> BeforeValidator:
    """Make the rule of a field that is not accepted yet: empty values only."""

    def check(value: object) -> None:
        if value not in (None, "", [], {}):
            raise invalid("not_yet", msgid)

    return BeforeValidator(check)


_NO_RULES = gettext_noop("Repeats have a field of their own: give them in dates.recurrence.")
NO_ALT = gettext_noop("Say in Polish what the picture shows.")
UNKNOWN_PICTURE = gettext_noop("Your organisation has no such picture. Send it in first.")

LanguageCode = Annotated[str, AfterValidator(_check_language)]
Price = Annotated[
    str, AfterValidator(text.make_line_rule(text.PRICE)), Field(json_schema_extra={"maxLength": text.PRICE})
]
Name = Annotated[str, AfterValidator(text.make_line_rule(text.NAME)), Field(json_schema_extra={"maxLength": text.NAME})]
Postcode = Annotated[str, AfterValidator(_read_postcode), Field(json_schema_extra={"maxLength": text.SHORT})]
VenueId = Annotated[str, AfterValidator(_read_venue_id), Field(json_schema_extra={"maxLength": text.SHORT})]
CategorySlug = Annotated[str, AfterValidator(_check_category)]
CountyCode = Annotated[str, AfterValidator(_check_county)]
WebAddress = Annotated[
    str, AfterValidator(_read_address), Field(json_schema_extra={"maxLength": ADDRESS_LIMIT, "format": "uri"})
]
ExternalId = Annotated[str, AfterValidator(clean_external_id), Field(json_schema_extra={"maxLength": 100})]
EmailAddress = Annotated[str, AfterValidator(_read_email)]
PhoneNumber = Annotated[str, AfterValidator(_read_phone)]
CategorySlugs = Annotated[list[CategorySlug], Field(max_length=5), AfterValidator(_check_unique)]
_EMPTY = WithJsonSchema({"enum": [None, "", [], {}], "description": "not taken; may be left empty"})


def _make_codes_type(known: Collection[str]) -> Any:  # noqa: ANN401 - a type
    one = Annotated[str, _make_code_rule(known)]
    return Annotated[list[one], Field(max_length=len(known)), AfterValidator(_check_unique)]


AccessibilityCodes: Any = _make_codes_type(ACCESSIBILITY)
AudienceCodes: Any = _make_codes_type(AUDIENCE)
SettingCodes: Any = _make_codes_type(SETTING)
Age = Annotated[int, Field(ge=0, le=OLDEST_CHILD)]
LicenceCode = Annotated[str, _make_code_rule(LICENCES), Field(json_schema_extra={"enum": list(LICENCES)})]
UmbrellaId = Annotated[str, AfterValidator(_check_id), Field(json_schema_extra={"format": "uuid"})]
FoldNumber = Annotated[int, Field(ge=0, le=1)]
NoRules = Annotated[None, _refuse_value(_NO_RULES), _EMPTY]
MediaName = Annotated[str, AfterValidator(_check_media), Field(json_schema_extra={"pattern": f"^{_MEDIA.pattern}$"})]
AltText = Annotated[
    str, AfterValidator(text.make_line_rule(ALT_LIMIT)), Field(json_schema_extra={"maxLength": ALT_LIMIT})
]
Alt = Annotated[dict[LanguageCode, AltText], AfterValidator(_require_polish_alt)]
PictureLicenceCode = Annotated[
    str, _make_code_rule(PICTURE_LICENCES), Field(json_schema_extra={"enum": list(PICTURE_LICENCES)})
]


def make_plain_type(field: EventField) -> Any:  # noqa: ANN401 - a type
    bound = Field(json_schema_extra={"maxLength": field.limit})
    one: Any
    if field.kind == "address":
        one = WebAddress
    else:
        one = Annotated[
            str,
            AfterValidator((text.make_text_rule if field.kind == "text" else text.make_line_rule)(field.limit)),
            bound,
        ]
    return dict[LanguageCode, one] if field.per_language else one


Titles: Any = Annotated[make_plain_type(get_field("title")), AfterValidator(_require_polish)]


def get_vocabulary(info: ValidationInfo) -> Vocabulary:
    return get_context(info).vocabulary


def get_context(info: ValidationInfo) -> ValidationContext:
    return cast("ValidationContext", info.context)
