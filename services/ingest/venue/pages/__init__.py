"""Pages of the register of venues: suggestions for the form, what was merged, the curators' list."""

from fastapi import APIRouter

from services.ingest.venue.pages import curation, merged, suggestions

router = APIRouter(include_in_schema=False)
for part in (suggestions.router, merged.router, curation.router):
    router.include_router(part)
