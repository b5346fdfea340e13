"""Admission: whether a call takes what an organisation sends, and whether that is late.

The call of the year in which an event starts decides; a year without a call takes everything, as before there were
calls. Cancelling and withdrawing ask no call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.ingest.submission.model import Submission, write_public_event
from shared.call import Call, CallPhase, find_last_day, parse_instant
from shared.event.days import confirms_dates

TAKING: Final[tuple[CallPhase, ...]] = ("open", "late")
"""The phases in which organisations send something."""
FindCall = Callable[[int], Call | None]


class CallNotOpen(Exception):
    """The year's call opens on ``day``."""

    def __init__(self, year: int, day: date) -> None:
        super().__init__(year, day)
        self.year = year
        self.day = day


class CallClosed(Exception):
    """The year's call took new events until ``day``; ``curator`` is whom to write to."""

    def __init__(self, year: int, day: date, curator: str) -> None:
        super().__init__(year, day)
        self.year = year
        self.day = day
        self.curator = curator


class FieldLocked(Exception):
    """The ``fields`` do not change since the deadline, which was ``day``."""

    def __init__(self, year: int, day: date, curator: str, fields: Sequence[str]) -> None:
        super().__init__(year, day, fields)
        self.year = year
        self.day = day
        self.curator = curator
        self.fields = tuple(fields)


class LateCodeWrong(Exception):
    """The late code is none of the year's call, or was revoked."""


CALL_REFUSALS: Final = (CallNotOpen, CallClosed, FieldLocked, LateCodeWrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The calls by year at an instant (RFC 3339), and the late code that came along, or the empty text."""

    find_call: FindCall
    at: str
    zone: ZoneInfo
    curator: str
    late_code: str = ""

    def admit_new(self, start: str) -> bool:
        """Return whether an event that starts then is late; raise CallNotOpen, CallClosed, LateCodeWrong."""
        call = self.find_call(read_year(start))
        if call is None:
            return False
        now = self._now
        if not call.is_open(now) and not self._has_code(call):
            if now < call.opens_at:
                raise CallNotOpen(call.year, call.opens_at.astimezone(self.zone).date())
            raise CallClosed(call.year, self._get_deadline(call), self.curator)
        return call.is_past_deadline(now)

    def admit_change(self, before: Submission, after: Submission) -> bool:
        """Return whether another content of a submission is late.

        A locked field may change where a curator asked for changes, and provisional dates may become exact. An event
        that moves to another year is new there.

        Raises FieldLocked, LateCodeWrong; CallNotOpen, CallClosed of the other year.
        """
        year, moves_to = (read_year(each.event.dates.start) for each in (before, after))
        self._check_locked(before, after)
        if moves_to != year:
            return self.admit_new(after.event.dates.start)
        call = self.find_call(year)
        return call is not None and call.is_past_deadline(self._now)

    def list_locked(self, submission: Submission) -> tuple[str, ...]:
        """Return the fields of a submission that do not change any more without a late code."""
        call = self._find_lock(submission)
        return call.locked_fields if call else ()

    def _find_lock(self, submission: Submission) -> Call | None:
        call = self.find_call(read_year(submission.event.dates.start))
        if call is None or not call.is_past_deadline(self._now) or submission.state == "changes_requested":
            return None
        return call

    def _check_locked(self, before: Submission, after: Submission) -> None:
        call = self._find_lock(before)
        if call is None:
            return
        fields = _list_locked_changes(call, before, after)
        if confirms_dates(before.event.dates, after.event.dates):
            fields = tuple(each for each in fields if each != "dates")
        if fields and not self._has_code(call):
            raise FieldLocked(call.year, self._get_deadline(call), self.curator, fields)

    def _has_code(self, call: Call) -> bool:
        """Raises LateCodeWrong if a code came along that is none of the call's."""
        if not self.late_code:
            return False
        if not call.accepts_code(self.late_code):
            raise LateCodeWrong
        return True

    def _get_deadline(self, call: Call) -> date:
        return find_last_day(call.deadline_at, self.zone)

    @property
    def _now(self) -> datetime:
        return parse_instant(self.at)


def _list_locked_changes(call: Call, before: Submission, after: Submission) -> tuple[str, ...]:
    """A form sends what was stated of the tickets as content; that is no change."""
    sent = write_public_event(after.event)
    known = [call.list_locked_changes(write_public_event(each), sent) for each in (before.event, before.current_event)]
    return tuple(each for each in known[0] if each in known[1])


def read_year(start: str) -> int:
    return int(start[:4])


def choose_call(calls: Sequence[Call], now: datetime, zone: ZoneInfo) -> Call | None:
    """Choose the call that editors are shown: the open one that ends first, the next to open, else the last."""
    known = _list_known(calls, now, zone)
    is_open = [each for each in known if each.is_open(now)]
    if is_open:
        return min(is_open, key=lambda call: call.deadline_at)
    ahead = [each for each in known if each.get_phase(now) == "ahead"]
    if ahead:
        return min(ahead, key=lambda call: call.opens_at)
    return max(known, key=lambda call: call.deadline_at, default=None)


def list_other_calls(calls: Sequence[Call], shown: Call | None, now: datetime, zone: ZoneInfo) -> list[Call]:
    """List the calls next to the one shown that still take something: the open ones, then the late ones."""
    known = [each for each in _list_known(calls, now, zone) if each != shown and each.get_phase(now) in TAKING]
    return sorted(known, key=lambda call: (TAKING.index(call.get_phase(now)), call.deadline_at, call.year))


def _list_known(calls: Sequence[Call], now: datetime, zone: ZoneInfo) -> list[Call]:
    this_year = now.astimezone(zone).year
    return [each for each in calls if each.year >= this_year]
