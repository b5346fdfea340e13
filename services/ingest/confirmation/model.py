"""Which events are asked about on a day, and the link by which an editor confirms them. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from services.ingest.submission.model import Submission

ASK_TIME: Final = time(8, 0)
SOONEST: Final = timedelta(days=22)
LATEST: Final = timedelta(days=28)
"""Before the first day, counted from a Monday: each event is asked about once, some four weeks before."""
VALID: Final = timedelta(days=35)
_TOKEN: Final = re.compile(r"([0-9]{8})\.([a-z0-9-]{1,100})\.([0-9a-f-]{36})\.([0-9a-f]{64})")


class LinkInvalid(ValueError):
    """No link of ours, or one that is over."""


@dataclass(frozen=True, slots=True)
class ConfirmationLink:
    """``day`` is that of the question; it says which events are meant."""

    day: date
    organisation: str
    person: str


def find_monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def bound_events(day: date) -> tuple[date, date]:
    """Return the first and the last of the first days that are asked about on a Monday."""
    return day + SOONEST, day + LATEST


def is_asked_about(submission: Submission) -> bool:
    return submission.can_be_confirmed and not submission.is_confirmed


def group_by_organisation(submissions: Iterable[Submission]) -> Mapping[str, Sequence[Submission]]:
    found: dict[str, list[Submission]] = {}
    for each in submissions:
        found.setdefault(each.organiser.slug, []).append(each)
    return found


def make_token(link: ConfirmationLink, secret: bytes) -> str:
    written = f"{link.day:%Y%m%d}.{link.organisation}.{link.person}"
    return f"{written}.{_sign(written, secret)}"


def read_token(token: str, secret: bytes, today: date) -> ConfirmationLink:
    """Raises LinkInvalid."""
    found = _TOKEN.fullmatch(token)
    if found is None or not hmac.compare_digest(found[4], _sign(token.rpartition(".")[0], secret)):
        raise LinkInvalid
    day = date(int(found[1][:4]), int(found[1][4:6]), int(found[1][6:]))
    if not day <= today <= day + VALID:
        raise LinkInvalid
    return ConfirmationLink(day, found[2], found[3])


def _sign(written: str, secret: bytes) -> str:
    return hmac.digest(secret, b"confirmation\x00" + written.encode(), "sha256").hex()
