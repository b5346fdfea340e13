"""The words in which calendar speaks to people: reasons, deeds, fields; Polish, to be said in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.web.locale import Text, _

REASON_WORDS: Final[Mapping[str, Text]] = {
    "duplicate": _("To samo wydarzenie już jest w programie"),
    "not_touristic": _("Nie ma znaczenia dla turystów"),
    "incomplete": _("Brakuje ważnych informacji"),
    "wrong_date": _("Termin jest błędny"),
    "outside_region": _("Odbywa się poza regionem"),
    "other": _("Inny powód, opisany w uwagach"),
}
DEED_WORDS: Final[Mapping[tuple[str, str], Text]] = {
    ("organisation", "sent"): _("Wysłano wersję %(version)s"),
    ("organisation", "cancelled"): _("Organizacja odwołała wydarzenie"),
    ("organisation", "withdrawn"): _("Organizacja wycofała zgłoszenie"),
    ("curator", "accepted"): _("Przyjęto wersję %(version)s"),
    ("curator", "rejected"): _("Odrzucono wersję %(version)s"),
    ("curator", "changes_requested"): _("Poproszono o zmiany w wersji %(version)s"),
    ("curator", "cancelled"): _("Odwołano wydarzenie"),
    ("curator", "withdrawn"): _("Wycofano z programu"),
}
"""By who did it and what they did; ``version`` is the submission's."""
STATE_WORDS: Final[Mapping[str, Text]] = {
    "waiting": _("Czeka na decyzję"),
    "changes_requested": _("Prośba o zmiany"),
    "accepted": _("Przyjęte"),
    "rejected": _("Odrzucone"),
    "withdrawn": _("Wycofane"),
}
TEXT_WORDS: Final[Mapping[str, Text]] = {
    "title": _("Tytuł"),
    "summary": _("Streszczenie"),
    "description": _("Opis"),
}
FIELD_WORDS: Final[Mapping[str, Text]] = {
    "dates": _("Termin"),
    "venue": _("Miejsce"),
    "category": _("Rodzaj"),
    "also": _("Także"),
    "tickets": _("Bilety"),
    "website": _("Strona internetowa"),
    "accessibility": _("Dostępność"),
    "images": _("Zdjęcia"),
    "provenance": _("Pochodzenie danych"),
}
MATTER_WORDS: Final[Mapping[str, Text]] = {
    "new": _("Nowe"),
    "change": _("Zmiana"),
    "answer": _("Odpowiedź"),
}
CONFIDENCE_WORDS: Final[Mapping[str, Text]] = {
    "high": _("pewne"),
    "medium": _("dość pewne"),
    "low": _("niepewne"),
}
ACCESSIBILITY_WORDS: Final[Mapping[str, Text]] = {
    "step_free": _("wejście bez schodów"),
    "accessible_toilet": _("toaleta dostosowana"),
    "accessible_parking": _("miejsca postojowe dla osób z niepełnosprawnością"),
    "lift": _("winda"),
    "wheelchair_places": _("miejsca dla osób na wózkach"),
    "induction_loop": _("pętla indukcyjna"),
    "sign_language": _("tłumaczenie na polski język migowy"),
    "subtitles": _("napisy"),
    "audio_description": _("audiodeskrypcja"),
    "tactile": _("eksponaty lub plany do dotykania"),
    "easy_read": _("informacja w tekście łatwym do czytania"),
    "quiet_place": _("miejsce wyciszenia"),
    "assistance_dogs": _("wstęp z psem asystującym"),
    "companion_free": _("bezpłatny wstęp dla asystenta"),
    "changing_place": _("miejsce do przewijania dorosłych i dzieci"),
}
"""The same words as on the form; a code of a later release is shown as it is."""
