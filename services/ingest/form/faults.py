"""Where in the form a fault is shown, and in which words: people see fields, not paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.ingest.domain.faults import Fault
from services.ingest.form.fields import BY_LANGUAGE, LISTS, Fields, one
from shared.web.locale import gettext_noop

_NO_SPAN = {
    "month": gettext_noop("Wybierz miesiąc."),
    "season": gettext_noop("Wybierz porę roku."),
}
_TIMES = {"skipped_hour", "doubled_hour"}
_DOUBLED = gettext_noop(
    "Godzina %(time)s jest dnia %(day)s dwa razy, bo zmienia się czas. Wybierz niżej, o którą chodzi."
)


def in_form(faults: Sequence[Fault], fields: Fields) -> list[Fault]:
    """Give the faults in the order of the form, each with the name of the input where it is shown.

    A fault that only follows from another (no last day where there is no first) is left out.
    """
    start_is_wrong = any(fault.field in {"dates", "dates.start"} for fault in faults)
    shown = [_shown(fault, fields) for fault in faults if not (fault.field.startswith("dates.end") and start_is_wrong)]
    return [fault for place, fault in enumerate(shown) if fault.field not in {each.field for each in shown[:place]}]


def _shown(fault: Fault, fields: Fields) -> Fault:
    certainty = one(fields, "certainty")
    if fault.field in {"dates", "dates.start", "dates.end"} and certainty in _NO_SPAN:
        return Fault(certainty, fault.code, _NO_SPAN[certainty])
    if fault.code == "doubled_hour":
        fault = replace(fault, text=_DOUBLED)
    return replace(fault, field=_input(fault))


def _input(fault: Fault) -> str:
    """Name the input for a path of section 5."""
    first, _, rest = fault.field.partition(".")
    if first in BY_LANGUAGE:
        return f"{first}.{rest or 'pl'}"
    if first in LISTS:
        return first
    if first == "dates":
        return _date_input(rest, fault.code)
    if fault.field == "tickets.price":
        return "tickets.price.pl"
    return "venue.town" if fault.field == "venue" else fault.field


def _date_input(name: str, code: str) -> str:
    if name == "certainty":
        return "certainty"
    which = "end" if name.startswith("end") else "start"
    return f"{which}_time" if code in _TIMES else f"{which}_date"
