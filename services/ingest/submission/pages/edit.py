"""Form pages: new and edit. An error renders the form again with all values."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.state import Service, State
from services.ingest.submission import idempotency, labels, view
from services.ingest.submission.commands import OutcomeUnknown, WriteResult, change, send_new
from services.ingest.submission.content import SubmittedEvent, read_event, write_event
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.field_errors import ValidationFailed, make_field_error
from services.ingest.submission.form import view as form_view
from services.ingest.submission.form.errors import place_errors
from services.ingest.submission.form.mapping import FormValues, parse_form, write_form
from services.ingest.submission.idempotency import KeyReused
from services.ingest.submission.model import Submission, SubmissionChange, edit
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.conflict import EditConflict, list_differences
from services.ingest.submission.pages.submission import check_version, get_submission, read_version
from services.ingest.submission.problems import ORGANISATION_CLOSED, RETRY_SECONDS
from services.ingest.submission.repository import AlreadySent, BacklogFull, ExternalIdTaken
from services.ingest.submission.serializers import encode
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.field_error import FieldError
from shared.i18n.text import Text, _, gettext_noop
from shared.web.auth.resubmit import render_login
from shared.web.auth.roles import AS_PARAMETER, PageEditor, get_acting_account
from shared.web.csrf import CSRF_FIELD, check_local_path
from shared.web.forms import REDRAW_FIELD
from shared.web.pages.layout import RedrawForm
from shared.web.pages.renderer import REVISITED, Pages, list_fields
from shared.web.problems import NotFound, Stale

router = APIRouter(prefix="/ingest/submissions")

ROUTE = "form"
HIDDEN = frozenset({CSRF_FIELD, REDRAW_FIELD, "key", "version", "again"})
CHOICES = frozenset(
    {"category", "also", "certainty", "month", "season", "start_fold", "end_fold"}
    | {"venue.county", "tickets.free", "accessibility"}
)
"""Fields whose values are codes, not texts."""
_IDENTIFIER_TAKEN = gettext_noop(
    "Another submission of yours has this identifier. Give another one, or leave this field empty."
)
_TRY_LATER = _(
    "The server cannot keep this at the moment. Everything you typed is below: send it again "
    "in a moment, that doubles nothing."
)
_FORM_REUSED = _("This form was sent once already, with other content. If this is a separate event, send it again.")


@dataclass(frozen=True, slots=True)
class FormAlert:
    """What stands above the form; ``url`` leads to the submission it is about."""

    text: Text
    url: str = ""


@router.get("/new")
async def show_new(request: Request, account: PageEditor, state: Service) -> Response:
    county = state.find_county(account.organisation)
    fields = {"certainty": ["exact"], **({"venue.county": [county]} if county else {})}
    return await _render(request, state, fields)


@router.post("/new")
async def send(request: Request, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    fields, key = read_values(form), _read_key(form)
    if REDRAW_FIELD in form:
        return await _redraw(request, state, form)
    try:
        event = _read_event(state, fields)
        idempotency_key = idempotency.make_key(
            key, organisation=account.organisation, route=ROUTE, body=encode(write_event(event))
        )
        result = await send_new(state, account, event, idempotency_key, again=form.get("again") == "true")
    except AlreadySent as sent:
        twin = f"/ingest/submissions/{sent.submission_id}"
        return await _render(request, state, fields, status=409, key=key, twin=twin)
    except KeyReused as reused:
        alert = FormAlert(_FORM_REUSED, f"/ingest/submissions/{reused.submission_id}")
        return await _render(request, state, fields, status=422, alert=alert)
    except (ValidationFailed, ExternalIdTaken, BacklogFull, OutcomeUnknown, OrganisationClosed) as refused:
        return await _show_again(request, state, fields, refused, key=key)
    return _redirect(request, state, result, _("Sent for review."))


@router.get("/{submission_id}/edit", dependencies=OWNED)
async def show_edit(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    found = await get_submission(state, account, submission_id)
    return await _render(request, state, write_form(found.submission.event), found=found)


@router.post("/{submission_id}/edit", dependencies=OWNED)
async def send_edit(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request, redraws=True)
    fields = read_values(form)
    try:
        found = await get_submission(state, account, submission_id)
    except NotFound:
        return await _ask_for_owner(request, form)
    if REDRAW_FIELD in form:
        return await _redraw(request, state, form, found)
    try:
        event = _read_event(state, fields, found.submission.event)
        result = await _write(state, account, submission_id, event, read_version(form))
    except Stale:
        return await _show_conflict(request, state, fields, await get_submission(state, account, submission_id))
    except (ValidationFailed, ExternalIdTaken, BacklogFull, OutcomeUnknown, OrganisationClosed) as refused:
        return await _show_again(request, state, fields, refused, found=found, version=read_version(form))
    done = _("New version sent for review.") if result.changed else _("Nothing changed; there is no new version.")
    return _redirect(request, state, result, done)


async def _redraw(request: Request, state: State, form: FormData, found: StoredSubmission | None = None) -> Response:
    """Render the form in another language or appearance, with what was typed and what was wrong with it."""
    fields, mode = read_values(form), form[REDRAW_FIELD]
    if mode == "conflict" and found:
        return await _show_conflict(request, state, fields, found)
    errors: tuple[FieldError, ...] = ()
    if mode == "errors":
        try:
            _read_event(state, fields, found.submission.event if found else None)
        except ValidationFailed as refused:
            errors = tuple(refused.errors)
    status = 422 if errors else 200
    key, version = _read_key(form), read_version(form)
    return await _render(request, state, fields, status=status, errors=errors, found=found, key=key, version=version)


async def _ask_for_owner(request: Request, form: FormData) -> Response:
    """Keep what was typed for an account that may send it; to others the submission does not exist."""
    kept = list_fields(form)
    shown = {name: form_view.get_label(name) for name, value in kept if value and _is_text(name)}
    wanted = check_local_path(request.scope["path"], "/ingest/")
    return await render_login(request, wanted=wanted, kept=kept, labels=shown, reason="organisation", status=404)


def _is_text(name: str) -> bool:
    known = name in labels.FIELDS or name.rpartition(".")[0] in labels.FIELDS
    return known and name not in CHOICES


async def _write(state: State, account: Account, submission_id: str, event: SubmittedEvent, shown: str) -> WriteResult:
    """Change the version that was shown; the same content again is no conflict."""

    def command(submission: Submission, /, *, at: str) -> SubmissionChange:
        written = edit(submission, event, at=at)
        if written[1]:
            check_version(shown, submission.version)
        return written

    find = partial(state.submissions.find, submission_id, account.organisation)
    return await change(state, account, find, command, check=lambda _version: None, key=None)


def read_values(form: FormData) -> FormValues:
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name not in HIDDEN:
            fields.setdefault(name, []).append(value)
    return fields


def _read_event(state: State, fields: FormValues, before: SubmittedEvent | None = None) -> SubmittedEvent:
    """Raises ValidationFailed with the errors, each at its place in the form."""
    try:
        event = read_event(parse_form(fields, before), state.vocabulary)
    except ValidationFailed as error:
        raise ValidationFailed(place_errors(error.errors, fields)) from None
    if half_typed := place_errors((), fields):
        raise ValidationFailed(half_typed)
    return event


def _read_key(form: FormData) -> str:
    """Return the form's idempotency key; a missing or invalid one is replaced."""
    key = form.get("key")
    return key if isinstance(key, str) and idempotency.is_key(key) else str(uuid4())


def _redirect(request: Request, state: State, result: WriteResult, alert: Text) -> Response:
    response = Pages.redirect(f"/ingest/submissions/{result.submission_id}")
    state.pages.flash(response, alert, request)
    return response


async def _show_again(
    request: Request,
    state: State,
    fields: FormValues,
    refused: Exception,
    *,
    found: StoredSubmission | None = None,
    key: str = "",
    version: str = "",
) -> Response:
    """Render the form with the values that were sent: with errors (422), or to send once more (503)."""
    if isinstance(refused, ValidationFailed):
        return await _render(
            request, state, fields, status=422, errors=refused.errors, found=found, key=key, version=version
        )
    if isinstance(refused, ExternalIdTaken):
        errors = (make_field_error("external_id", "differs", _IDENTIFIER_TAKEN),)
        return await _render(request, state, fields, status=422, errors=errors, found=found, key=key, version=version)
    if isinstance(refused, OrganisationClosed):
        closed = FormAlert(ORGANISATION_CLOSED)
        return await _render(request, state, fields, status=409, alert=closed, found=found, key=key, version=version)
    alert = FormAlert(_TRY_LATER)
    response = await _render(request, state, fields, status=503, alert=alert, found=found, key=key, version=version)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


async def _show_conflict(request: Request, state: State, fields: FormValues, found: StoredSubmission) -> Response:
    """Render the form with what another person sent; sending it again overwrites that."""
    theirs = write_form(found.submission.event)
    who = next((entry.who for entry in reversed(found.history) if entry.who), "")
    conflict = EditConflict(who, list_differences(fields, theirs))
    return await _render(request, state, fields, status=412, found=found, conflict=conflict)


def _make_new_address(request: Request) -> str:
    """Name the organisation where the person edits several: the session may change to another one in another tab."""
    account = get_acting_account(request)
    several = len(account.edits) > 1
    return "/ingest/submissions/new" + (f"?{AS_PARAMETER}={account.membership_key}" if several else "")


async def _render(
    request: Request,
    state: State,
    fields: FormValues,
    *,
    status: int = 200,
    errors: tuple[FieldError, ...] = (),
    found: StoredSubmission | None = None,
    key: str = "",
    version: str = "",
    alert: FormAlert | None = None,
    conflict: EditConflict | None = None,
    twin: str = "",
) -> Response:
    lang = state.pages.choose_language(request)
    mode = "conflict" if conflict else "errors" if errors else ""
    form = form_view.FormView(fields, errors, lang, state.region, today=state.get_today())
    submission = found.submission if found else None
    action = f"/ingest/submissions/{submission.id}/edit" if submission else _make_new_address(request)
    as_sent = submission if status == HTTPStatus.OK else None
    return await state.pages.render(
        request,
        "form.html",
        status=status,
        title=_("Correct the submission") if submission else _("New event"),
        headers={} if submission else {"Cache-Control": REVISITED},
        action=action,
        redraw=RedrawForm("event", action, mode),
        back=f"/ingest/submissions/{submission.id}" if submission else "/ingest/",
        key=key or str(uuid4()),
        version=version or (submission.version if submission else ""),
        entry=view.make_row(submission, lang, state.region, today=state.get_today()) if submission else None,
        warnings=view.list_warnings(as_sent, lang, state.region, today=state.get_today()) if as_sent else [],
        alert=alert,
        conflict=conflict,
        twin=twin,
        form=form_view.make_context(form),
    )
