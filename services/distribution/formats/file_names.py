"""File names of downloaded events, by title and date instead of id."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from anyascii import anyascii

from services.distribution.presentation.clean import clean_line
from services.distribution.presentation.localized_event import LocalizedEvent
from shared.event.model import SPANS

MAX_TITLE: Final = 60
"""Letters of a title."""
_NO_WORD = re.compile(r"[^a-z0-9]+")
_UNSAFE = re.compile(r'[\\/:*?"<>|%~\x00-\x1f]+')
"""What file systems, shells or browsers take for something else."""


def build_disposition(event: LocalizedEvent, extension: str) -> str:
    """Build a Content-Disposition (RFC 6266): an ASCII name, and the title as it is written."""
    words = _NO_WORD.sub("-", anyascii(event.title.value[:MAX_TITLE]).lower())[:MAX_TITLE].strip("-") or "event"
    title = " ".join(_UNSAFE.sub(" ", clean_line(event.title.value)).split())[:MAX_TITLE].strip(" .") or words
    day = _format_day(event)
    written = quote(f"{title} {day}.{extension}", safe="")
    return f"attachment; filename=\"{words}-{day}.{extension}\"; filename*=UTF-8''{written}"


def _format_day(event: LocalizedEvent) -> str:
    dates = event.content.dates
    return dates.start[:7] if dates.certainty in SPANS else dates.start[:10]
