"""Pages of the roll-over."""

from services.ingest.rollover.pages.last_year import router

__all__ = ["router"]
