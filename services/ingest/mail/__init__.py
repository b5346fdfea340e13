"""Pages of mail: the outbox for administrators, and leaving a list."""

from fastapi import APIRouter

from services.ingest.mail import outbox_pages, unsubscribe_pages

router = APIRouter(include_in_schema=False)
for part in (outbox_pages.router, unsubscribe_pages.router):
    router.include_router(part)
