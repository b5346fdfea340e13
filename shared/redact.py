"""Redaction of credentials in text that is logged or shown. Pure."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@|\bkal_[A-Za-z0-9-]+_[A-Za-z0-9_-]+")


def redact_credentials(text: str) -> str:
    """Passwords in URLs, and our own API keys."""
    return _CREDENTIALS.sub("[hidden]", text) if "://" in text or "kal_" in text else text
