"""Contact page for curators; personal data is on no topic, so only ingest can show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.state import Service, State
from services.ingest.submission.documents import SubmissionContact
from shared.event.limits import Limits
from shared.i18n.text import _
from shared.web.auth.roles import PageCurator
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact
from shared.web.problems import NotFound

router = APIRouter(prefix="/ingest/contacts")


@router.get("/{submission_id}")
async def show_contact(request: Request, submission_id: str, account: PageCurator, state: Service) -> Response:
    found = await state.submissions.find_contact(submission_id)
    if found is None or not Limits(account.counties, account.categories).allow_codes(found.county, found.category):
        raise NotFound
    lang = state.pages.choose_language(request)
    return await state.pages.render(
        request,
        "contact.html",
        title=_("Contact for the event"),
        account=account,
        event_title=found.title,
        title_lang="" if lang == "pl" else "pl",
        back=f"{state.pages.settings.calendar_url}/calendar/entries/{submission_id}",
        facts=_list_facts(found, state),
        given=bool(found.contact),
    )


def _list_facts(found: SubmissionContact, state: State) -> list[Fact]:
    organisation = state.organisations.find_cached(found.organiser.slug)
    mail_links = [_make_mail_link(each, found) for each in _get_lines(found.contact, "email")]
    call_links = [_make_call_link(each) for each in _get_lines(found.contact, "phone")]
    known = [
        Fact(_("Organisation"), [organisation.name if organisation else found.organiser.name]),
        Fact(_("First and last name"), _get_lines(found.contact, "name")),
        Fact(_("E-mail address"), [], links=mail_links),
        Fact(_("Telephone"), [], links=call_links),
    ]
    return [fact for fact in known if fact.lines or fact.links]


def _get_lines(contact: Mapping[str, str], name: str) -> list[str]:
    return [contact[name]] if name in contact else []


def _make_mail_link(address: str, found: SubmissionContact) -> Link:
    """RFC 6068."""
    return Link(address, f"mailto:{quote(address, safe='@')}?subject={quote(found.title, safe='')}")


def _make_call_link(number: str) -> Link:
    """RFC 3966."""
    return Link(number, f"tel:{re.sub(r'[^+0-9]', '', number)}")
