"""The form as a page: what a browser sends of it, and how it is rendered again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.call.guesses import LateCodeThrottled
from services.ingest.draft import view as draft_view
from services.ingest.draft.commands import TypedPage, is_draft_id
from services.ingest.draft.model import (
    Draft,
    DraftTooLarge,
    Origin,
    Typist,
    digest_contested,
    digest_fields,
    read_seen,
    write_seen,
)
from services.ingest.form import view as form_view
from services.ingest.form.mapping import FormValues
from services.ingest.form.pages.conflict import EditConflict
from services.ingest.form.pages.late import (
    CALL_ERRORS,
    LATE_CODE,
    describe_call_refusal,
    is_code_asked,
)
from services.ingest.form.pages.recent import RecentChoices, list_recent
from services.ingest.form.pages.umbrella_choices import find_umbrella_title, list_umbrellas
from services.ingest.form.picture_fields import PICTURE_BUTTON, get_media, list_numbers
from services.ingest.state import State
from services.ingest.submission import view
from services.ingest.submission.commands import make_admission
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.field_errors import ValidationFailed, make_field_error
from services.ingest.submission.model import Submission
from services.ingest.submission.problems import ORGANISATION_CLOSED, RETRY_SECONDS
from services.ingest.submission.repository import ExternalIdTaken
from services.ingest.venue.view import Asked, make_venue_part
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.database.client import PyMongoError
from shared.event.vocabulary import MAX_IMAGES
from shared.field_error import FieldError
from shared.i18n.text import _, gettext_noop
from shared.media.model import MAX_UPLOAD
from shared.media.repository import StoredPicture
from shared.region import Region
from shared.web.auth.roles import AS_PARAMETER, get_acting_account
from shared.web.csrf import CSRF_FIELD
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.http.idempotency_key import is_key
from shared.web.pages.layout import Link, RedrawForm
from shared.web.pages.parts import Fact
from shared.web.pages.renderer import REVISITED

NEW: Final = "/ingest/submissions/new"
HIDDEN: Final = frozenset(
    {
        CSRF_FIELD,
        REDRAW_FIELD,
        "key",
        "version",
        "again",
        LATE_CODE,
        "seen",
        "page",
        "contested",
        "submission",
        "fill",
        "take",
        "keep",
        PICTURE_BUTTON,
        "change",
        "list",
        "listed",
    }
)
"""Fields that say something about the form, not about the event."""
_IDENTIFIER_TAKEN = gettext_noop(
    "Another submission of yours has this identifier. Give another one, or leave this field empty."
)
TOO_LARGE: Final = _("This is more than a draft can hold. Shorten the texts; what you typed is below.")
_TRY_LATER = _(
    "The server cannot keep this at the moment. Everything you typed is below: send it again "
    "in a moment, that doubles nothing."
)


@dataclass(frozen=True, slots=True)
class FormAlert:
    """What stands above the form; the links are ways out."""

    text: str
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A form to render.

    ``key`` is its idempotency key and the id of its draft; ``seen`` what the browser has of the draft, if that is not
    what is rendered now; ``page`` names the page; ``found`` is what is edited; ``offer`` a draft to go on with;
    ``asks_code``: a refusal leads to the field for a late code; ``asked`` is what the register was asked;
    ``opened`` is a day of repeats that is to be changed.
    """

    fields: FormValues
    key: str = ""
    version: str = ""
    seen: str | None = None
    page: str = ""
    errors: Sequence[FieldError] = ()
    found: StoredSubmission | None = None
    draft: Draft | None = None
    alert: FormAlert | None = None
    conflict: EditConflict | None = None
    twin: str = ""
    offer: Draft | None = None
    late_code: str = ""
    asks_code: bool = False
    asked: Asked = ""
    opened: str = ""


def read_values(form: FormData) -> FormValues:
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name not in HIDDEN:
            fields.setdefault(name, []).append(value)
    return fields


def read_key(form: FormData) -> str:
    """Return the form's idempotency key; a missing or invalid one is replaced."""
    key = read_field(form, "key")
    return key if is_key(key) else str(uuid4())


def read_typed(form: FormData, account: Account, key: str, *, found: StoredSubmission | None = None) -> TypedPage:
    """Read what was typed as it is saved into a draft; ``found`` is what is edited."""
    page = read_field(form, "page")
    return TypedPage(
        draft_id=key if is_draft_id(key) else str(uuid4()),
        fields=read_values(form),
        seen=read_seen(read_field(form, "seen")),
        by=Typist(account.id, account.name, page if is_draft_id(page) else str(uuid4())),
        origin=_make_origin(found, read_field(form, "version")),
    )


def _make_origin(found: StoredSubmission | None, version: str) -> Origin | None:
    if found is None:
        return None
    known = int(version) if version.isascii() and version.isdigit() and len(version) < len("1" * 10) else None
    return Origin("edit", found.submission.id, version=known or found.submission.version)


def build_action(submission_id: str, acting: str) -> str:
    """Where the form is sent; an empty id is a new event."""
    return f"/ingest/submissions/{submission_id}/edit" if submission_id else NEW + acting


def list_contact(region: Region) -> tuple[Link, ...]:
    return (Link(_("Write a mail"), region.mailto),) if region.mailto else ()


def link_submission(submission_id: str) -> Link:
    return Link(_("Open that submission"), f"/ingest/submissions/{submission_id}")


def name_acting(request: Request) -> str:
    """Name the organisation where the person edits several: the session may change to another one in another tab."""
    account = get_acting_account(request)
    return f"?{AS_PARAMETER}={account.membership_key}" if len(account.edits) > 1 else ""


async def render_refused(request: Request, state: State, page: FormPage, refused: Exception) -> Response:
    """Render the form with the values that were sent: with errors (422), or to send once more (503)."""
    if isinstance(refused, ValidationFailed):
        return await render_form(request, state, replace(page, errors=refused.errors), status=422)
    if isinstance(refused, ExternalIdTaken):
        errors = (make_field_error("external_id", "differs", _IDENTIFIER_TAKEN),)
        return await render_form(request, state, replace(page, errors=errors), status=422)
    if isinstance(refused, OrganisationClosed):
        return await render_form(
            request, state, replace(page, alert=FormAlert(ORGANISATION_CLOSED, list_contact(state.region))), status=409
        )
    if isinstance(refused, DraftTooLarge):
        return await render_form(request, state, replace(page, alert=FormAlert(TOO_LARGE)), status=409)
    if isinstance(refused, CALL_ERRORS):
        return await _render_refused_by_call(request, state, page, refused)
    response = await render_form(request, state, replace(page, alert=FormAlert(_TRY_LATER)), status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


async def _render_refused_by_call(request: Request, state: State, page: FormPage, refused: Exception) -> Response:
    """Render the form with what the call does not take, its criteria and a field for a late code."""
    lang = state.pages.choose_language(request)
    refusal = describe_call_refusal(refused, page.fields, await _list_locked(state, page, lang), lang=lang)
    write = list_contact(state.region) if refusal.asks_code else ()
    alert = FormAlert(refusal.text, (*refusal.links, *write)) if refusal.text else page.alert
    refused_page = replace(page, errors=refusal.errors, alert=alert, asks_code=refusal.asks_code)
    response = await render_form(request, state, refused_page, status=refusal.status)
    if isinstance(refused, LateCodeThrottled):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


async def render_form(request: Request, state: State, page: FormPage, *, status: int = 200) -> Response:
    lang, today = state.pages.choose_language(request), state.get_today()
    submission = page.found.submission if page.found else None
    mode = "conflict" if page.conflict else "errors" if page.errors else ""
    locked = await _list_locked(state, page, lang)
    account = get_acting_account(request)
    stored = await _try_to_find_pictures(state, account, page.fields)
    form = form_view.FormView(page.fields, page.errors, lang, state.region, today=today, locked=locked, stored=stored)
    form = replace(form, opened=page.opened)
    context = form_view.make_context(form)
    as_sent = submission if status == HTTPStatus.OK and page.draft is None else None
    key = (page.draft.id if page.draft else page.key) or str(uuid4())
    edited = submission.id if submission else ""
    acting = name_acting(request)
    action = build_action(edited, acting)
    place = draft_view.Place(lang, state.region.time_zone, state.now())
    return await state.pages.render(
        request,
        "form.html",
        status=status,
        title=_("Correct the submission") if submission else _("New event"),
        headers={} if submission else {"Cache-Control": REVISITED},
        action=action,
        redraw=RedrawForm("event", action, mode),
        back=f"/ingest/submissions/{submission.id}" if submission else "/ingest/",
        hidden=_list_hidden(page, key=key, submission=submission),
        save=f"/ingest/drafts/{key}{acting}" if is_draft_id(key) else "",
        is_fresh=request.method == "GET" and not submission and page.draft is None,
        preview=f"/ingest/drafts/{key}/preview{acting}",
        picture_action=f"/ingest/drafts/{key}/pictures{acting}" if is_draft_id(key) else "",
        most_pictures=MAX_IMAGES,
        upload_bytes=MAX_UPLOAD,
        saved=draft_view.make_saved(page.draft, page.fields, account.id, place),
        draft=draft_view.make_heading(page.draft, place) if page.draft else None,
        offer=draft_view.make_row(page.offer, place) if page.offer else None,
        seen=write_seen(digest_fields(page.fields)) if page.seen is None else page.seen,
        contested=digest_contested(page.draft) if page.draft else "",
        recent=await _try_to_list_recent(state, account, page.fields),
        umbrellas=await list_umbrellas(state, account, page.fields, submission, lang=lang),
        entry=view.make_row(submission, lang, state.region, today=today) if submission else None,
        readiness=view.make_readiness(as_sent.event, lang, state.region) if as_sent else None,
        warnings=view.list_warnings(as_sent, lang, state.region, today=today) if as_sent else [],
        alert=page.alert,
        conflict=page.conflict,
        twin=page.twin,
        venues=make_venue_part(
            state.venues.index,
            page.fields,
            page.asked,
            state.vocabulary,
            errors=page.errors,
            lang=lang,
            region=state.region,
        ),
        start=make_venue_part(
            state.venues.index,
            page.fields,
            page.asked,
            state.vocabulary,
            errors=page.errors,
            lang=lang,
            region=state.region,
            field="start_place",
        ),
        suggestions=f"/ingest/venues/suggestions{acting}",
        late_code=page.late_code,
        asks_code=page.asks_code
        or bool(locked or page.late_code)
        or is_code_asked(state.calls.list_calls(), state.now()),
        provisional=bool(submission and submission.event.dates.certainty == "provisional"),
        form=context,
    )


async def _list_locked(state: State, page: FormPage, lang: str) -> dict[str, Fact]:
    if page.found is None:
        return {}
    submission = page.found.submission
    names = make_admission(state).list_locked(submission)
    locked = view.list_locked(submission.current_event, names, lang, state.region)
    if "part_of" in locked and (title := await find_umbrella_title(state, submission)):
        locked["part_of"] = Fact(locked["part_of"].label, [title])
    return locked


def _list_hidden(page: FormPage, *, key: str, submission: Submission | None) -> list[tuple[str, str]]:
    shown = str(submission.version) if submission else ""
    started = page.draft.edited.version if page.draft and page.draft.edited and submission else None
    return [
        ("key", key),
        ("version", page.version or (str(started) if started and not page.conflict else shown)),
        ("page", page.page or str(uuid4())),
        ("submission", submission.id if submission else ""),
    ]


async def _try_to_find_pictures(state: State, account: Account, fields: FormValues) -> Mapping[str, StoredPicture]:
    """A form must be shown again even while the database is away."""
    names = [get_media(fields, number) for number in list_numbers(fields)]
    try:
        found = await state.media.pictures.find_all(names) if names else {}
    except PyMongoError:
        return {}
    return {name: each for name, each in found.items() if account.organisation in each.owners}


async def _try_to_list_recent(state: State, account: Account, fields: FormValues) -> RecentChoices:
    """A form must be shown again even while the database is away."""
    try:
        return await list_recent(state, account, fields)
    except PyMongoError:
        return RecentChoices()
