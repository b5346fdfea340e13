"""Page of one person for administrators: their roles, and whether they may log in."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.invitation.inviting import lead_back, show_link
from services.ingest.password.commands import PasswordLinks
from services.ingest.password.new_password import list_errors
from services.ingest.person.membership_form import MembershipValues, make_membership_form, read_membership
from services.ingest.person.view import PEOPLE_URL, build_person_url, make_person_details
from services.ingest.state import Service, State
from shared.accounts.accounts import Accounts
from shared.accounts.audit import Act
from shared.accounts.commands import disable_person, take_role
from shared.accounts.model import (
    Account,
    LastAdministrator,
    LastMembership,
    MembershipUnknown,
    Person,
    TooManyMemberships,
    put_membership,
)
from shared.accounts.people import PersonOutdated
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageAdministrator
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number
from shared.web.pages.layout import Link
from shared.web.problems import NotFound, NotPossibleNow

router = APIRouter(prefix=PEOPLE_URL, include_in_schema=False)

OUTDATED: Final = _(
    "Somebody else has changed this person since you opened the page. Nothing was saved: look at what is there now, "
    "and do it again if it still applies."
)
LAST_ADMINISTRATOR: Final = _(
    "Nobody else would be an administrator, or two are being removed at this moment. Give another person the role "
    "first, or try again in a minute."
)


@router.get("/{person_id}")
async def show_person(request: Request, person_id: str, account: PageAdministrator, state: Service) -> Response:
    return await _render(request, state, await _find(state, person_id), account)


@router.post("/{person_id}")
async def change_person(request: Request, person_id: str, account: PageAdministrator, state: Service) -> Response:
    form = await state.pages.read_form(request)
    person = await _find(state, person_id)
    if parse_number(read_field(form, "version")) != person.version:
        return await _render(request, state, person, account, conflict=OUTDATED)
    try:
        return await _change(request, state, person, account, form)
    except LastAdministrator:
        raise NotPossibleNow(LAST_ADMINISTRATOR) from None
    except PersonOutdated:
        return await _render(request, state, await _find(state, person_id), account, conflict=OUTDATED)


async def _change(request: Request, state: State, person: Person, account: Account, form: FormData) -> Response:
    """Raises PersonOutdated, NotFound or NotPossibleNow."""
    accounts, act = state.accounts, read_field(form, "act")
    back = Link(person.name, build_person_url(person.id))
    if act == "give_role":
        return await _give_role(request, state, person, account, form)
    if act == "password":
        return await _send_password_link(request, state, person, back, by=account.id)
    if act == "remove_role":
        if (person.id, read_field(form, "membership")) == (account.id, account.membership_key):
            raise NotPossibleNow(_("You act by this role. Another administrator can take it away from you."))
        await _take_role(accounts, person, read_field(form, "membership"), by=account.id)
        return lead_back(request, state, back, _("The role is taken away."))
    if act == "disable" and person.id != account.id:
        await disable_person(accounts, person, by=account.id)
        return lead_back(request, state, back, _("The account is disabled, and its sessions have ended."))
    if act == "enable":
        await accounts.enable(person.email, by=account.id)
        return lead_back(request, state, back, _("The account is enabled again."))
    raise NotFound


async def _give_role(request: Request, state: State, person: Person, account: Account, form: FormData) -> Response:
    accounts = state.accounts
    organisations = {each.slug: each for each in await accounts.organisations.list()}
    values, membership, errors = read_membership(form, organisations, state.region)
    if membership is None:
        return await _render(request, state, person, account, values=values, errors=errors)
    try:
        put = partial(put_membership, membership=membership)
        await accounts.change_person(person.id, put, seen=person.version, by=account.id)
    except TooManyMemberships:
        raise NotPossibleNow(_("This person has too many roles. Take one away first.")) from None
    back = Link(person.name, build_person_url(person.id))
    return lead_back(request, state, back, _("The role is given."))


async def _take_role(accounts: Accounts, person: Person, key: str, *, by: str) -> None:
    """Raises PersonOutdated or NotPossibleNow."""
    try:
        await take_role(accounts, person.id, key, seen=person.version, by=by)
    except MembershipUnknown:
        raise PersonOutdated(person.id) from None
    except LastMembership:
        raise NotPossibleNow(_("A person keeps one role at least. Disable the account instead.")) from None


async def _send_password_link(request: Request, state: State, person: Person, back: Link, *, by: str) -> Response:
    mail = state.mail
    act: Act = "password_link_mailed" if mail.sends else "password_link_shown"
    await state.accounts.audit.add(act, by=by, person=person.id)
    link = await PasswordLinks(state.accounts, mail).send(person, key=f"password-link-{uuid4().hex}")
    if mail.sends:
        return lead_back(request, state, back, _("A link to set a new password is on its way; it works for an hour."))
    title, text = (
        _("A link for a new password"),
        _("Pass it on to the person, and to nobody else. It works once, for an hour."),
    )
    return await show_link(request, state, link, title=title, back=back, texts=[text])


async def _find(state: State, person_id: str) -> Person:
    """Raises NotFound."""
    found = await state.accounts.find_person(person_id)
    if found is None:
        raise NotFound
    return found


async def _render(
    request: Request,
    state: State,
    person: Person,
    account: Account,
    *,
    values: MembershipValues | None = None,
    errors: Mapping[str, Text] | None = None,
    conflict: Text | None = None,
) -> Response:
    accounts, lang, wrong = state.accounts, state.pages.choose_language(request), errors or {}
    keys = await accounts.keys.list_records(person.id)
    details = make_person_details(person, lang, state.region, viewer=account.id, mails=state.mail.sends, keys=len(keys))
    form = make_membership_form(
        values or MembershipValues(), await accounts.organisations.list(), state.region, lang, wrong
    )
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return await state.pages.render(
        request,
        "person.html",
        title=person.name,
        account=account,
        status=status,
        person=details,
        form=form,
        summary=list_errors(wrong),
        conflict=conflict,
    )
