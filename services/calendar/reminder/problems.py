"""Problem table of reminders: how the errors of their rules are answered."""

from __future__ import annotations

from typing import Final

from services.calendar.reminder.commands import ReminderGone, ReminderUnknown
from shared.i18n.text import _
from shared.web.problems import NotFound, NotPossibleNow, ProblemTable

GONE: Final = _("The mails of this reminder are sent, or were called back before.")

REMINDER_PROBLEMS: Final[ProblemTable] = {
    ReminderUnknown: lambda _error: NotFound(),
    ReminderGone: lambda _error: NotPossibleNow(GONE, code="reminder_gone"),
}
