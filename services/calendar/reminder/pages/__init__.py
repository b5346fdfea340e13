"""Pages of reminders, for a chief."""

from services.calendar.reminder.pages.reminder import router

__all__ = ["router"]
