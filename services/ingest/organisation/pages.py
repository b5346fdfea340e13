"""Pages of organisations for administrators: the list, a new one, renaming, closing."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.invitation.inviting import lead_back
from services.ingest.organisation.organisation_form import (
    SLUG_TAKEN,
    OrganisationValues,
    read_name,
    read_organisation,
)
from services.ingest.organisation.view import count_holdings, make_organisation_details, make_organisation_rows
from services.ingest.password.new_password import list_errors
from services.ingest.person.view import ORGANISATIONS_URL, build_organisation_url
from services.ingest.state import Service, State
from shared.accounts.model import Account
from shared.accounts.organisations import MAX_NAME, OrganisationOutdated, OrganisationRecord, OrganisationTaken
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageAdministrator
from shared.web.forms import read_field
from shared.web.pages.kind_labels import KIND_LABELS
from shared.web.pages.layout import Link
from shared.web.problems import NotFound

router = APIRouter(prefix=ORGANISATIONS_URL, include_in_schema=False)

OUTDATED: Final = _(
    "Somebody else has renamed this organisation since you opened the page. Nothing was saved: below is what you "
    "typed; save it again if it still applies."
)


@router.get("")
async def show_organisations(request: Request, account: PageAdministrator, state: Service) -> Response:
    accounts, lang = state.accounts, state.pages.choose_language(request)
    rows = make_organisation_rows(
        await accounts.organisations.list(), await accounts.list_members(), lang, state.region
    )
    return await state.pages.render(request, "organisations.html", title=_("Organisations"), account=account, rows=rows)


@router.get("/new")
async def show_new_form(request: Request, account: PageAdministrator, state: Service) -> Response:
    return await _render_new(request, state, account, OrganisationValues(), {})


@router.post("/new")
async def add_organisation(request: Request, account: PageAdministrator, state: Service) -> Response:
    values, organisation, errors = read_organisation(await state.pages.read_form(request), state.region)
    if organisation is None:
        return await _render_new(request, state, account, values, errors)
    try:
        await state.accounts.organisations.add(organisation, by=account.id)
    except OrganisationTaken:
        return await _render_new(request, state, account, values, {"slug": SLUG_TAKEN})
    back = Link(organisation.name, build_organisation_url(organisation.slug))
    return lead_back(request, state, back, _("The organisation is added. Now invite its people."))


@router.get("/{slug}")
async def show_organisation(request: Request, slug: str, account: PageAdministrator, state: Service) -> Response:
    organisation = await _find(state, slug)
    return await _render(request, state, organisation, account, name=organisation.name, was=organisation.name)


@router.post("/{slug}")
async def change_organisation(request: Request, slug: str, account: PageAdministrator, state: Service) -> Response:
    form = await state.pages.read_form(request)
    organisation = await _find(state, slug)
    organisations, act = state.accounts.organisations, read_field(form, "act")
    back = Link(organisation.name, build_organisation_url(slug))
    if act == "rename":
        return await _rename(request, state, organisation, account, form)
    if act == "close":
        await organisations.close(slug, by=account.id)
        return lead_back(request, state, back, _("The organisation is closed. It can be opened again."))
    if act == "reopen":
        await organisations.reopen(slug, by=account.id)
        return lead_back(request, state, back, _("The organisation is open again."))
    raise NotFound


async def _rename(
    request: Request, state: State, organisation: OrganisationRecord, account: Account, form: FormData
) -> Response:
    name, errors = read_name(form)
    was = read_field(form, "was")[: 2 * MAX_NAME]
    if errors:
        return await _render(request, state, organisation, account, name=name, was=was, errors=errors)
    try:
        await state.accounts.organisations.rename(organisation.slug, name, was=was, by=account.id)
    except OrganisationOutdated:
        now = await _find(state, organisation.slug)
        return await _render(request, state, now, account, name=name, was=now.name, conflict=OUTDATED)
    back = Link(name, build_organisation_url(organisation.slug))
    return lead_back(request, state, back, _("The new name is saved."))


async def _find(state: State, slug: str) -> OrganisationRecord:
    """Raises NotFound."""
    found = await state.accounts.organisations.find(slug)
    if found is None:
        raise NotFound
    return found


async def _render(
    request: Request,
    state: State,
    organisation: OrganisationRecord,
    account: Account,
    *,
    name: str,
    was: str,
    errors: Mapping[str, Text] | None = None,
    conflict: Text | None = None,
) -> Response:
    """``was`` is the name that the form shows as the present one."""
    lang, wrong = state.pages.choose_language(request), errors or {}
    people = await state.accounts.list_members(organisation.slug)
    holdings = count_holdings(await state.submissions.list_states(organisation.slug))
    details = make_organisation_details(organisation, people, holdings, lang, state.region)
    form = {
        "typed": {"name": name, "was": was},
        "errors": wrong,
        "summary": list_errors(wrong),
        "longest_name": MAX_NAME,
    }
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return await state.pages.render(
        request,
        "organisation.html",
        title=organisation.name,
        account=account,
        status=status,
        organisation=details,
        form=form,
        conflict=conflict,
    )


async def _render_new(
    request: Request, state: State, account: Account, values: OrganisationValues, errors: Mapping[str, Text]
) -> Response:
    lang = state.pages.choose_language(request)
    form = {
        "typed": values,
        "errors": errors,
        "summary": list_errors(errors),
        "kinds": list(KIND_LABELS.items()),
        "counties": state.region.list_county_labels(lang),
        "longest_name": MAX_NAME,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return await state.pages.render(
        request, "organisation_new.html", title=_("New organisation"), account=account, status=status, form=form
    )
