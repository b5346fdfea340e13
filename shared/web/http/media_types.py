"""The media types of request bodies: JSON and URL-encoded forms, in UTF-8, and pictures. Pure."""

from __future__ import annotations

import re
from typing import Final

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_JSON = re.compile(r"application/(?:json|[a-z0-9.+_-]+\+json)")


def is_json(content_type: str) -> bool:
    kind = _parse_type(content_type)
    return kind is not None and _JSON.fullmatch(kind) is not None


def is_form(content_type: str) -> bool:
    return _parse_type(content_type) == FORM


def is_multipart(content_type: str) -> bool:
    """Of forms with files."""
    return _parse_type(content_type) == MULTIPART


def is_picture(content_type: str) -> bool:
    return _parse_type(content_type) in PICTURES


def _parse_type(content_type: str) -> str | None:
    """None if it names a charset other than UTF-8."""
    kind, *parameters = content_type.lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            return None
    return kind.strip()
