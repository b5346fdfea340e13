"""The public pages: programme, events, subscriptions, offices, organisers. They need no script."""

from fastapi import APIRouter

from services.distribution.pages import entrance, event, offices, organisers, programme, sitemap, subscriptions

router = APIRouter(include_in_schema=False)
for each in (entrance, sitemap, programme, event, subscriptions, offices, organisers):
    router.include_router(each.router)
