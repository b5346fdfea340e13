"""The words in which ingest speaks to people: fields, reasons, deeds; Polish, to be said in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.ingest.domain.history import Deed
from shared.messages import ReviewState
from shared.web.locale import Text, _, gettext_noop

REASONS: Final[Mapping[str, Text]] = {
    "duplicate": _("To samo wydarzenie już jest w programie"),
    "not_touristic": _("Nie ma znaczenia dla turystów"),
    "incomplete": _("Brakuje ważnych informacji"),
    "wrong_date": _("Termin jest błędny"),
    "outside_region": _("Odbywa się poza regionem"),
    "other": _("Inny powód, opisany w uwagach"),
}
DEEDS: Final[Mapping[Deed, str]] = {
    "sent": gettext_noop("Wysłano wersję %(version)s"),
    "cancelled": gettext_noop("Odwołano wydarzenie"),
    "withdrawn": gettext_noop("Wycofano zgłoszenie"),
    "accepted": gettext_noop("Przyjęto wersję %(version)s"),
    "changes_requested": gettext_noop("Poproszono o zmiany w wersji %(version)s"),
    "rejected": gettext_noop("Odrzucono wersję %(version)s"),
    "cancelled_by_curator": gettext_noop("Kurator odwołał wydarzenie"),
    "withdrawn_by_curator": gettext_noop("Kurator wycofał wydarzenie"),
}
FIELDS: Final[Mapping[str, Text]] = {
    "title": _("Tytuł"),
    "summary": _("Streszczenie"),
    "description": _("Opis"),
    "category": _("Rodzaj wydarzenia"),
    "also": _("Pasuje też do"),
    "certainty": _("Jak pewny jest termin?"),
    "start_date": _("Pierwszy dzień"),
    "start_time": _("Początek o godzinie"),
    "end_date": _("Ostatni dzień"),
    "end_time": _("Koniec o godzinie"),
    "month": _("Miesiąc"),
    "season": _("Pora roku"),
    "start_fold": _("Która godzina początku?"),
    "end_fold": _("Która godzina końca?"),
    "venue.name": _("Nazwa miejsca"),
    "venue.street": _("Ulica i numer"),
    "venue.postcode": _("Kod pocztowy"),
    "venue.town": _("Miejscowość"),
    "venue.county": _("Powiat"),
    "venue.lat": _("Szerokość geograficzna"),
    "venue.lon": _("Długość geograficzna"),
    "website": _("Strona internetowa"),
    "tickets.free": _("Wstęp"),
    "tickets.price": _("Ceny"),
    "tickets.url": _("Gdzie kupić bilet"),
    "accessibility": _("Dostępność"),
    "contact.name": _("Imię i nazwisko"),
    "contact.email": _("Adres e-mail"),
    "contact.phone": _("Telefon"),
    "external_id": _("Własny identyfikator"),
}
"""By the name of the input, without its language."""
SEASONS: Final[Mapping[str, str]] = {
    "spring": gettext_noop("wiosna %(year)s"),
    "summer": gettext_noop("lato %(year)s"),
    "holidays": gettext_noop("lipiec i sierpień %(year)s"),
    "autumn": gettext_noop("jesień %(year)s"),
    "winter": gettext_noop("zima %(year)s/%(next)s"),
}
GROUPS: Final[Mapping[ReviewState, Text]] = {
    "changes_requested": _("Do poprawy"),
    "waiting": _("W sprawdzaniu"),
    "accepted": _("W programie"),
    "rejected": _("Odrzucone"),
    "withdrawn": _("Wycofane"),
}
"""What waits for the organisation comes first."""


def deed(what: Deed, version: int) -> Text:
    """Say what was done."""
    return Text(DEEDS[what], {"version": version})


def season(name: str, year: int) -> Text:
    """Name a season of a year."""
    return Text(SEASONS[name], {"year": year, "next": year + 1})
