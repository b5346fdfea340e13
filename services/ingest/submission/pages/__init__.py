"""Pages of submissions: for organisations, and the contact for curators."""

from fastapi import APIRouter

from services.ingest.submission.pages import availability, contact, remarks, submission

router = APIRouter(include_in_schema=False)
for part in (remarks.router, availability.router, submission.router, contact.router):
    router.include_router(part)
