"""Sensible terms of a call; override by keyword."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.calendar.call.model import CallSetting, CallTerms, YearCall, announce
from tests.services.calendar.builders import NOW

WARSAW = ZoneInfo("Europe/Warsaw")
LANGUAGES = ("pl", "en", "de")


def make_terms(**changes: Any) -> CallTerms:  # noqa: ANN401 - any field
    return CallTerms(
        **{
            "opens_on": date(2026, 12, 1),
            "deadline_on": date(2027, 1, 15),
            "freeze_on": date(2027, 2, 15),
            "answer_days": 14,
            "criteria": {"pl": "Dla gości z daleka."},
            "locked_fields": ("category", "dates"),
            **changes,
        }
    )


def make_setting(now: str = NOW) -> CallSetting:
    return CallSetting(WARSAW, LANGUAGES, now)


def make_call(year: int = 2027, *, now: str = NOW, **changes: Any) -> YearCall:  # noqa: ANN401 - any field
    return announce(year, make_terms(**changes), make_setting(now))
