"""What two people wrote into the same fields."""

from __future__ import annotations

from typing import Any

from services.ingest.form.fields import Fields
from services.ingest.pages.drawing import field_id, label


def differences(ours: Fields, theirs: Fields) -> list[dict[str, Any]]:
    """Give the fields that somebody else has filled in otherwise: label, id of the control, and their words."""
    names = [*ours, *(name for name in theirs if name not in ours)]
    return [
        {"label": label(name), "id": field_id(name), "theirs": ", ".join(_given(theirs, name))}
        for name in names
        if _given(ours, name) != _given(theirs, name)
    ]


def _given(fields: Fields, name: str) -> list[str]:
    lines = (value.replace("\r\n", "\n").strip() for value in fields.get(name, ()))
    return [value for value in lines if value]
