"""The public pages: programme, events, subscriptions, offices, organisers. They need no script."""

from fastapi import APIRouter

from services.distribution.pages import card, entrance, event, offices, organisers, programme, sitemap, subscriptions

router = APIRouter(include_in_schema=False)
for each in (entrance, sitemap, programme, event, subscriptions, offices, organisers, card):
    router.include_router(each.router)
