"""Pages of the register of venues: suggestions for the form, corrections, the curators' list."""

from fastapi import APIRouter

from services.ingest.venue.pages import corrections, curation, suggestions

router = APIRouter(include_in_schema=False)
for part in (suggestions.router, corrections.router, curation.router):
    router.include_router(part)
