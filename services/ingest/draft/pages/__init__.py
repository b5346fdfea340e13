"""Pages of drafts: the form on a draft, saving, preview, discarding, copying."""

from fastapi import APIRouter

from services.ingest.draft.pages import copying, drafts, preview

router = APIRouter(include_in_schema=False)
for part in (copying.router, preview.router, drafts.router):
    router.include_router(part)
