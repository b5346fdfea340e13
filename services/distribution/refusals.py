"""What is said to somebody whose filter means nothing here."""

from __future__ import annotations

from typing import Final

from services.distribution.selection import FilterRefused
from shared.web.locale import _
from shared.web.problems import BadRequest, FieldError, Problem

_MOST_LISTED: Final = 40


def refused_filter(error: FilterRefused) -> BadRequest:
    """Make the problem of a refused filter: which one, why, and what would be understood."""
    known = ", ".join(list(error.known)[:_MOST_LISTED])
    value = error.value[:100]
    messages = {
        "unknown_filter": _("Nie ma filtra %(name)s. Filtry to: %(known)s.", name=error.name, known=known),
        "unknown_value": _("Nie znamy wartości „%(value)s”. Znane wartości: %(known)s.", value=value, known=known),
        "only_once": _("Podaj ten filtr tylko raz."),
        "not_a_date": _("Podaj istniejącą datę, na przykład 2027-08-14."),
        "before_from": _("Data „to” jest przed datą „from”. Zamień je."),
        "not_readable": _("Nie umiemy odczytać filtrów w tym adresie."),
    }
    detail = _("Popraw filtr %(name)s w adresie.", name=error.name)
    return BadRequest(
        detail, code=error.code, errors=[FieldError(field=error.name, message=messages[error.code], code=error.code)]
    )


class NoLongerPublic(Problem):
    """The event was public once and was withdrawn (410); its address will never mean anything else."""

    status = 410
    default_code = "withdrawn"
    title = _("To wydarzenie zostało wycofane")
    default_detail = _("Organizator wycofał je z programu. Inne wydarzenia są na liście programu.")
