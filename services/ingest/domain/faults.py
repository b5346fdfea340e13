"""What is wrong with a field that somebody sent: where, in one code, and in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from shared.web.locale import gettext_noop


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field.

    ``field`` is its path in section 5 (``dates.end``, ``title.de``, ``also.1``), empty for the whole; ``code`` is for
    programs and stays; ``text`` is a Polish msgid, whose ``%(name)s`` are filled from ``values`` (dates as dates).
    """

    field: str
    code: str
    text: str
    values: Mapping[str, Any] = default(default_factory=dict)


class NotAcceptable(Exception):
    """What was sent breaks one or more rules; ``faults`` lists them all, in the order of the fields."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(f"{fault.field}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)


def refuse(code: str, text: str, **values: Any) -> PydanticCustomError:  # noqa: ANN401 - a text is filled with anything
    """Make the error by which a field's rule refuses its value; the model adds the path."""
    return PydanticCustomError(OURS + code, text, values or None)


OURS = "ours."
"""What our codes begin with inside the model, where pydantic has names of its own, such as ``too_long``."""

NOT_JSON = ("not_json", gettext_noop("To nie jest poprawny JSON. Wyślij jeden obiekt zapisany w UTF-8."))

_SAID_BY_PYDANTIC: Mapping[str, tuple[str, str]] = {
    "missing": ("required", gettext_noop("To pole jest wymagane.")),
    "extra_forbidden": ("unknown_field", gettext_noop("Nie ma takiego pola. Sprawdź pisownię albo je usuń.")),
    "string_type": ("wrong_type", gettext_noop("Tu ma być tekst.")),
    "bool_type": ("wrong_type", gettext_noop("Tu ma być true albo false.")),
    "int_type": ("wrong_type", gettext_noop("Tu ma być liczba całkowita.")),
    "int_from_float": ("wrong_type", gettext_noop("Tu ma być liczba całkowita.")),
    "float_type": ("wrong_type", gettext_noop("Tu ma być liczba, na przykład 53.43.")),
    "finite_number": ("wrong_type", gettext_noop("Tu ma być liczba, na przykład 53.43.")),
    "list_type": ("wrong_type", gettext_noop("Tu ma być lista.")),
    "dict_type": ("wrong_type", gettext_noop('Tu ma być obiekt, na przykład {"pl": "…"}.')),
    "model_type": ("wrong_type", gettext_noop("Tu ma być obiekt z polami.")),
    "model_attributes_type": ("wrong_type", gettext_noop("Tu ma być obiekt z polami.")),
    "string_unicode": ("control_character", gettext_noop("Tekst zawiera znak, którego nie można zapisać.")),
    "literal_error": ("unknown_value", gettext_noop("Dozwolone wartości: %(expected)s.")),
    "greater_than_equal": ("out_of_range", gettext_noop("Podaj liczbę nie mniejszą niż %(ge)s.")),
    "less_than_equal": ("out_of_range", gettext_noop("Podaj liczbę nie większą niż %(le)s.")),
    "too_long": ("too_many", gettext_noop("Jest %(actual_length)s pozycji, najwyżej %(max_length)s.")),
    "json_invalid": NOT_JSON,
    "json_type": NOT_JSON,
}

_REQUIRED_TEXTS: Mapping[str, str] = {
    "title": gettext_noop("Podaj tytuł po polsku."),
    "title.pl": gettext_noop("Podaj tytuł po polsku."),
    "category": gettext_noop("Wybierz rodzaj wydarzenia."),
    "dates": gettext_noop("Podaj, kiedy jest wydarzenie."),
    "dates.certainty": gettext_noop("Wybierz, jak pewny jest termin."),
    "dates.start": gettext_noop("Podaj pierwszy dzień."),
    "dates.end": gettext_noop("Podaj ostatni dzień; dla wydarzenia jednodniowego ten sam co pierwszy."),
    "venue": gettext_noop("Podaj, gdzie jest wydarzenie."),
    "venue.town": gettext_noop("Podaj miejscowość."),
    "venue.county": gettext_noop("Wybierz powiat."),
}


def fault_of(error: ErrorDetails) -> Fault:
    """Turn an error of the model into a fault: our own ones keep code and text, pydantic's get ours."""
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    code, text = _SAID_BY_PYDANTIC.get(error["type"], (error["type"].removeprefix(OURS), error["msg"]))
    if code == "empty" and place in _REQUIRED_TEXTS:
        code = "required"
    if code == "required":
        text = _REQUIRED_TEXTS.get(place, text)
    if code == "required" and place == "title":
        place = "title.pl"
    return Fault(place, code, text, dict(error.get("ctx", {})))
