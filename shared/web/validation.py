"""What pydantic finds wrong, as what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from shared.web.locale import Text, _, gettext_noop, n_, ngettext_noop
from shared.web.problems import BadRequest, FieldError, Invalid, NotFound, Problem, UnsupportedMediaType

_PLACES: Final = frozenset({"body", "query", "path", "header", "cookie"})

MESSAGES: Final[Mapping[str, str]] = {
    "missing": _("Uzupełnij to pole."),
    "extra_forbidden": _("Nie ma takiego pola. Sprawdź pisownię albo usuń je."),
    "string_type": _("Podaj tekst."),
    "string_unicode": _("Tekst zawiera znaki, których nie da się zapisać w UTF-8."),
    "string_pattern_mismatch": _("Wartość ma inną postać, niż tu trzeba."),
    "int_type": _("Podaj liczbę całkowitą."),
    "int_parsing": _("Podaj liczbę całkowitą."),
    "int_from_float": _("Podaj liczbę całkowitą."),
    "int_parsing_size": _("Ta liczba jest za duża."),
    "float_type": _("Podaj liczbę."),
    "float_parsing": _("Podaj liczbę."),
    "finite_number": _("Podaj liczbę."),
    "bool_type": _("Podaj true albo false."),
    "bool_parsing": _("Podaj true albo false."),
    "list_type": _("Podaj listę."),
    "tuple_type": _("Podaj listę."),
    "set_type": _("Podaj listę."),
    "dict_type": _("Podaj obiekt JSON."),
    "model_type": _("Podaj obiekt JSON."),
    "model_attributes_type": _("Podaj obiekt JSON."),
    "dataclass_type": _("Podaj obiekt JSON."),
    "none_required": _("To pole musi być puste (null)."),
    "date_type": _("Podaj datę w postaci 2027-08-14."),
    "date_parsing": _("Podaj datę w postaci 2027-08-14."),
    "date_from_datetime_parsing": _("Podaj datę w postaci 2027-08-14."),
    "date_from_datetime_inexact": _("Podaj samą datę, bez godziny."),
    "datetime_type": _("Podaj datę i godzinę w postaci 2027-08-14T18:00."),
    "datetime_parsing": _("Podaj datę i godzinę w postaci 2027-08-14T18:00."),
    "datetime_from_date_parsing": _("Podaj datę i godzinę w postaci 2027-08-14T18:00."),
    "uuid_type": _("Podaj identyfikator UUID."),
    "uuid_parsing": _("Podaj identyfikator UUID."),
    "url_type": _("Podaj pełny adres, na przykład https://example.org."),
    "url_parsing": _("Podaj pełny adres, na przykład https://example.org."),
    "url_syntax_violation": _("Podaj pełny adres, na przykład https://example.org."),
    "url_scheme": _("Podaj adres, który zaczyna się od https:// albo http://."),
    "url_too_long": _("Ten adres jest za długi."),
    "recursion_loop": _("Te dane wskazują same na siebie."),
}
"""What to do, by pydantic's name of the rule; rules with a number are in :func:`_with_number`."""

COUNTED: Final[Mapping[str, tuple[str, str]]] = {
    "string_too_short": ngettext_noop("Podaj co najmniej %(num)d znak.", "Podaj co najmniej %(num)d znaków."),
    "string_too_long": ngettext_noop("Najwyżej %(num)d znak.", "Najwyżej %(num)d znaków."),
    "too_short": ngettext_noop("Podaj co najmniej %(num)d pozycję.", "Podaj co najmniej %(num)d pozycji."),
    "too_long": ngettext_noop("Najwyżej %(num)d pozycja.", "Najwyżej %(num)d pozycji."),
}
BOUNDS: Final[Mapping[str, str]] = {
    "greater_than_equal": gettext_noop("Podaj co najmniej %(limit)s."),
    "greater_than": gettext_noop("Podaj więcej niż %(limit)s."),
    "less_than_equal": gettext_noop("Podaj najwyżej %(limit)s."),
    "less_than": gettext_noop("Podaj mniej niż %(limit)s."),
}
OTHERWISE: Final = _("Ta wartość jest nieprawidłowa.")


def refusal(error: RequestValidationError, content_type: str) -> Problem:
    """Make the problem of a request that does not fit its route.

    An unknown or wrong filter is 400, a path that can name nothing 404, a body of another type 415, everything else 422
    with the fields.
    """
    found: Sequence[Any] = error.errors()
    places = {str(each["loc"][0]) for each in found}
    broken = next((each for each in found if each["type"] == "json_invalid"), None)
    if broken:
        return _not_json(broken)
    if "path" in places:
        return NotFound()
    if any(tuple(each["loc"]) == ("body",) and each["type"] != "missing" for each in found) and not _json(content_type):
        return UnsupportedMediaType()
    errors = [field_error(each) for each in found]
    if places <= {"query", "header", "cookie"}:
        return BadRequest(_("Popraw parametry wymienione w errors."), code="unknown_filter_value", errors=errors)
    return Invalid(errors=errors)


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Say what to do about what pydantic's ``ValidationError.errors()`` lists, for forms that are read by a model."""
    return [field_error(each) for each in found]


def field_error(found: Mapping[str, Any]) -> FieldError:
    """Say what to do about one of pydantic's errors."""
    place = found["loc"][1:] if found["loc"] and found["loc"][0] in _PLACES else found["loc"]
    return FieldError(".".join(str(each) for each in place), _message(found), str(found["type"]))


def _message(found: Mapping[str, Any]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return _of_our_own(context.get("error"))
    return MESSAGES.get(kind) or _with_number(kind, context) or OTHERWISE


def _of_our_own(error: object) -> str:
    """Give the words of a validator of ours, which raises ``ValueError(_("…"))``."""
    said = error.args[0] if isinstance(error, Exception) and error.args else None
    return said if isinstance(said, Text) else OTHERWISE


def _with_number(kind: str, context: Mapping[str, Any]) -> str | None:
    """Say a rule that holds a number or a list of values; None for any other."""
    if kind == "string_too_short" and context["min_length"] == 1:
        return MESSAGES["missing"]
    for name in ("min_length", "max_length"):
        if kind in COUNTED and name in context:
            return n_(*COUNTED[kind], context[name])
    if kind in BOUNDS:
        limit = next(iter(context.values()))
        return _(BOUNDS[kind], limit=f"{limit:g}" if isinstance(limit, float) else limit)
    if kind in {"literal_error", "enum"}:
        return _("Możliwe wartości: %(values)s.", values=context["expected"].replace(" or ", ", "))
    return None


def _not_json(broken: Mapping[str, Any]) -> BadRequest:
    position = broken["loc"][-1]
    where = {"position": position} if isinstance(position, int) else {"position": 0}
    return BadRequest(_("To nie jest poprawny JSON: błąd przy znaku %(position)d.", **where), code="json_invalid")


def _json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
