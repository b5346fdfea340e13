"""Pages of people, organisations and keys, in one router."""

from fastapi import APIRouter

from services.ingest.api_key import pages as key_pages
from services.ingest.audit import pages as audit_pages
from services.ingest.colleague import pages as colleague_pages
from services.ingest.invitation import pages as invitation_pages
from services.ingest.organisation import pages as organisation_pages
from services.ingest.password import pages as password_pages
from services.ingest.person import pages as people_pages
from services.ingest.person import person_page
from services.ingest.profile import pages as profile_pages

router = APIRouter(include_in_schema=False)
for part in (
    password_pages.router,
    invitation_pages.router,
    profile_pages.router,
    colleague_pages.router,
    people_pages.router,
    person_page.router,
    organisation_pages.router,
    key_pages.router,
    audit_pages.router,
):
    router.include_router(part)
