"""The kinds of fields that an event has: what each takes, and what is said when it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from services.ingest.domain import text
from services.ingest.domain.accessibility import ACCESSIBILITY
from services.ingest.domain.faults import refuse
from shared.languages import LANGUAGES
from shared.web.locale import gettext_noop

ADDRESS = 500
_EXTERNAL_ID = re.compile(r"[^\s/?#%\\]+")
PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?:/[A-Za-z0-9._~/-]*)?")
"""Nearly every address is like this, and need not be taken apart to be known as sound."""
_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\".]+(\.[^\s@,;<>()\".]+)+")
_PHONE = re.compile(r"\+?[ (]*[0-9](?:[ ()./-]*[0-9]){5,}[ )]*")


@dataclass(frozen=True, slots=True)
class Known:
    """What the region pack knows: the codes an event may name, and the time zone in which it takes place."""

    categories: frozenset[str]
    counties: frozenset[str]
    zone: ZoneInfo
    languages: frozenset[str] = frozenset(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a validation is given: the region's codes, and the county to take where none is named."""

    known: Known
    county: str | None


def _language(code: str, info: ValidationInfo) -> str:
    if code not in known(info).languages:
        languages = ", ".join(sorted(known(info).languages))
        raise refuse(
            "unknown_language", gettext_noop("Nie znamy tego języka. Możliwe: %(languages)s."), languages=languages
        )
    return code


def _category(slug: str, info: ValidationInfo) -> str:
    if slug not in known(info).categories:
        raise refuse("unknown_category", gettext_noop("Nie ma takiego rodzaju wydarzeń. Wybierz rodzaj z listy."))
    return slug


def _county(code: str, info: ValidationInfo) -> str:
    if code not in known(info).counties:
        raise refuse("unknown_county", gettext_noop("Nie ma takiego powiatu. Podaj czterocyfrowy kod TERYT z listy."))
    return code


def _address(written: str) -> str:
    """Take an http(s) address that a reader may be sent to: a host, no name and password, no blanks."""
    found = text.clean_line(written, ADDRESS)
    if not PLAIN_ADDRESS.fullmatch(found) and not leads_to_a_page(found):
        raise refuse(
            "not_an_address", gettext_noop("Podaj cały adres strony, na przykład https://www.example.pl/zagle.")
        )
    return found


def leads_to_a_page(address: str) -> bool:
    """Tell whether a reader may be sent to an address, by taking it apart."""
    try:
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        sound = sound and parts.port != 0
    except ValueError:
        return False
    return sound and not re.search(r"[\s<>\"\\^`{|}]", address)


def _email(written: str) -> str:
    found = text.clean_line(written, text.NAME)
    if not _EMAIL.fullmatch(found):
        raise refuse("not_an_email", gettext_noop("Podaj adres e-mail, na przykład biuro@example.pl."))
    return found


def _phone(written: str) -> str:
    found = text.clean_line(written, text.SHORT)
    if not _PHONE.fullmatch(found):
        raise refuse("not_a_phone", gettext_noop("Podaj numer telefonu, na przykład +48 91 123 45 67."))
    return found


def external_id(written: str) -> str:
    """Take an organisation's own name for its event; it must fit into an address.

    Raises:
        PydanticCustomError: ``not_an_external_id`` and those of :func:`text.clean_line`.

    """
    found = text.clean_line(written, 100)
    if not _EXTERNAL_ID.fullmatch(found) or set(found) == {"."}:
        raise refuse(
            "not_an_external_id", gettext_noop("Użyj do 100 znaków, bez odstępów, ukośników, ?, # i znaku procentu.")
        )
    return found


def _code(code: str) -> str:
    if code not in ACCESSIBILITY:
        codes = ", ".join(ACCESSIBILITY)
        raise refuse("unknown_code", gettext_noop("Nie znamy tego oznaczenia. Możliwe: %(codes)s."), codes=codes)
    return code


def _not_repeated(items: list[str]) -> list[str]:
    if len(set(items)) < len(items):
        raise refuse("repeated", gettext_noop("Jedna z pozycji się powtarza. Zostaw ją raz."))
    return items


def _polish(texts: dict[str, str]) -> dict[str, str]:
    if "pl" not in texts:
        raise refuse("required", gettext_noop("Podaj tytuł po polsku."))
    return texts


def _not_yet(msgid: str) -> BeforeValidator:
    """Make the rule of a field that is not taken yet: nothing but an empty value."""

    def check(value: object) -> None:
        if value not in (None, "", [], {}):
            raise refuse("not_yet", msgid)

    return BeforeValidator(check)


_NO_RULES = gettext_noop(
    "Powtarzalnych terminów jeszcze nie przyjmujemy. Usuń to pole i wyślij każdy termin jako osobne zgłoszenie."
)
_NO_IMAGES = gettext_noop(
    "Zdjęć jeszcze nie przyjmujemy. Usuń to pole; dodasz je do tego zgłoszenia, gdy to uruchomimy."
)

Language = Annotated[str, AfterValidator(_language)]
Title = Annotated[str, AfterValidator(text.line(text.TITLE)), Field(json_schema_extra={"maxLength": text.TITLE})]
Summary = Annotated[
    str, AfterValidator(text.paragraphs(text.SUMMARY)), Field(json_schema_extra={"maxLength": text.SUMMARY})
]
Description = Annotated[
    str, AfterValidator(text.paragraphs(text.DESCRIPTION)), Field(json_schema_extra={"maxLength": text.DESCRIPTION})
]
Price = Annotated[str, AfterValidator(text.line(text.PRICE)), Field(json_schema_extra={"maxLength": text.PRICE})]
Name = Annotated[str, AfterValidator(text.line(text.NAME)), Field(json_schema_extra={"maxLength": text.NAME})]
Short = Annotated[str, AfterValidator(text.line(text.SHORT)), Field(json_schema_extra={"maxLength": text.SHORT})]
CategorySlug = Annotated[str, AfterValidator(_category)]
County = Annotated[str, AfterValidator(_county)]
Address = Annotated[str, AfterValidator(_address), Field(json_schema_extra={"maxLength": ADDRESS, "format": "uri"})]
ExternalId = Annotated[str, AfterValidator(external_id), Field(json_schema_extra={"maxLength": 100})]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
Titles = Annotated[dict[Language, Title], AfterValidator(_polish)]
Categories = Annotated[list[CategorySlug], Field(max_length=5), AfterValidator(_not_repeated)]
Codes = Annotated[list[Annotated[str, AfterValidator(_code)]], AfterValidator(_not_repeated)]
NoRules = Annotated[None, _not_yet(_NO_RULES)]
NoImages = Annotated[None, _not_yet(_NO_IMAGES)]


def known(info: ValidationInfo) -> Known:
    """Give what the region knows, inside a validation."""
    return asked(info).known


def asked(info: ValidationInfo) -> Asked:
    """Give what the validation was given."""
    return cast("Asked", info.context)
