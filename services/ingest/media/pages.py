"""Pictures in the form of an event: added, moved, cut anew, removed; by the form's buttons or by a script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.draft import commands as drafts
from services.ingest.draft.commands import DraftEnded, TypedPage
from services.ingest.draft.draft_owner import OWNED_DRAFT
from services.ingest.draft.model import Draft, DraftTooLarge, digest_fields, merge
from services.ingest.draft.pages.drafts import is_by_script, read_page, refuse
from services.ingest.draft.repository import DraftsFull
from services.ingest.form.pages.form_page import FormPage, name_acting, render_form
from services.ingest.form.picture_fields import (
    CAMERA,
    CHOOSER,
    NUMBERS,
    PICTURE_BUTTON,
    FormValues,
    NoRoom,
    ShownAlready,
    add_picture,
    get_media,
    move_picture,
    remove_picture,
    replace_picture,
)
from services.ingest.form.picture_view import NO_POSTER, describe_picture, is_like_poster, list_licences
from services.ingest.media.commands import check_open
from services.ingest.media.problems import MEDIA_PROBLEMS
from services.ingest.state import Service, State
from services.ingest.submission.commands import OutcomeUnknown
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.problems import ORGANISATION_CLOSED
from shared.accounts.accounts import Account
from shared.accounts.organisations import OrganisationClosed
from shared.event.vocabulary import MAX_IMAGES
from shared.field_error import FieldError
from shared.i18n.text import Text, _, translate
from shared.media.commands import PictureRefused, PictureUnknown, TooManyPictures
from shared.media.model import MAX_UPLOAD, Focus, Size, make_focus
from shared.media.refusals import explain_refusal
from shared.media.repository import StoredPicture
from shared.sandbox.model import SandboxBusy, SandboxUnavailable
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field, read_form
from shared.web.http.media_types import is_multipart
from shared.web.multipart import SentFile, read_form_with_files
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound, find_problem

router = APIRouter(prefix="/ingest/drafts/{draft_id}", dependencies=OWNED_DRAFT, include_in_schema=False)

REFUSALS: Final = (
    PictureRefused,
    PictureUnknown,
    TooManyPictures,
    SandboxBusy,
    SandboxUnavailable,
    NoRoom,
    ShownAlready,
)
_NOT_CHOSEN: Final = _("Choose a picture first, then press the button.")
_NO_ROOM: Final = _("An event has %(most)s pictures at most. Remove one first.", most=MAX_IMAGES)
_SHOWN: Final = _("The event has this picture already.")
_GONE: Final = _("This picture is not stored any more. Remove it, and send it again if you need it.")
_MISSING: Final = "picture_missing"
_WORDS: Final[Mapping[type[Exception], Text]] = {
    PictureRefused: _NOT_CHOSEN,
    PictureUnknown: _GONE,
    NoRoom: _NO_ROOM,
    ShownAlready: _SHOWN,
    OrganisationClosed: ORGANISATION_CLOSED,
}
_ADDED: Final = _("Picture added: say below what is to be seen, and whose it is.")
_CUT: Final = _("The picture is cut round the new point.")


@dataclass(frozen=True, slots=True)
class _Act:
    """What a button does, and to which picture: ``remove 3``."""

    what: str
    number: int


@dataclass(frozen=True, slots=True)
class _RefusedPicture:
    """A picture that was not taken, in words, and the status that says so."""

    words: str
    error: Exception


@router.post("/pictures")
async def change_pictures(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    """Do what a button of the pictures says and save the draft; a script is answered with the picture alone."""
    uploads = _Uploads(state, account)
    with uploads:
        form = await state.pages.read_form(request, read=uploads.read)
        act = _read_act(form)
        if is_by_script(request):
            return await _answer_script(request, state, account, form, act, uploads, draft_id)
        typed, found = await read_page(state, account, form, draft_id)
        try:
            draft = await drafts.save(state, account, typed)
            changes, refused, said = await _prepare(state, account, form, act, uploads, draft.fields)
            draft = await _change(state, account, draft, typed, changes)
        except (DraftEnded, DraftsFull, DraftTooLarge, OutcomeUnknown) as error:
            return await refuse(request, state, error, typed=typed, found=found)
    if refused:
        return await _show_refused(request, state, typed, draft, found, refused)
    response = Pages.redirect(f"/ingest/drafts/{draft.id}{name_acting(request)}#pictures")
    if said:
        state.pages.flash(response, said, request)
    return response


class _Uploads:
    """The files of a form, read into memory only while there is room for them."""

    def __init__(self, state: State, account: Account) -> None:
        self._slot = state.uploads.take(account.organisation)
        self.is_taken = False
        self.files: Sequence[SentFile] = ()

    def __enter__(self) -> None:
        try:
            self._slot.__enter__()
        except SandboxBusy:
            return  # what was typed is read all the same
        self.is_taken = True

    def __exit__(self, *_error: object) -> None:
        if self.is_taken:
            self._slot.__exit__(None, None, None)

    async def read(self, request: Request) -> FormData:
        if not is_multipart(request.headers.get("content-type", "")):
            return await read_form(request)
        sent = await read_form_with_files(request, most=MAX_UPLOAD, keep=self.is_taken)
        self.files = [each for each in sent.files if each.name in {CHOOSER, CAMERA}]
        return sent.form

    def check(self) -> None:
        """Raises SandboxBusy."""
        if not self.is_taken:
            raise SandboxBusy


async def _answer_script(  # noqa: PLR0917 - what came, and of whom
    request: Request, state: State, account: Account, form: FormData, act: _Act, uploads: _Uploads, draft_id: str
) -> Response:
    shown = [each for each in form.getlist("shown") if isinstance(each, str)]
    try:
        if act.what == "focus":
            media = get_media(_read_values(form), act.number)
            stored, number = await _move_focus(state, account, form, act, uploads, media), act.number
        else:
            stored, number = await _add_first(state, account, uploads, shown), _read_number(read_field(form, "number"))
    except (*REFUSALS, OrganisationClosed) as error:
        refused = _explain(error)
        status = _find_status(error)
        response = await state.pages.render(
            request, "picture_refused.html", status=status, title="", refusal=refused.words
        )
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = "2"
        return response
    lang = state.pages.choose_language(request)
    before = {f"images.{place}.media": [each] for place, each in zip(NUMBERS, shown, strict=False)}
    fields = {**before, f"images.{number}.media": [stored.media]}
    each = describe_picture(fields, number, {stored.media: stored}, {}, lang=lang, today=state.get_today())
    action = f"/ingest/drafts/{draft_id}/pictures{name_acting(request)}"
    return await state.pages.render(
        request, "picture_sent.html", title="", each=each, licences=list_licences(lang), action=action
    )


async def _add_first(state: State, account: Account, uploads: _Uploads, shown: Sequence[str]) -> StoredPicture:
    if not uploads.files:
        raise PictureRefused(_MISSING)
    stored = await _store(state, account, uploads, uploads.files[0])
    if stored.media in shown:
        raise ShownAlready
    if len(shown) >= MAX_IMAGES:
        raise NoRoom
    return stored


async def _prepare(  # noqa: PLR0917 - what came, and of whom
    state: State, account: Account, form: FormData, act: _Act, uploads: _Uploads, fields: FormValues
) -> tuple[list[Callable[[FormValues], FormValues]], list[_RefusedPicture], Text | None]:
    """Return what is to be done to the fields of the draft, what was refused, and what to say of it."""
    if act.what == "remove":
        return [lambda fields: remove_picture(fields, act.number)], [], None
    if act.what in {"earlier", "later"}:
        by = -1 if act.what == "earlier" else 1
        return [lambda fields: move_picture(fields, act.number, by)], [], None
    if act.what == "focus":
        media = get_media(fields, act.number)
        try:
            stored = await _move_focus(state, account, form, act, uploads, media)
        except (*REFUSALS, OrganisationClosed) as error:
            return [], [_explain(error)], None
        return [lambda fields: replace_picture(fields, media, stored.media)], [], _CUT
    return await _add(state, account, uploads)


async def _add(
    state: State, account: Account, uploads: _Uploads
) -> tuple[list[Callable[[FormValues], FormValues]], list[_RefusedPicture], Text | None]:
    if not uploads.files:
        return [], [_RefusedPicture(_NOT_CHOSEN, PictureRefused(_MISSING))], None
    added: list[Callable[[FormValues], FormValues]] = []
    refused: list[_RefusedPicture] = []
    said = _ADDED
    for file in uploads.files[:MAX_IMAGES]:
        try:
            stored = await _store(state, account, uploads, file)
        except (*REFUSALS, OrganisationClosed) as error:
            explained = _explain(error)
            refused.append(
                _RefusedPicture(_("%(file)s: %(refusal)s", file=file.filename, refusal=explained.words), error)
            )
            continue
        added.append(_make_addition(stored.media))
        if is_like_poster(Size(stored.width, stored.height), file.filename):
            said = NO_POSTER
    if len(uploads.files) > MAX_IMAGES:
        refused.append(_RefusedPicture(_NO_ROOM, NoRoom()))
    return added, refused, said


def _make_addition(media: str) -> Callable[[FormValues], FormValues]:
    return lambda fields: add_picture(fields, media)


async def _store(state: State, account: Account, uploads: _Uploads, file: SentFile) -> StoredPicture:
    check_open(account)
    uploads.check()
    return await state.media.add(file.data, Focus(), account.organisation)


async def _move_focus(  # noqa: PLR0917 - what came, and of whom
    state: State, account: Account, form: FormData, act: _Act, uploads: _Uploads, media: str
) -> StoredPicture:
    check_open(account)
    uploads.check()
    x, y = (_read_percent(read_field(form, f"focus.{act.number}.{axis}")) for axis in ("x", "y"))
    return await state.media.move_focus(media, make_focus(x / 100, y / 100), account.organisation)


async def _change(
    state: State,
    account: Account,
    draft: Draft,
    typed: TypedPage,
    changes: Sequence[Callable[[FormValues], FormValues]],
) -> Draft:
    """Raises as ``drafts.change``; what has no room, or is there already, is left out."""
    if not changes:
        return draft

    def apply(draft: Draft) -> Draft:
        fields: FormValues = draft.fields
        for change in changes:
            try:
                fields = change(fields)
            except (NoRoom, ShownAlready):
                continue
        return merge(draft, fields, digest_fields(draft.fields), by=typed.by, at=state.now())

    return await drafts.change(state, account, draft.id, apply)


async def _show_refused(  # noqa: PLR0917 - what is shown again
    request: Request,
    state: State,
    typed: TypedPage,
    draft: Draft,
    found: StoredSubmission | None,
    refused: Sequence[_RefusedPicture],
) -> Response:
    """Render the form again with what was typed, and the reasons at the place where files are chosen."""
    lang = state.pages.choose_language(request)
    words = " ".join(translate(each.words, lang) for each in refused)
    page = FormPage(
        fields=draft.fields,
        draft=draft,
        found=found,
        page=typed.by.page,
        errors=(FieldError(CHOOSER, words, "picture_refused"),),
    )
    return await render_form(request, state, page, status=_find_status(refused[0].error))


def _explain(error: Exception) -> _RefusedPicture:
    if isinstance(error, PictureRefused) and error.code != _MISSING:
        return _RefusedPicture(explain_refusal(error.code).message, error)
    problem = find_problem(error, MEDIA_PROBLEMS)
    return _RefusedPicture(_WORDS.get(type(error)) or (problem.detail if problem else ""), error)


def _find_status(error: Exception) -> int:
    match error:
        case SandboxBusy() | SandboxUnavailable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case TooManyPictures() | OrganisationClosed():
            return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _read_act(form: FormData) -> _Act:
    """Raises NotFound for what no button of the form does."""
    what, _space, number = read_field(form, PICTURE_BUTTON).partition(" ")
    if what not in {"add", "focus", "remove", "earlier", "later"}:
        raise NotFound
    return _Act(what, 0 if what == "add" else _read_number(number))


def _read_number(written: str) -> int:
    return int(written) if written in {str(each) for each in NUMBERS} else NUMBERS[-1]


def _read_percent(written: str) -> float:
    """What no slider sends is the middle."""
    try:
        return min(max(float(written[:10]), 0.0), 100.0) if written not in {"nan", "NaN"} else 50.0
    except ValueError:
        return 50.0


def _read_values(form: FormData) -> FormValues:
    return {name: [value] for name, value in form.multi_items() if isinstance(value, str)}
