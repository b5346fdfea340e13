"""Pages of calls for editors."""

from services.ingest.call.pages.criteria import find_banner, router

__all__ = ["find_banner", "router"]
