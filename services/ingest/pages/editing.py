"""The form of an event, new or to be changed. Whatever goes wrong, it comes back with everything that was typed."""

from functools import partial
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest import repeats
from services.ingest.answers import RETRY_SECONDS, encoded
from services.ingest.documents import Stored
from services.ingest.domain.event import Event, read_event
from services.ingest.domain.faults import Fault, NotAcceptable
from services.ingest.domain.submission import Submission, Written, edit
from services.ingest.form.faults import in_form
from services.ingest.form.fields import Fields, event_of, fields_of
from services.ingest.pages import drawing, showing
from services.ingest.pages.conflict import differences
from services.ingest.pages.entry import same_version, stored, version_in
from services.ingest.repeats import KeyReused, KeyUnreadable
from services.ingest.state import Service, State
from services.ingest.store import BacklogFull, ExternalIdTaken
from services.ingest.writing import Answer, send_new, write
from shared.database import PyMongoError, is_away
from shared.web.access import PageEditor
from shared.web.accounts import Account
from shared.web.locale import Text, _, gettext_noop
from shared.web.origin import CSRF_FIELD
from shared.web.pages import Pages
from shared.web.problems import Stale

router = APIRouter(prefix="/ingest/submissions")

ROUTE = "form"
HIDDEN = frozenset({CSRF_FIELD, "key", "version"})
_TAKEN = gettext_noop("Ten identyfikator ma już inne wasze zgłoszenie. Podaj inny albo zostaw to pole puste.")
_LATER = _(
    "Serwer chwilowo nie może tego zapisać. Wszystko, co wpisano, jest niżej: wyślij ponownie za chwilę, niczego to "
    "nie podwoi."
)
_SENT_BEFORE = _("Ten formularz już raz wysłano, z inną treścią. Jeśli to osobne wydarzenie, wyślij jeszcze raz.")


@router.get("/new")
async def new(request: Request, account: PageEditor, state: Service) -> Response:
    """Show an empty form; the county is that of the organisation."""
    county = state.county_of(account.organisation)
    fields = {"certainty": ["exact"], **({"venue.county": [county]} if county else {})}
    return await _form(request, state, fields)


@router.post("/new")
async def send(request: Request, account: PageEditor, state: Service) -> Response:
    """Send in a new event, and lead to its page."""
    form = await state.pages.form(request)
    fields = typed(form)
    try:
        event = _event(state, fields)
        key = repeats.keyed(
            _hidden(form, "key") or str(uuid4()), organisation=account.organisation, route=ROUTE, body=encoded(event)
        )
        answer = await send_new(state, account, event, key)
    except KeyReused as reused:
        said = {"text": _SENT_BEFORE, "url": f"/ingest/submissions/{reused.submission_id}"}
        return await _form(request, state, fields, status=422, said=said)
    except (NotAcceptable, ExternalIdTaken, KeyUnreadable, BacklogFull, PyMongoError) as refused:
        return await _again(request, state, fields, refused, key=_hidden(form, "key"))
    return _led(request, state, answer, _("Wysłano do sprawdzenia."))


@router.get("/{submission_id}/edit")
async def change(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Show the form with what was sent last."""
    found = await stored(state, account, submission_id)
    return await _form(request, state, fields_of(found.submission.event), found=found)


@router.post("/{submission_id}/edit")
async def send_again(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Send another version; if somebody was faster, show theirs beside what was typed."""
    form = await state.pages.form(request)
    fields, found = typed(form), await stored(state, account, submission_id)
    try:
        event = _event(state, fields, found.submission.event)
        answer = await _write(state, account, submission_id, event, version_in(form))
    except Stale:
        return await _conflict(request, state, fields, await stored(state, account, submission_id))
    except (NotAcceptable, ExternalIdTaken, BacklogFull, PyMongoError) as refused:
        return await _again(request, state, fields, refused, found=found, version=version_in(form))
    done = (
        _("Nowa wersja wysłana do sprawdzenia.") if answer.changed else _("Nic się nie zmieniło; nowej wersji nie ma.")
    )
    return _led(request, state, answer, done)


async def _write(state: State, account: Account, submission_id: str, event: Event, shown: str) -> Answer:
    """Write what was typed over the version that was shown; the same content again is no conflict."""

    def rule(submission: Submission, at: str) -> Written:
        written = edit(submission, event, at=at)
        if written[1]:
            same_version(shown, submission.version)
        return written

    find = partial(state.submissions.find, submission_id, account.organisation)
    return await write(state, account, find, rule, check=lambda _version: None, request=None)


def typed(form: FormData) -> Fields:
    """Give what was typed, by field."""
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name not in HIDDEN:
            fields.setdefault(name, []).append(value)
    return fields


def _event(state: State, fields: Fields, before: Event | None = None) -> Event:
    """Make the event of what was typed.

    Raises:
        NotAcceptable: with the faults, each at its place in the form.

    """
    try:
        return read_event(event_of(fields, before), state.known)
    except NotAcceptable as error:
        raise NotAcceptable(in_form(error.faults, fields)) from None


def _hidden(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _led(request: Request, state: State, answer: Answer, said: Text) -> Response:
    response = Pages.redirect(f"/ingest/submissions/{answer.submission_id}")
    state.pages.flash(response, said, request)
    return response


async def _again(
    request: Request,
    state: State,
    fields: Fields,
    refused: Exception,
    *,
    found: Stored | None = None,
    key: str = "",
    version: str = "",
) -> Response:
    """Show the form again with what was typed: what is to be corrected, or that it has to be sent once more."""
    if isinstance(refused, NotAcceptable):
        return await _form(
            request, state, fields, status=422, faults=refused.faults, found=found, key=key, version=version
        )
    if isinstance(refused, ExternalIdTaken):
        faults = (Fault("external_id", "differs", _TAKEN),)
        return await _form(request, state, fields, status=422, faults=faults, found=found, key=key, version=version)
    if isinstance(refused, PyMongoError) and not is_away(refused):
        raise refused
    said = {"text": _LATER, "url": ""}
    response = await _form(request, state, fields, status=503, said=said, found=found, key=key, version=version)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


async def _conflict(request: Request, state: State, fields: Fields, found: Stored) -> Response:
    """Show what was typed beside what somebody else has sent meanwhile; sending it again overwrites that knowingly."""
    theirs = fields_of(found.submission.event)
    who = next((step.who for step in reversed(found.history) if step.who), "")
    differing = differences(fields, theirs)
    return await _form(request, state, fields, status=412, found=found, conflict={"who": who, "fields": differing})


async def _form(
    request: Request,
    state: State,
    fields: Fields,
    *,
    status: int = 200,
    faults: tuple[Fault, ...] = (),
    found: Stored | None = None,
    key: str = "",
    version: str = "",
    **context: Any,  # noqa: ANN401 - what is said above the form
) -> Response:
    lang = state.pages.language(request)
    drawn = drawing.Drawn(fields, faults, lang, state.region, year=int(state.now()[:4]))
    submission = found.submission if found else None
    return await state.pages.render(
        request,
        "form.html",
        status=status,
        title=_("Popraw zgłoszenie") if submission else _("Nowe wydarzenie"),
        action=f"/ingest/submissions/{submission.id}/edit" if submission else "/ingest/submissions/new",
        back=f"/ingest/submissions/{submission.id}" if submission else "/ingest/",
        key=key or str(uuid4()),
        version=version or (submission.version if submission else ""),
        entry=showing.row(submission, lang, state.region) if submission else None,
        said=context.get("said"),
        conflict=context.get("conflict"),
        **drawing.context(drawn),
    )
