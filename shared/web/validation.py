"""Converts pydantic's errors to problems with texts that say what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from shared.field_error import FieldError
from shared.i18n.text import Text, _, gettext_noop, n_, ngettext_noop
from shared.web.http.media_types import is_json
from shared.web.problems import MAX_ERRORS, BadRequest, Invalid, NotFound, Problem, UnsupportedMediaType

_PLACES: Final = frozenset({"body", "query", "path", "header", "cookie"})

MESSAGES: Final[Mapping[str, str]] = {
    "missing": _("Fill in this field."),
    "extra_forbidden": _("There is no such field. Check the spelling or remove it."),
    "string_type": _("Give a text."),
    "string_unicode": _("The text holds characters that cannot be written in UTF-8."),
    "string_pattern_mismatch": _("The value has another form than is needed here."),
    "int_type": _("Give a whole number."),
    "int_parsing": _("Give a whole number."),
    "int_from_float": _("Give a whole number."),
    "int_parsing_size": _("This number is too large."),
    "float_type": _("Give a number."),
    "float_parsing": _("Give a number."),
    "finite_number": _("Give a number."),
    "bool_type": _("Give true or false."),
    "bool_parsing": _("Give true or false."),
    "list_type": _("Give a list."),
    "tuple_type": _("Give a list."),
    "set_type": _("Give a list."),
    "dict_type": _("Give a JSON object."),
    "model_type": _("Give a JSON object."),
    "model_attributes_type": _("Give a JSON object."),
    "dataclass_type": _("Give a JSON object."),
    "none_required": _("This field must be empty (null)."),
    "date_type": _("Give a date as 2027-08-14."),
    "date_parsing": _("Give a date as 2027-08-14."),
    "date_from_datetime_parsing": _("Give a date as 2027-08-14."),
    "date_from_datetime_inexact": _("Give the date alone, without a time."),
    "datetime_type": _("Give date and time as 2027-08-14T18:00."),
    "datetime_parsing": _("Give date and time as 2027-08-14T18:00."),
    "datetime_from_date_parsing": _("Give date and time as 2027-08-14T18:00."),
    "uuid_type": _("Give a UUID."),
    "uuid_parsing": _("Give a UUID."),
    "url_type": _("Give the full address, for example https://example.org."),
    "url_parsing": _("Give the full address, for example https://example.org."),
    "url_syntax_violation": _("Give the full address, for example https://example.org."),
    "url_scheme": _("Give an address that begins with https:// or http://."),
    "url_too_long": _("This address is too long."),
    "recursion_loop": _("This data refers to itself."),
}
"""What to do, by pydantic's name of the rule; rules with a number are in :func:`_with_number`."""

COUNTED_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "string_too_short": ngettext_noop("Give at least %(num)d character.", "Give at least %(num)d characters."),
    "string_too_long": ngettext_noop("At most %(num)d character.", "At most %(num)d characters."),
    "too_short": ngettext_noop("Give at least %(num)d item.", "Give at least %(num)d items."),
    "too_long": ngettext_noop("At most %(num)d item.", "At most %(num)d items."),
}
BOUNDS: Final[Mapping[str, str]] = {
    "greater_than_equal": gettext_noop("Give at least %(limit)s."),
    "greater_than": gettext_noop("Give more than %(limit)s."),
    "less_than_equal": gettext_noop("Give at most %(limit)s."),
    "less_than": gettext_noop("Give less than %(limit)s."),
}
DEFAULT_MESSAGE: Final = _("This value is not valid.")


def create_problem(error: RequestValidationError, content_type: str) -> Problem:
    """Unknown or wrong filters are 400, an impossible path 404, another media type 415, everything else 422."""
    found: Sequence[Any] = error.errors()
    places = {str(each["loc"][0]) for each in found}
    broken = next((each for each in found if each["type"] == "json_invalid"), None)
    if broken:
        return _create_json_problem(broken)
    if "path" in places:
        return NotFound()
    if any(tuple(each["loc"]) == ("body",) and each["type"] != "missing" for each in found) and not is_json(
        content_type
    ):
        return UnsupportedMediaType()
    errors, more = convert_errors(found[:MAX_ERRORS]), len(found[MAX_ERRORS:])
    if places <= {"query", "header", "cookie"}:
        said = _("Correct the parameters listed in errors.")
        return BadRequest(said, code="unknown_filter_value", errors=errors, more=more)
    return Invalid(errors=errors, more=more)


def convert_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Convert the list of pydantic's ``ValidationError.errors()``."""
    return [convert_error(each) for each in found]


def convert_error(found: Mapping[str, Any]) -> FieldError:
    place = found["loc"][1:] if found["loc"] and found["loc"][0] in _PLACES else found["loc"]
    return FieldError(".".join(str(each) for each in place), _choose_message(found), str(found["type"]))


def _choose_message(found: Mapping[str, Any]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return _read_own_message(context.get("error"))
    return MESSAGES.get(kind) or _format_message(kind, context) or DEFAULT_MESSAGE


def _read_own_message(error: object) -> str:
    """The text of our own validators, which raise ``ValueError(_("…"))``."""
    said = error.args[0] if isinstance(error, Exception) and error.args else None
    return said if isinstance(said, Text) else DEFAULT_MESSAGE


def _format_message(kind: str, context: Mapping[str, Any]) -> str | None:
    """A rule with a number or a list of values; None for any other."""
    if kind == "string_too_short" and context["min_length"] == 1:
        return MESSAGES["missing"]
    for name in ("min_length", "max_length"):
        if kind in COUNTED_MESSAGES and name in context:
            return n_(*COUNTED_MESSAGES[kind], context[name])
    if kind in BOUNDS:
        limit = next(iter(context.values()))
        return _(BOUNDS[kind], limit=f"{limit:g}" if isinstance(limit, float) else limit)
    if kind in {"literal_error", "enum"}:
        return _("Possible values: %(values)s.", values=context["expected"].replace(" or ", ", "))
    return None


def _create_json_problem(broken: Mapping[str, Any]) -> BadRequest:
    position = broken["loc"][-1]
    where = {"position": position} if isinstance(position, int) else {"position": 0}
    return BadRequest(_("This is not valid JSON: error at character %(position)d.", **where), code="json_invalid")
