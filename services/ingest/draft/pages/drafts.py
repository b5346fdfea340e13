"""A draft as a form: shown, saved by a button or while somebody types, discarded."""

from dataclasses import replace
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.draft import commands, model, view
from services.ingest.draft.commands import DraftEnded, DraftUnknown, TypedPage
from services.ingest.draft.draft_owner import OWNED_DRAFT
from services.ingest.draft.model import Draft, DraftTooLarge, TextsUnseen
from services.ingest.draft.problems import DraftGone
from services.ingest.draft.repository import DraftsFull
from services.ingest.form.mapping import FormValues
from services.ingest.form.pages.edit import is_content, show_merged
from services.ingest.form.pages.form_page import (
    FormAlert,
    FormPage,
    link_submission,
    name_acting,
    read_typed,
    render_form,
    render_refused,
)
from services.ingest.form.pages.places import FIND, VENUE_REFUSALS, build_asking_url, choose_venue
from services.ingest.form.pages.recent import PARTS, make_values
from services.ingest.form.picture_fields import find_unsent_files
from services.ingest.form.repeat_fields import split_change_field
from services.ingest.form.repeat_view import RepeatDates, build_dates
from services.ingest.rollover.commands import find_umbrella
from services.ingest.state import Service, State
from services.ingest.submission import idempotency
from services.ingest.submission.commands import OutcomeUnknown
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.pages.submission import get_submission
from services.ingest.submission.repository import EarlierResponse
from services.ingest.venue.commands import NearTwins
from services.ingest.venue.problems import FULL
from services.ingest.venue.repository import RegisterFull
from services.ingest.venue.view import read_asked
from shared.accounts.accounts import Account
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound

router = APIRouter(prefix="/ingest/drafts/{draft_id}", dependencies=OWNED_DRAFT)

_FULL = _("Your organisation has as many drafts as it may have. Send or discard some of them; what you typed is below.")
_SAVED = _("The draft is saved.")
_SAVED_WITHOUT_FILES = _(
    "The draft is saved, without the pictures that you chose: choose them again and press “Send the chosen pictures”."
)
_SENT = _("This draft was sent already. What you typed since is below; you can save it as a draft of its own.")
_DISCARDED = _("This draft was discarded. What you typed is below: save it as a draft of its own if you need it.")


@router.get("")
async def show_draft(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    draft = await find_open(state, account, draft_id)
    if isinstance(draft, str):
        return Pages.redirect(f"/ingest/submissions/{draft}")
    found = await find_edited(state, account, draft)
    fields = {**draft.fields, **await _follow_umbrella(state, account, draft)}
    seen = model.write_seen(model.digest_fields(draft.fields))
    asked = read_asked(request.query_params)
    page = FormPage(fields=fields, draft=draft, found=found, seen=seen, asked=asked)
    return await render_form(request, state, replace(page, opened=request.query_params.get("change", "")))


async def _follow_umbrella(state: State, account: Account, draft: Draft) -> FormValues:
    """Choose the umbrella of the year, if it was sent after this draft was made, and while nobody has chosen."""
    if draft.origin is None or draft.origin.kind != "rollover" or "part_of" in draft.fields:
        return {}
    umbrella_id = await find_umbrella(state, account.organisation, draft.origin)
    return {"part_of": [umbrella_id]} if umbrella_id else {}


@router.post("")
async def save_draft(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    """Save what was typed; a script is answered with the words of the bar."""
    form = await state.pages.read_form(request)
    typed, found = await read_page(state, account, form, draft_id)
    try:
        draft = await commands.save(state, account, typed)
        draft = await _choose(state, account, draft, form, typed)
        draft = await choose_venue(state, account, draft, read_field(form, "fill"), typed)
    except TextsUnseen as unseen:
        return await show_merged(request, state, unseen.draft, found)
    except NearTwins:
        return Pages.redirect(build_asking_url(draft.id, "twins", name_acting(request)))
    except (DraftEnded, DraftsFull, DraftTooLarge, OutcomeUnknown, *VENUE_REFUSALS) as refused:
        return await refuse(request, state, refused, typed=typed, found=found)
    if asked := FIND.get(read_field(form, "fill")):
        return Pages.redirect(build_asking_url(draft.id, asked, name_acting(request)))
    if is_by_script(request):
        dates = build_dates(typed.fields, state.pages.choose_language(request), state.region.time_zone)
        is_shown = dates.digest == read_field(form, "listed")
        saved = view_of(request, state, draft, typed)
        return await _render_saved(request, state, saved, typed, dates=None if is_shown else dates)
    response = Pages.redirect(f"/ingest/drafts/{draft.id}{_find_place(form)}")
    if not read_field(form, "change") and not read_field(form, "list"):
        state.pages.flash(response, _SAVED_WITHOUT_FILES if find_unsent_files(typed.fields) else _SAVED, request)
    return response


@router.get("/discard")
async def ask_to_discard(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    draft = await find_open(state, account, draft_id)
    if isinstance(draft, str):
        return Pages.redirect(f"/ingest/submissions/{draft}")
    return await state.pages.render(
        request, "discard.html", title=_("Discard the draft"), draft=view.make_row(draft, make_place(request, state))
    )


@router.post("/discard")
async def discard(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    await state.pages.read_form(request)
    try:
        await commands.discard(state, account, draft_id)
    except DraftUnknown:
        raise NotFound from None
    except DraftEnded:
        pass  # it is gone already, which is what was wanted
    response = Pages.redirect("/ingest/")
    state.pages.flash(response, _("The draft is discarded."), request)
    return response


async def find_open(state: State, account: Account, draft_id: str) -> Draft | str:
    """Find an open draft, or the id of the submission that it became. Raises NotFound, or DraftGone if discarded."""
    draft = await state.drafts.find(draft_id, account.organisation)
    if draft is None:
        raise NotFound
    if draft.ended == "discarded":
        raise DraftGone
    if draft.ended == "sent":
        return draft.sent_as
    if draft.edited:
        return draft
    sent = await state.submissions.find_sent_with(
        idempotency.make_form_scope(draft.id, account.organisation), account.organisation
    )
    return await _settle(state, account, draft, sent) if sent else draft


async def _settle(state: State, account: Account, draft: Draft, sent: EarlierResponse) -> Draft | str:
    """Do what was left undone because the process died after the form was sent."""

    def is_same(draft: Draft) -> bool:
        return not draft.contested and is_content(state, account, draft, sent.response.key)

    try:
        settled = await commands.settle_sent(
            state, account, draft.id, is_same, sent_as=sent.submission_id, version=sent.response.version
        )
    except DraftEnded as ended:
        settled = ended.draft
    return sent.submission_id if settled.ended else settled


async def find_edited(state: State, account: Account, draft: Draft) -> StoredSubmission | None:
    """Find the submission of which this is a change."""
    return await get_submission(state, account, draft.edited.submission_id) if draft.edited else None


async def read_page(
    state: State, account: Account, form: FormData, draft_id: str
) -> tuple[TypedPage, StoredSubmission | None]:
    """Raises NotFound for an id that no form has, or if the form is of another organisation's submission."""
    if not commands.is_draft_id(draft_id):
        raise NotFound
    edited = read_field(form, "submission")
    found = await get_submission(state, account, edited) if edited else None
    return read_typed(form, account, draft_id, found=found), found


async def refuse(
    request: Request, state: State, refused: Exception, *, typed: TypedPage, found: StoredSubmission | None
) -> Response:
    """Say in the bar that nothing is saved, or render the form again with what was typed."""
    if is_by_script(request) and isinstance(refused, DraftEnded):
        return await _render_saved(request, state, view.make_ended(refused.draft), typed, status=410)
    page = FormPage(fields=typed.fields, key=typed.draft_id, page=typed.by.page, found=found)
    match refused:
        case DraftEnded():
            page = replace(page, key=str(uuid4()), alert=_describe_ended(refused.draft))
            return await render_form(request, state, page, status=410)
        case RegisterFull():
            return await render_form(request, state, replace(page, alert=FormAlert(FULL), seen=""), status=409)
        case DraftsFull():
            return await render_form(request, state, replace(page, alert=FormAlert(_FULL), seen=""), status=409)
    return await render_refused(request, state, replace(page, seen=""), refused)


def is_by_script(request: Request) -> bool:
    return "hx-request" in request.headers


def make_place(request: Request, state: State) -> view.Place:
    return view.Place(state.pages.choose_language(request), state.region.time_zone, state.now())


def view_of(request: Request, state: State, draft: Draft, typed: TypedPage) -> view.SavedView:
    return view.make_saved(draft, typed.fields, typed.by.account_id, make_place(request, state))


async def _render_saved(
    request: Request,
    state: State,
    saved: view.SavedView,
    typed: TypedPage,
    *,
    status: int = 200,
    dates: RepeatDates | None = None,
) -> Response:
    """``dates`` are the list of those that repeats come to, if the page shows another one."""
    seen, save = (
        model.write_seen(model.digest_fields(typed.fields)),
        f"/ingest/drafts/{typed.draft_id}{name_acting(request)}",
    )
    return await state.pages.render(
        request, "saved.html", status=status, title="", saved=saved, seen=seen, save=save, listed=dates
    )


async def _choose(state: State, account: Account, draft: Draft, form: FormData, typed: TypedPage) -> Draft:
    """Do what the button says that saved the form: choose a text, or fill in a part. Raises TextsUnseen."""
    by, at, shown = typed.by, state.now(), typed.fields
    if button := read_field(form, "take") or read_field(form, "keep"):
        choice = model.read_choice(button, shown)
        return await commands.change(state, account, draft.id, lambda each: model.choose(each, choice, by=by, at=at))
    part, _space, submission_id = read_field(form, "fill").partition(" ")
    if part in PARTS and (source := await state.submissions.find(submission_id, account.organisation)):
        values = make_values(source.submission.event, part)
        return await commands.change(
            state, account, draft.id, lambda each: model.fill(each, values, shown, by=by, at=at)
        )
    return draft


def _find_place(form: FormData) -> str:
    """Lead back to the part that was filled in, or to the date that is to be changed."""
    day = read_field(form, "change")
    if split_change_field(f"repeats.{day}.what"):
        return f"?change={day}#repeats-{day}-what"
    if read_field(form, "list"):
        return "#repeat-dates"
    part = read_field(form, "fill").partition(" ")[0]
    if part in {"venue", "place", "correct", "add"}:
        return "#where"
    return {"start": "#start-place", "contact": "#contact"}.get(part, "")


def _describe_ended(draft: Draft) -> FormAlert:
    if draft.ended == "sent":
        return FormAlert(_SENT, (link_submission(draft.sent_as),))
    return FormAlert(_DISCARDED)
