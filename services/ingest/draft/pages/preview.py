"""Preview of a draft: saved first, then shown as readers will see it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.draft import commands
from services.ingest.draft.commands import DraftEnded
from services.ingest.draft.draft_owner import OWNED_DRAFT
from services.ingest.draft.event_preview import build_preview
from services.ingest.draft.model import DraftTooLarge
from services.ingest.draft.pages.drafts import find_edited, find_open, read_page, refuse
from services.ingest.draft.repository import DraftsFull
from services.ingest.form import view as form_view
from services.ingest.form.pages.edit import read_fields
from services.ingest.state import Service
from services.ingest.submission.commands import OutcomeUnknown
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.view import list_questions, make_readiness
from shared.i18n.languages import LANGUAGES
from shared.i18n.text import _
from shared.web.auth.roles import PageEditor
from shared.web.pages.layout import LanguageLink
from shared.web.pages.parts import ErrorLink, Question
from shared.web.pages.renderer import Pages

router = APIRouter(prefix="/ingest/drafts/{draft_id}/preview", dependencies=OWNED_DRAFT)


@router.post("")
async def save_and_preview(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    form = await state.pages.read_form(request)
    typed, found = await read_page(state, account, form, draft_id)
    try:
        draft = await commands.save(state, account, typed)
    except (DraftEnded, DraftsFull, DraftTooLarge, OutcomeUnknown) as refused:
        return await refuse(request, state, refused, typed=typed, found=found)
    return Pages.redirect(f"/ingest/drafts/{draft.id}/preview")


@router.get("")
async def show_preview(request: Request, draft_id: str, account: PageEditor, state: Service) -> Response:
    """Preview in one of the languages of the public site (``in``); what cannot be shown yet is listed."""
    draft = await find_open(state, account, draft_id)
    if isinstance(draft, str):
        return Pages.redirect(f"/ingest/submissions/{draft}")
    lang, site = state.pages.choose_language(request), state.region.languages.site
    wanted = request.query_params.get("in")
    reader = wanted if wanted in site else lang if lang in site else state.region.languages.default
    found = await find_edited(state, account, draft)
    errors: list[ErrorLink] = []
    warnings: list[Question] = []
    preview = readiness = None
    try:
        event = read_fields(state, draft.fields, found.submission.event if found else None)
        preview = build_preview(event, account.organisation_name, reader, state.region)
        readiness = make_readiness(event, lang, state.region)
        warnings = list_questions(event, lang, state.region, today=state.get_today())
    except ValidationFailed as refused:
        page = form_view.FormView(draft.fields, refused.errors, lang, state.region, today=state.get_today())
        errors = list(form_view.make_context(page).summary)
    back = f"/ingest/drafts/{draft_id}"
    return await state.pages.render(
        request,
        "preview.html",
        title=_("Preview"),
        back=back,
        preview=preview,
        readiness=readiness,
        warnings=warnings,
        errors=[{"url": f"{back}#{each.id}", "text": each.text} for each in errors],
        readers=[
            LanguageLink(code, LANGUAGES[code].own_name, f"{back}/preview?in={code}", current=code == reader)
            for code in site
        ],
    )
