"""Submission page: state, decision, content, history, and the actions cancel and withdraw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.state import Service, State
from services.ingest.submission import thread_view, view
from services.ingest.submission.commands import SubmissionCommand, change
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.model import OrganisationAction, cancel, get_last_action, postpone, reinstate, withdraw
from services.ingest.submission.owner import OWNED
from services.ingest.submission.pages.parts import list_choices, list_stoppable, make_parts, stop_parts
from services.ingest.venue.place_correction import find_proposed
from services.ingest.venue.view import describe_changes
from shared.accounts.accounts import Account
from shared.event.picture_words import choose_alt
from shared.event.vocabulary import AVAILABILITY
from shared.i18n.text import Text, _, n_
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field
from shared.web.pages.layout import RedrawForm
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound, Stale

router = APIRouter(prefix="/ingest/submissions/{submission_id}", dependencies=OWNED)


@dataclass(frozen=True, slots=True)
class SubmissionAction:
    """An action with a confirmation page."""

    command: SubmissionCommand
    what: OrganisationAction
    title: Text
    warning: Text
    button: Text
    done: Text
    parts: Text
    also_done: Callable[[int], Text]


ACTIONS: Mapping[str, SubmissionAction] = {
    "withdraw": SubmissionAction(
        command=withdraw,
        what="withdrawn",
        title=_("Withdraw the submission"),
        warning=_(
            "The submission leaves the curator's queue, and if it is in the programme it leaves that "
            "and all feeds at once. You can send it again later."
        ),
        button=_("Withdraw the submission"),
        done=_("The submission is withdrawn."),
        parts=_("Withdraw its parts too"),
        also_done=lambda count: n_(
            "The submission is withdrawn, and %(num)s part with it.",
            "The submission is withdrawn, and %(num)s parts with it.",
            count,
        ),
    ),
    "cancel": SubmissionAction(
        command=cancel,
        what="cancelled",
        title=_("Cancel the event"),
        warning=_(
            "The event stays in the programme, marked “Cancelled”. Everybody who subscribes to it sees "
            "that at once; no curator has to approve it."
        ),
        button=_("Cancel the event"),
        done=_("The event is cancelled."),
        parts=_("Cancel its parts too"),
        also_done=lambda count: n_(
            "The event is cancelled, and %(num)s part with it.",
            "The event is cancelled, and %(num)s parts with it.",
            count,
        ),
    ),
    "postpone": SubmissionAction(
        command=postpone,
        what="postponed",
        title=_("Postpone the event"),
        warning=_(
            "The event stays in the programme, marked “Postponed”: it does not take place on its date, and the new one "
            "is not known. Everybody who subscribes to it sees that at once; no curator has to approve it. As soon as "
            "you know the new date, change the submission."
        ),
        button=_("Postpone the event"),
        done=_("The event is postponed. Once you know the new date, change the submission."),
        parts=_("Postpone its parts too"),
        also_done=lambda count: n_(
            "The event is postponed, and %(num)s part with it.",
            "The event is postponed, and %(num)s parts with it.",
            count,
        ),
    ),
    "reinstate": SubmissionAction(
        command=reinstate,
        what="reinstated",
        title=_("It takes place on its date after all"),
        warning=_(
            "The programme announces the event for its date again. Everybody who subscribes to it sees that at once."
        ),
        button=_("Announce it for its date"),
        done=_("The event is announced for its date again."),
        parts=_("Its parts too"),
        also_done=lambda count: n_(
            "The event is announced for its date again, and %(num)s part with it.",
            "The event is announced for its date again, and %(num)s parts with it.",
            count,
        ),
    ),
}


@router.get("")
async def show_submission(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    return await render_submission(request, state, await get_submission(state, account, submission_id))


async def render_submission(
    request: Request, state: State, found: StoredSubmission, *, key: str = "", text: str = "", error: str = ""
) -> Response:
    """Render the page; ``key``, ``text`` and ``error`` are those of a remark that was not saved."""
    submission, lang, today = found.submission, state.pages.choose_language(request), state.get_today()
    proposed = find_proposed(submission, state.venues.index, today=today)
    form = thread_view.make_form(submission, key=key, text=text, error=error)
    return await state.pages.render(
        request,
        "entry.html",
        status=422 if error else 200,
        title=view.get_title(submission.event),
        redraw=RedrawForm(form.id, form.action, "errors" if error else "") if text or error else None,
        thread=thread_view.list_thread(found, lang, state.region),
        remark=form,
        entry=view.make_row(submission, lang, state.region, today=today, large=True),
        facts=view.list_facts(submission.event, lang, state.region),
        pictures=[(each.media, choose_alt(each, lang)) for each in submission.event.images if each.media],
        parts=await make_parts(state, submission, lang),
        readiness=view.make_readiness(submission.event, lang, state.region),
        warnings=view.list_warnings(submission, lang, state.region, today=today),
        question=thread_view.get_question(submission),
        can_be_cancelled=submission.can_be_cancelled,
        can_be_postponed=submission.can_be_postponed and not view.is_over(submission.event, today),
        on_sale=submission.live_status == "confirmed"
        and submission.postponed_by is None
        and not view.is_over(submission.event, today),
        availability=AVAILABILITY.get(submission.public_availability or "", ""),
        statements=view.list_statements(submission),
        can_be_confirmed=submission.can_be_confirmed
        and not submission.is_confirmed
        and not view.is_over(submission.event, today),
        proposed=proposed,
        changes=describe_changes(proposed.before, proposed.changes, lang, state.region, field=proposed.field)
        if proposed
        else "",
        curator=state.region.curator.name,
        version=submission.version,
        content_version=submission.content_version,
    )


@router.get("/{act:str}")
async def ask_action(request: Request, submission_id: str, act: str, account: PageEditor, state: Service) -> Response:
    action = _get_action(act)
    return await _confirm(request, state, await get_submission(state, account, submission_id), action)


@router.post("/{act:str}")
async def do_action(request: Request, submission_id: str, act: str, account: PageEditor, state: Service) -> Response:
    """Act on the version that was shown; if it has changed since, show the present one and ask again."""
    action, form = _get_action(act), await state.pages.read_form(request)
    chosen = [value for value in form.getlist("part") if isinstance(value, str)]
    find = partial(state.submissions.find, submission_id, account.organisation)
    try:
        await change(state, account, find, action.command, check=partial(check_version, read_version(form)), key=None)
    except Stale:
        found = await get_submission(state, account, submission_id)
        if not is_repeat(found, action.what, account, shown=read_version(form)):
            return await _confirm(request, state, found, action, chosen=chosen)
    stopped = await stop_parts(state, account, submission_id, action.command, chosen)
    response = Pages.redirect(f"/ingest/submissions/{submission_id}")
    state.pages.flash(response, action.also_done(stopped) if stopped else action.done, request)
    return response


async def _confirm(
    request: Request,
    state: State,
    found: StoredSubmission,
    action: SubmissionAction,
    *,
    chosen: Sequence[str] | None = None,
) -> Response:
    """``chosen`` are the parts chosen on a page that was outdated; None on a first one, where all are."""
    stale = chosen is not None
    submission, lang, region = found.submission, state.pages.choose_language(request), state.region
    public_url = state.pages.settings.public_url
    parts = await list_stoppable(state, submission, action.command)
    return await state.pages.render(
        request,
        "confirm.html",
        status=412 if stale else 200,
        title=action.title,
        action=action,
        back=f"/ingest/submissions/{submission.id}",
        version=submission.version,
        stale=stale,
        parts=list_choices(parts, lang),
        chosen=[each.id for each in parts] if chosen is None else chosen,
        live=view.make_live_version(submission, lang, region, public_url) if action.what != "withdrawn" else None,
        entry=view.make_row(submission, lang, region, today=state.get_today()),
    )


async def get_submission(state: State, account: Account, submission_id: str) -> StoredSubmission:
    """Raises NotFound if there is none, or it is another organisation's."""
    found = await state.submissions.find(submission_id, account.organisation)
    if found is None:
        raise NotFound
    return found


def read_version(form: FormData) -> str:
    return read_field(form, "version")


def check_version(shown: str, version: int) -> None:
    """Raises Stale if it is not the version that was shown."""
    if shown != str(version):
        raise Stale


def is_repeat(found: StoredSubmission, what: OrganisationAction, account: Account, *, shown: str) -> bool:
    """Whether the only change since the version that was shown is this account's: the same form came twice."""
    version, last = found.submission.version, next((each for each in reversed(found.history) if each.who), None)
    same = last is not None and (last.version, last.who) == (version, account.name)
    return same and shown == str(version - 1) and get_last_action(found.submission) == what


def _get_action(name: str) -> SubmissionAction:
    if name not in ACTIONS:
        raise NotFound
    return ACTIONS[name]
