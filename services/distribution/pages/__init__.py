"""The public pages: programme, events, subscribing, offices, organisers. They ship no script."""

from fastapi import APIRouter

from services.distribution.pages import entrance, event, offices, organisers, programme, subscribing

router = APIRouter(include_in_schema=False)
for each in (entrance, programme, event, subscribing, offices, organisers):
    router.include_router(each.router)
