"""Pages of calls, for a chief."""

from fastapi import APIRouter

from services.calendar.call.pages import calls, codes, terms

router = APIRouter(include_in_schema=False)
for part in (calls.router, terms.router, codes.router):
    router.include_router(part)
