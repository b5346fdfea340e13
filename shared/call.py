"""A call: when events of a year are taken, what is locked afterwards, who may still send. Pure.

A chief names local days of the region. A call opens when its first day begins; deadline and freeze are the end of their
day. Instants are kept, so that a day with 23 or 25 hours is as long as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from shared.messages import CallAnnounced

CallPhase = Literal["ahead", "open", "late", "frozen"]

DAY: Final = timedelta(days=1)
_BLANKS: Final = re.compile(r"[\s\-\u2010-\u2015]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``deadline_at`` and ``freeze_at`` are the first instants that are too late; ``late_codes`` are digests."""

    year: int
    number: int
    opens_at: datetime
    deadline_at: datetime
    freeze_at: datetime
    answer_days: int
    criteria: Mapping[str, str]
    locked_fields: tuple[str, ...]
    late_codes: frozenset[str]

    def get_phase(self, now: datetime) -> CallPhase:
        if now < self.opens_at:
            return "ahead"
        if now < self.deadline_at:
            return "open"
        return "late" if now < self.freeze_at else "frozen"

    def is_open(self, now: datetime) -> bool:
        return self.get_phase(now) == "open"

    def is_past_deadline(self, now: datetime) -> bool:
        return now >= self.deadline_at

    def days_left(self, now: datetime, zone: ZoneInfo) -> int:
        """Count the local days until the deadline's: 0 on that day, less than 0 afterwards."""
        return (find_last_day(self.deadline_at, zone) - now.astimezone(zone).date()).days

    def accepts_code(self, code: str) -> bool:
        """Whether a late code is one of this call's."""
        sent = digest_late_code(code).encode()
        found = [hmac.compare_digest(sent, each.encode()) for each in self.late_codes]
        return any(found)

    def list_locked_changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the locked fields in which two events differ, each event as it is sent."""
        return tuple(name for name in self.locked_fields if _read(before, name) != _read(after, name))


def parse_call(message: CallAnnounced) -> Call:
    """Raises ValueError if an instant cannot be read."""
    return Call(
        year=message.year,
        number=message.number,
        opens_at=parse_instant(message.opens_at),
        deadline_at=parse_instant(message.deadline_at),
        freeze_at=parse_instant(message.freeze_at),
        answer_days=message.answer_days,
        criteria=dict(message.criteria),
        locked_fields=tuple(message.locked_fields),
        late_codes=frozenset(message.late_codes),
    )


def parse_instant(written: str) -> datetime:
    """Raises ValueError if it is not RFC 3339 with its offset."""
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError(f"an instant without an offset: {written}")
    return instant


def find_start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def find_end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant after a local day, in UTC."""
    return find_start_of_day(day + DAY, zone)


def find_last_day(end: datetime, zone: ZoneInfo) -> date:
    """Return the local day that ends at an instant."""
    return (end - timedelta(microseconds=1)).astimezone(zone).date()


def digest_late_code(code: str) -> str:
    """Digest a code as it was typed: blanks, hyphens and case do not count."""
    return hashlib.sha256(_BLANKS.sub("", code).upper().encode(errors="replace")).hexdigest()


def _read(event: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - the value of a field of any kind
    """Without the register's id of the venue, which an event may name at any time: the place is the same."""
    value = event.get(name)
    return {key: each for key, each in value.items() if key != "id"} if name == "venue" and value else value
