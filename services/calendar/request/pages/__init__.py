"""Pages of requests, for a chief."""

from services.calendar.request.pages.requests import router

__all__ = ["router"]
