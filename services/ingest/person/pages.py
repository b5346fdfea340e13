"""Pages of people for administrators: the list, invitations, one person."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.invitation.invitation_form import MAX_NAME, Invitee, list_languages, read_invitee
from services.ingest.invitation.inviting import act_on_invitation, send_invitation, tell_sent
from services.ingest.invitation.view import make_invitation_row
from services.ingest.password.new_password import list_errors
from services.ingest.person.filters import list_active, list_choices, list_roles, read_filter
from services.ingest.person.membership_form import MembershipValues, make_membership_form, read_membership
from services.ingest.person.view import PEOPLE_URL, make_person_row
from services.ingest.state import Service, State
from shared.accounts.commands import is_disabled
from shared.accounts.model import Account
from shared.i18n.collation import build_collation_key
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageAdministrator
from shared.web.forms import read_field
from shared.web.pages.layout import Link
from shared.web.paging import clamp_page, number_pages, read_page

router = APIRouter(prefix=PEOPLE_URL, include_in_schema=False)

ON_A_PAGE: Final = 50
BACK: Final = Link(_("People"), PEOPLE_URL)
DISABLED: Final = _("The account of this person is disabled. Enable it first, then give it the role.")


@router.get("")
async def show_people(request: Request, account: PageAdministrator, state: Service) -> Response:
    accounts, lang = state.accounts, state.pages.choose_language(request)
    organisations = await accounts.organisations.list()
    by_slug = {each.slug: each for each in organisations}
    chosen = read_filter(request.query_params, by_slug)
    found = await accounts.list_members(chosen.organisation or None, list_roles(chosen))
    people = sorted(filter(chosen.includes, found), key=lambda each: (build_collation_key(each.name, lang), each.email))
    page = clamp_page(read_page(request), count=len(people), size=ON_A_PAGE)
    invitations = await accounts.invitations.list(chosen.organisation or None)
    listed = {
        "count": len(people),
        "rows": [
            make_person_row(each, lang, state.region) for each in people[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        ],
        "invitations": [
            make_invitation_row(
                each, lang, state.region, now=datetime.fromisoformat(state.now()), folder=f"{PEOPLE_URL}/invitations"
            )
            for each in invitations
            if not chosen.role or each.membership.role == chosen.role
        ],
        "filters": chosen,
        "choices": list_choices(organisations),
        "active": list_active(chosen, by_slug, lang),
        "paging": number_pages(page, count=len(people), size=ON_A_PAGE, make_address=chosen.build_url),
    }
    return await state.pages.render(request, "people.html", title=_("People"), account=account, list=listed)


@router.get("/invite")
async def show_invite_form(request: Request, account: PageAdministrator, state: Service) -> Response:
    """``?organisation=`` chooses one beforehand."""
    values = MembershipValues(organisation=request.query_params.get("organisation", "")[:100])
    invitee = Invitee(language=state.pages.choose_language(request))
    return await _render_invite_form(request, state, account, invitee, values, {})


@router.post("/invite")
async def invite_person(request: Request, account: PageAdministrator, state: Service) -> Response:
    form = await state.pages.read_form(request)
    organisations = {each.slug: each for each in await state.accounts.organisations.list()}
    invitee, errors = read_invitee(form)
    values, membership, wrong = read_membership(form, organisations, state.region)
    errors |= wrong
    if not errors and await is_disabled(state.accounts, invitee.email):
        errors["email"] = DISABLED
    if errors or membership is None:
        return await _render_invite_form(request, state, account, invitee, values, errors)
    sent = await send_invitation(state, invitee, membership, account)
    if sent.errors:
        return await _render_invite_form(request, state, account, invitee, values, sent.errors)
    return await tell_sent(request, state, sent.link, by=account, back=BACK)


@router.post("/invitations/{invitation_id}")
async def change_invitation(
    request: Request, invitation_id: str, account: PageAdministrator, state: Service
) -> Response:
    act = read_field(await state.pages.read_form(request), "act")
    return await act_on_invitation(request, state, invitation_id, act=act, by=account, back=BACK)


async def _render_invite_form(  # noqa: PLR0917 - what the form holds
    request: Request,
    state: State,
    account: Account,
    invitee: Invitee,
    values: MembershipValues,
    errors: Mapping[str, Text],
) -> Response:
    lang = state.pages.choose_language(request)
    offered = make_membership_form(values, await state.accounts.organisations.list(), state.region, lang, errors)
    form = {
        "action": f"{PEOPLE_URL}/invite",
        "back": BACK,
        "typed": _join_values(invitee, values),
        "errors": errors,
        "summary": list_errors(errors),
        "languages": list_languages(),
        "longest_name": MAX_NAME,
        "mails": state.mail.sends,
        "colleagues": False,
        "organisations": offered.organisations,
        "roles": offered.roles,
        "counties": offered.counties,
        "categories": offered.categories,
    }
    return await state.pages.render(
        request,
        "invite.html",
        title=_("Invite somebody"),
        account=account,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        form=form,
    )


def _join_values(invitee: Invitee, values: MembershipValues) -> dict[str, object]:
    return {name: getattr(each, name) for each in (invitee, values) for name in each.__slots__}
