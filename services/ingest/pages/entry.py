"""One submission: where it stands and why, what was sent, what happened, and what its organisation may do now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.answers import problems
from services.ingest.documents import Stored
from services.ingest.domain.submission import Written, cancel, withdraw
from services.ingest.pages import showing
from services.ingest.state import Service, State
from services.ingest.writing import Rule, write
from shared.web.access import PageEditor
from shared.web.accounts import Account
from shared.web.locale import Text, _
from shared.web.pages import Pages
from shared.web.problems import NotFound, Stale

router = APIRouter(prefix="/ingest/submissions/{submission_id}")


@dataclass(frozen=True, slots=True)
class Act:
    """What an organisation may do beside sending: the rule, and the words before and after."""

    rule: Callable[..., Written]
    title: Text
    warning: Text
    button: Text
    done: Text


ACTS: Mapping[str, Act] = {
    "withdraw": Act(
        rule=withdraw,
        title=_("Wycofaj zgłoszenie"),
        warning=_(
            "Zgłoszenie zniknie z kolejki kuratora, a jeśli jest w programie, od razu zniknie także stamtąd i ze "
            "wszystkich kanałów. Możesz je później wysłać ponownie."
        ),
        button=_("Wycofaj zgłoszenie"),
        done=_("Zgłoszenie jest wycofane."),
    ),
    "cancel": Act(
        rule=cancel,
        title=_("Odwołaj wydarzenie"),
        warning=_(
            "Wydarzenie zostanie w programie z dopiskiem „Odwołane”. Wszyscy, którzy je subskrybują, zobaczą to od "
            "razu; kurator nie musi tego zatwierdzać."
        ),
        button=_("Odwołaj wydarzenie"),
        done=_("Wydarzenie jest odwołane."),
    ),
}


@router.get("")
async def entry(request: Request, submission_id: str, account: PageEditor, state: Service) -> Response:
    """Show a submission with its decision beside it."""
    found = await stored(state, account, submission_id)
    return await state.pages.render(
        request,
        "entry.html",
        title=showing.title(found.submission.event),
        account=account,
        **_shown(state, found, state.pages.language(request)),
    )


def _shown(state: State, found: Stored, lang: str) -> dict[str, Any]:
    submission, zone = found.submission, state.region.time_zone
    return {
        "entry": showing.row(submission, lang, state.region, large=True),
        "facts": showing.facts(submission.event, lang, state.region),
        "history": showing.history(found.history, lang, zone),
        "can_be_cancelled": submission.can_be_cancelled,
        "curator": state.region.curator.name,
        "version": submission.version,
        "content_version": submission.content_version,
    }


@router.get("/{act:str}")
async def ask(request: Request, submission_id: str, act: str, account: PageEditor, state: Service) -> Response:
    """Ask whether it is meant, and say what will follow."""
    chosen = _act(act)
    return await _confirm(request, state, await stored(state, account, submission_id), chosen)


@router.post("/{act:str}")
async def do(request: Request, submission_id: str, act: str, account: PageEditor, state: Service) -> Response:
    """Do it, to the version that was shown; if somebody has changed it since, show that and ask again."""
    chosen, form = _act(act), await state.pages.form(request)
    find = partial(state.submissions.find, submission_id, account.organisation)
    rule: Rule = lambda submission, at: chosen.rule(submission, at=at)  # noqa: E731 - names what it fills
    try:
        with problems():
            await write(state, account, find, rule, check=partial(same_version, version_in(form)), request=None)
    except Stale:
        return await _confirm(request, state, await stored(state, account, submission_id), chosen, stale=True)
    response = Pages.redirect(f"/ingest/submissions/{submission_id}")
    state.pages.flash(response, chosen.done, request)
    return response


async def _confirm(request: Request, state: State, found: Stored, act: Act, *, stale: bool = False) -> Response:
    return await state.pages.render(
        request,
        "confirm.html",
        status=412 if stale else 200,
        title=act.title,
        act=act,
        back=f"/ingest/submissions/{found.submission.id}",
        version=found.submission.version,
        stale=stale,
        entry=showing.row(found.submission, state.pages.language(request), state.region),
    )


async def stored(state: State, account: Account, submission_id: str) -> Stored:
    """Read a submission of somebody's organisation.

    Raises:
        NotFound: if there is none, or it is another organisation's.

    """
    found = await state.submissions.find(submission_id, account.organisation)
    if found is None:
        raise NotFound
    return found


def version_in(form: FormData) -> str:
    """Give the version that a form was made of, as it came back."""
    typed = form.get("version")
    return typed if isinstance(typed, str) else ""


def same_version(shown: str, version: int) -> None:
    """Go on only if the version is the one that was shown.

    Raises:
        Stale: if it is another.

    """
    if shown != str(version):
        raise Stale


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NotFound
    return ACTS[name]
