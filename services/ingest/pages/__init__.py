"""The pages on which an organisation enters its events and sees what became of them: ``/ingest/``."""

from fastapi import APIRouter

from services.ingest.pages import editing, entry, own

router = APIRouter(include_in_schema=False)
for part in (own.router, editing.router, entry.router):
    router.include_router(part)
