"""Edit conflicts: the fields in which two forms differ."""

from __future__ import annotations

from typing import Any

from services.ingest.submission.form.date_fields import is_same_moment, omit_unused
from services.ingest.submission.form.mapping import FormValues
from services.ingest.submission.form.view import get_label, make_field_id


def list_differences(ours: FormValues, theirs: FormValues) -> list[dict[str, Any]]:
    ours, theirs = omit_unused(ours), omit_unused(theirs)
    names = [*ours, *(name for name in theirs if name not in ours)]
    return [
        {"label": get_label(name), "id": make_field_id(name), "theirs": ", ".join(_get_lines(theirs, name))}
        for name in names
        if not _is_same(name, _get_lines(ours, name), _get_lines(theirs, name))
    ]


def _is_same(name: str, ours: list[str], theirs: list[str]) -> bool:
    return ours == theirs or (len(ours) == len(theirs) == 1 and is_same_moment(name, ours[0], theirs[0]))


def _get_lines(fields: FormValues, name: str) -> list[str]:
    lines = (value.replace("\r\n", "\n").strip() for value in fields.get(name, ()))
    return [value for value in lines if value]
