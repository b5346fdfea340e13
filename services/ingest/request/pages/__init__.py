"""Page of a request, for the editors of the organisation that is asked."""

from services.ingest.request.pages.request import router

__all__ = ["router"]
