"""Form pages: new and edit. An error renders the form again with all values."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.draft import commands as drafts
from services.ingest.draft.commands import DraftEnded, DraftUnknown, TypedPage
from services.ingest.draft.model import Draft, DraftTooLarge, Origin, digest_contested, list_changed
from services.ingest.draft.repository import DraftsFull
from services.ingest.form import view as form_view
from services.ingest.form.errors import place_errors
from services.ingest.form.mapping import FormValues, parse_form, write_form
from services.ingest.form.pages.conflict import EditConflict, list_differences
from services.ingest.form.pages.form_page import (
    FormAlert,
    FormPage,
    link_submission,
    read_key,
    read_typed,
    render_form,
    render_refused,
)
from services.ingest.form.pages.late import CALL_ERRORS, read_late_code
from services.ingest.form.picture_fields import find_unsent_files
from services.ingest.state import Service, State
from services.ingest.submission import idempotency, labels
from services.ingest.submission.commands import OutcomeUnknown, WriteResult, change, send_new
from services.ingest.submission.content import SubmittedEvent, read_event, write_event
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.idempotency import IdempotencyKey, KeyReused
from services.ingest.submission.model import STATEMENTS, OrganisationAction, Submission, SubmissionChange, edit_current
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.submission import check_version, get_submission, is_repeat, read_version
from services.ingest.submission.repository import AlreadySent, BacklogFull, ExternalIdTaken
from services.ingest.submission.serializers import encode
from services.ingest.venue.commands import resolve_venue
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.database.versioned import Contended
from shared.erasure import describe_writer
from shared.event.vocabulary import AVAILABILITY
from shared.field_error import FieldError
from shared.i18n.text import Text, _
from shared.web.auth.resubmit import render_login
from shared.web.auth.roles import PageEditor
from shared.web.csrf import check_local_path
from shared.web.forms import REDRAW_FIELD, read_field
from shared.web.pages.renderer import Pages, list_fields
from shared.web.problems import NotFound, Stale

router = APIRouter(prefix="/ingest/submissions", include_in_schema=False)

CHOICES = frozenset(
    {"category", "part_of", "also", "certainty", "month", "season", "start_fold", "end_fold"}
    | {
        "venue.id",
        "start_place.id",
        "repeats",
        "repeats.days",
        "venue.county",
        "tickets.free",
        "tickets.availability",
        "accessibility",
        "audience",
        "setting",
        "licence",
    }
)
"""Fields whose values are codes, not texts."""
REFUSALS = (
    ValidationFailed,
    ExternalIdTaken,
    BacklogFull,
    OutcomeUnknown,
    OrganisationClosed,
    DraftTooLarge,
    *CALL_ERRORS,
)
"""After which the form is shown again."""
_FORM_REUSED = _("This form was sent once already, with other content. If this is a separate event, send it again.")
_MERGED = _("Somebody else has typed into this draft. Their texts are below, next to yours: look at them first.")

_DONE: Mapping[OrganisationAction, Text] = {
    "sent": _("New version sent for review."),
    **{what: _("Everybody sees it now: %(state)s.", state=AVAILABILITY[code]) for code, what in STATEMENTS.items()},
    "availability_unsaid": _("The statement about the tickets is taken back."),
}
_UNCHANGED = _("Nothing changed; there is no new version.")


@router.get("/new")
async def show_new(request: Request, account: PageEditor, state: Service) -> Response:
    county = state.find_county(account.organisation)
    fields = {"certainty": ["exact"], **({"venue.county": [county]} if county else {})}
    return await render_form(request, state, FormPage(fields=fields))


@router.post("/new")
async def send(request: Request, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    key = read_key(form)
    typed = read_typed(form, account, key)
    if REDRAW_FIELD in form:
        return await _redraw(request, state, form, typed)
    try:
        if merged := await _find_unseen(state, account, form, typed):
            return await show_merged(request, state, merged)
        event = read_fields(state, typed.fields)
        idempotency_key = _make_form_key(key, account, event)
        event = await resolve_venue(state, event)
        result = await send_new(
            state, account, event, idempotency_key, again=form.get("again") == "true", late_code=read_late_code(form)
        )
    except KeyReused as reused:
        return await _show_reused(request, state, account, typed, reused)
    except AlreadySent as sent:
        page = await _keep(state, account, form, typed)
        page = replace(page, twin=f"/ingest/submissions/{sent.submission_id}")
        return await render_form(request, state, page, status=409)
    except REFUSALS as refused:
        return await render_refused(request, state, await _keep(state, account, form, typed), refused)
    await _end_draft(state, account, typed, result)
    return _redirect(request, state, result, _("Sent for review."))


@router.get("/{submission_id}/edit", dependencies=OWNED)
async def show_edit(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    found = await get_submission(state, account, submission_id)
    offer = await state.drafts.find_by_origin(account.organisation, Origin("edit", submission_id))
    page = FormPage(
        fields=write_form(found.submission.current_event),
        found=found,
        offer=offer,
        key=offer.id if offer else str(uuid4()),
    )
    return await render_form(request, state, page)


@router.post("/{submission_id}/edit", dependencies=OWNED)
async def send_edit(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    try:
        found = await get_submission(state, account, submission_id)
    except NotFound:
        return await _ask_for_owner(request, form)
    typed = read_typed(form, account, read_key(form), found=found)
    if REDRAW_FIELD in form:
        return await _redraw(request, state, form, typed, found)
    try:
        if merged := await _find_unseen(state, account, form, typed):
            return await show_merged(request, state, merged, found)
        event = await resolve_venue(state, read_fields(state, typed.fields, found.submission.event))
        result = await _write(state, account, submission_id, event, read_version(form), late_code=read_late_code(form))
    except Stale:
        page = await _keep(state, account, form, typed, await get_submission(state, account, submission_id))
        return await _show_conflict(request, state, page)
    except REFUSALS as refused:
        return await render_refused(request, state, await _keep(state, account, form, typed, found), refused)
    await _end_draft(state, account, typed, result)
    done = result.changed or await _is_done(state, account, result, read_version(form))
    return _redirect(request, state, result, _DONE.get(result.what, _UNCHANGED) if done else _UNCHANGED)


async def _redraw(
    request: Request, state: State, form: FormData, typed: TypedPage, found: StoredSubmission | None = None
) -> Response:
    """Render the form in another language or appearance, with what was typed and what was wrong with it."""
    mode = form[REDRAW_FIELD]
    page = _make_page(form, typed, found)
    if mode == "conflict" and found:
        return await _show_conflict(request, state, page)
    errors: tuple[FieldError, ...] = ()
    if mode == "errors":
        try:
            read_fields(state, typed.fields, found.submission.event if found else None)
        except ValidationFailed as refused:
            errors = tuple(refused.errors)
    draft = await state.drafts.find(typed.draft_id, request.state.account.organisation)
    status = 422 if errors else 200
    return await render_form(request, state, replace(page, errors=errors, draft=draft), status=status)


async def _ask_for_owner(request: Request, form: FormData) -> Response:
    """Keep what was typed for an account that may send it; to others the submission does not exist."""
    kept = list_fields(form)
    shown = {name: form_view.get_label(name) for name, value in kept if value and _is_text(name)}
    wanted = check_local_path(request.scope["path"], "/ingest/")
    return await render_login(request, wanted=wanted, kept=kept, labels=shown, reason="organisation", status=404)


def _is_text(name: str) -> bool:
    known = name in labels.FIELDS or name.rpartition(".")[0] in labels.FIELDS
    return known and name not in CHOICES


async def _write(
    state: State, account: Account, submission_id: str, event: SubmittedEvent, shown: str, *, late_code: str
) -> WriteResult:
    """Change the version that was shown; the same content again is no conflict."""

    def command(submission: Submission, /, *, at: str) -> SubmissionChange:
        written = edit_current(submission, event, at=at)
        if written[1]:
            check_version(shown, submission.version)
        return written

    find = partial(state.submissions.find, submission_id, account.organisation)
    return await change(state, account, find, command, check=lambda _version: None, key=None, late_code=late_code)


async def _is_done(state: State, account: Account, result: WriteResult, shown: str) -> bool:
    """Whether this form was sent once already, a moment ago."""
    return is_repeat(await get_submission(state, account, result.submission_id), result.what, account, shown=shown)


def read_fields(state: State, fields: FormValues, before: SubmittedEvent | None = None) -> SubmittedEvent:
    """Raises ValidationFailed with the errors, each at its place in the form."""
    try:
        event = read_event(parse_form(fields, before), state.vocabulary)
    except ValidationFailed as error:
        raise ValidationFailed([*place_errors(error.errors, fields), *find_unsent_files(fields)]) from None
    if unsent := find_unsent_files(fields):
        raise ValidationFailed(unsent)
    if half_typed := place_errors((), fields):
        raise ValidationFailed(half_typed)
    return event


def is_content(state: State, account: Account, draft: Draft, key: IdempotencyKey) -> bool:
    """Whether a form with this key was sent with exactly what the draft holds."""
    try:
        event = read_fields(state, draft.fields)
    except ValidationFailed:
        return False
    return _make_form_key(draft.id, account, event) == key


def _make_form_key(key: str, account: Account, event: SubmittedEvent) -> IdempotencyKey | None:
    body = encode(write_event(event))
    return idempotency.make_key(key, organisation=account.organisation, route=idempotency.FORM_ROUTE, body=body)


async def _find_unseen(state: State, account: Account, form: FormData, typed: TypedPage) -> Draft | None:
    """Save into the draft, if there is one; return it if it holds something that the page does not show."""
    try:
        draft = await drafts.update(state, account, typed)
    except DraftEnded:
        return None
    if draft is None:
        return None
    is_seen = digest_contested(draft) == read_field(form, "contested")
    return None if is_seen and not list_changed(draft, typed.fields) else draft


async def show_merged(request: Request, state: State, draft: Draft, found: StoredSubmission | None = None) -> Response:
    page = FormPage(fields=draft.fields, draft=draft, found=found, alert=FormAlert(_MERGED))
    return await render_form(request, state, page, status=412)


async def _keep(
    state: State, account: Account, form: FormData, typed: TypedPage, found: StoredSubmission | None = None
) -> FormPage:
    """Save the form that is shown again, so that it is not lost even if nobody sends it."""
    draft = await drafts.try_to_save(state, account, typed)
    page = _make_page(form, typed, found)
    return replace(page, draft=draft, seen=None) if draft else page


def _make_page(form: FormData, typed: TypedPage, found: StoredSubmission | None = None) -> FormPage:
    return FormPage(
        fields=typed.fields,
        key=read_key(form),
        version=read_version(form),
        seen=read_field(form, "seen"),
        page=typed.by.page,
        found=found,
        late_code=read_late_code(form),
    )


async def _end_draft(state: State, account: Account, typed: TypedPage, result: WriteResult) -> None:
    """What is sent is sent: a draft that could not be ended now is recognised when it is opened."""
    with suppress(OutcomeUnknown, DraftEnded, DraftUnknown, DraftsFull, DraftTooLarge, Contended):
        await drafts.end_sent(state, account, typed, sent_as=result.submission_id, version=result.version)


async def _show_reused(
    request: Request, state: State, account: Account, typed: TypedPage, reused: KeyReused
) -> Response:
    """Offer what was typed as an event of its own, with a key and a draft of its own."""
    alert = FormAlert(_FORM_REUSED, (link_submission(reused.submission_id),))
    other = replace(typed, draft_id=str(uuid4()))
    draft = await drafts.try_to_save(state, account, other)
    page = FormPage(fields=typed.fields, key=other.draft_id, page=typed.by.page, draft=draft, alert=alert)
    return await render_form(request, state, page, status=422)


def _redirect(request: Request, state: State, result: WriteResult, alert: Text) -> Response:
    response = Pages.redirect(f"/ingest/submissions/{result.submission_id}")
    state.pages.flash(response, alert, request)
    return response


async def _show_conflict(request: Request, state: State, page: FormPage) -> Response:
    """Render the form with what another person sent; sending it again overwrites that."""
    if page.found is None:
        raise NotFound
    theirs = write_form(page.found.submission.current_event)
    who = next((entry.who for entry in reversed(page.found.history) if entry.who), "")
    lang = state.pages.choose_language(request)
    conflict = EditConflict(describe_writer(who, lang), list_differences(page.fields, theirs, lang))
    return await render_form(request, state, replace(page, version="", conflict=conflict), status=412)
