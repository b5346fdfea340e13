"""Pages of one's own profile: name, language, digest, password, sessions, keys."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.invitation.inviting import lead_back
from services.ingest.password.commands import tell_password_changed
from services.ingest.password.new_password import read_new_password
from services.ingest.profile.profile_form import ProfileValues, read_key, read_profile
from services.ingest.profile.view import make_profile_values, make_profile_view, make_session_row
from services.ingest.state import Service, State
from shared.accounts.accounts import WrongPassword
from shared.accounts.api_keys import MAX_ACTIVE, TooManyKeys
from shared.accounts.commands import change_password
from shared.accounts.login_throttle import LoginThrottled
from shared.accounts.model import Account, Person
from shared.accounts.people import PersonOutdated
from shared.accounts.sessions import derive_session_id
from shared.i18n.text import Text, _
from shared.web.auth.login import get_client_address
from shared.web.auth.roles import PageAnybody
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number
from shared.web.pages.layout import Link
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound, TooManyAttempts

router = APIRouter(prefix="/ingest/profile", include_in_schema=False)

BACK: Final = Link(_("My profile"), "/ingest/profile")
OUTDATED: Final = _(
    "Your profile was changed elsewhere since you opened this page. Nothing was saved: below is what you typed; save "
    "it again if it still applies."
)
SET: Final = _("The new password is set, and your other sessions have ended.")
SET_WITH_KEYS: Final = _(
    "The new password is set, and your other sessions have ended. Your keys for programs go on working: revoke those "
    "that are not yours."
)
WRONG_PASSWORD: Final = _("This is not your present password.")
NO_ERRORS: Final[Mapping[str, Text]] = {}


@router.get("")
async def show_profile(request: Request, account: PageAnybody, state: Service) -> Response:
    return await _render(request, state, account, await _find(state, account))


@router.post("")
async def save_profile(request: Request, account: PageAnybody, state: Service) -> Response:
    form, person = await state.pages.read_form(request), await _find(state, account)
    values, digest, errors = read_profile(form)
    if digest is None or errors:
        return await _render(request, state, account, person, values=values, errors=errors)

    def change(found: Person) -> Person:
        return replace(found, name=values.name, language=values.language, digest=digest)

    seen = parse_number(read_field(form, "version"))
    await state.notifier.prepare_change(person, digest)
    try:
        changed = await state.accounts.change_person(
            person.id, change, seen=-1 if seen is None else seen, by=account.id
        )
    except PersonOutdated:
        present = await _find(state, account)
        return await _render(request, state, account, present, values=values, conflict=OUTDATED)
    await state.notifier.note_change(person, changed)
    response = lead_back(request, state, BACK, _("Saved."))
    state.pages.keep_language(response, values.language)
    return response


@router.get("/{part:str}")
async def show_whole_profile(part: str, account: PageAnybody) -> Response:  # noqa: ARG001 - the route's
    """For who reloads the answer to a form, or reads it in another language."""
    return Pages.redirect(BACK.url)


@router.post("/password")
async def set_password(request: Request, account: PageAnybody, state: Service) -> Response:
    form, person = await state.pages.read_form(request), await _find(state, account)
    typed = read_new_password(form, (person.name, person.email))
    if typed.errors:
        return await _render(request, state, account, person, errors=typed.errors)
    try:
        await change_password(
            state.accounts,
            person.id,
            old=read_field(form, "old"),
            new=typed.password,
            address=get_client_address(request),
            session=_get_session(request, state),
        )
    except WrongPassword:
        return await _render(request, state, account, person, errors={"old": WRONG_PASSWORD})
    except LoginThrottled as wait:
        raise TooManyAttempts(retry_after=wait.retry_after) from None
    keys = len(await state.accounts.keys.list_records(person.id))
    await tell_password_changed(state.mail, person, keys=keys)
    return lead_back(request, state, BACK, SET_WITH_KEYS if keys else SET)


@router.post("/sessions")
async def end_sessions(request: Request, account: PageAnybody, state: Service) -> Response:
    """End one session by its id, or all ``others``."""
    chosen = read_field(await state.pages.read_form(request), "session")
    sessions = state.accounts.sessions
    if chosen == "others":
        await sessions.end_others(account.id, _get_session(request, state))
        return lead_back(request, state, BACK, _("All other sessions have ended."))
    await sessions.end_by_id(account.id, chosen)
    return lead_back(request, state, BACK, _("The session has ended."))


@router.post("/keys")
async def make_key(request: Request, account: PageAnybody, state: Service) -> Response:
    """The key is shown in this answer and never again."""
    form, person = await state.pages.read_form(request), await _find(state, account)
    label, membership, errors = read_key(form, person)
    if errors or membership is None:
        return await _render_key_form(request, state, account, form, errors)
    try:
        key = await state.accounts.create_key(
            person.id, membership=membership.key, label=label, most=MAX_ACTIVE, by=account.id
        )
    except TooManyKeys:
        said = _("This role has %(most)s keys that work. Revoke one first.", most=MAX_ACTIVE)
        return await _render_key_form(request, state, account, form, {"membership": said})
    shown = {
        "back": BACK,
        "label": _("Key"),
        "value": key,
        "texts": [_("Store it where your program finds it; who has it can send in your name.")],
    }
    return await state.pages.render(
        request,
        "link_shown.html",
        title=_("Your new key"),
        account=account,
        headers={"Cache-Control": "no-store"},
        shown=shown,
    )


@router.post("/keys/{key_id}/revoke")
async def revoke_key(request: Request, key_id: str, account: PageAnybody, state: Service) -> Response:
    await state.pages.read_form(request)
    accounts = state.accounts
    own = {each.id for each in await accounts.keys.list_records(account.id)}
    if key_id not in own or not await accounts.revoke_key(key_id, by=account.id):
        raise NotFound
    return lead_back(request, state, BACK, _("The key is revoked; it stops within ten seconds."))


async def _find(state: State, account: Account) -> Person:
    found = await state.accounts.find_person(account.id)
    if found is None:
        raise NotFound
    return found


def _get_session(request: Request, state: State) -> str:
    return request.cookies.get(state.pages.session_cookie, "")


async def _render_key_form(
    request: Request, state: State, account: Account, form: FormData, errors: Mapping[str, Text]
) -> Response:
    person = await _find(state, account)
    stored = make_profile_values(person, account, state.pages.choose_language(request))
    typed = replace(stored, label=read_field(form, "label")[:200], membership=read_field(form, "membership")[:200])
    return await _render(request, state, account, person, values=typed, errors=errors)


async def _render(
    request: Request,
    state: State,
    account: Account,
    person: Person,
    *,
    values: ProfileValues | None = None,
    errors: Mapping[str, Text] = NO_ERRORS,
    conflict: Text | None = None,
) -> Response:
    accounts, lang = state.accounts, state.pages.choose_language(request)
    current = derive_session_id(_get_session(request, state))
    sessions = [
        make_session_row(each, lang, state.region, current=current) for each in await accounts.sessions.list(account.id)
    ]
    values = values or make_profile_values(person, account, lang)
    if not values.membership:
        values = replace(values, membership=account.membership_key)
    profile = make_profile_view(
        person,
        values,
        errors,
        lang,
        state.region,
        sessions=sessions,
        keys=await accounts.keys.list_records(account.id),
        is_contact=account.is_contact,
    )
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return await state.pages.render(
        request,
        "profile.html",
        title=_("My profile"),
        account=account,
        status=status,
        profile=profile,
        conflict=conflict,
    )
