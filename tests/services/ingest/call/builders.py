"""A call as it is announced; override by keyword."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.call import digest_late_code
from shared.messages import CallAnnounced
from tests.services.ingest.conftest import Ingest

AHEAD = "2026-09-30T12:00:00.000Z"
OPEN = "2026-11-29T12:00:00.000Z"
LATE = "2026-12-16T12:00:00.000Z"
FROZEN = "2027-01-20T12:00:00.000Z"
CODE = "7K2M-9QXT-4HPD-WZ6R"


def make_announcement(number: int = 1, **changes: Any) -> CallAnnounced:  # noqa: ANN401 - any field
    """From 1 October to the end of 15 December 2026; closed at the end of 15 January 2027."""
    return CallAnnounced(
        **{
            "year": 2027,
            "number": number,
            "opens_at": "2026-09-30T22:00:00.000Z",
            "deadline_at": "2026-12-15T23:00:00.000Z",
            "freeze_at": "2027-01-15T23:00:00.000Z",
            "answer_days": 14,
            "criteria": {"pl": "Dla gości z daleka.", "en": "For guests from afar."},
            "locked_fields": ["category", "dates"],
            "late_codes": [digest_late_code(CODE)],
            "announced_at": "2026-09-20T10:00:00.000Z",
            **changes,
        }
    )


def set_clock(ingest: Ingest, now: str) -> None:
    ingest.app.state.service = replace(ingest.app.state.service, now=lambda: now)


async def announce(ingest: Ingest, **changes: Any) -> None:  # noqa: ANN401 - any field
    """Let a call arrive as the consumer would."""
    await ingest.state.calls.apply(make_announcement(**changes))
