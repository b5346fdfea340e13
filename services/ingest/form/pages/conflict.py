"""Edit conflicts: the fields in which two forms differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.form.date_fields import is_same_moment, omit_unused
from services.ingest.form.mapping import FormValues
from services.ingest.form.repeat_view import describe_repeats
from services.ingest.form.view import get_label, make_field_id


@dataclass(frozen=True, slots=True)
class FieldDifference:
    label: str
    id: str
    theirs: str


@dataclass(frozen=True, slots=True)
class EditConflict:
    """``who`` changed it last, "" if that is not known."""

    who: str
    fields: Sequence[FieldDifference]


def list_differences(ours: FormValues, theirs: FormValues, lang: str) -> list[FieldDifference]:
    ours, theirs = omit_unused(ours), omit_unused(theirs)
    names = [*ours, *(name for name in theirs if name not in ours)]
    return [
        FieldDifference(get_label(name), make_field_id(name), _describe(theirs, name, lang))
        for name in names
        if not _is_same(name, _get_lines(ours, name), _get_lines(theirs, name))
    ]


def _describe(fields: FormValues, name: str, lang: str) -> str:
    return describe_repeats(fields, lang) if name == "recurrence" else ", ".join(_get_lines(fields, name))


def _is_same(name: str, ours: list[str], theirs: list[str]) -> bool:
    return ours == theirs or (len(ours) == len(theirs) == 1 and is_same_moment(name, ours[0], theirs[0]))


def _get_lines(fields: FormValues, name: str) -> list[str]:
    lines = (value.replace("\r\n", "\n").strip() for value in fields.get(name, ()))
    return [value for value in lines if value]
