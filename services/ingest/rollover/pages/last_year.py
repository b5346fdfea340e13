"""Page "last year": the events of the year before, and drafts of them at one press."""

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.rollover.commands import decline_events, get_default_year, list_last_year, renew_events
from services.ingest.rollover.view import MAX_OPEN, Tick, make_view
from services.ingest.state import Service, State
from services.ingest.submission.dates import YEARS
from shared.accounts.accounts import Account
from shared.i18n.text import Text, _, n_
from shared.plain_text import TextRefused, normalize_line
from shared.web.auth.roles import PageEditor
from shared.web.forms import read_field
from shared.web.pages.parts import ErrorLink
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound

MAX_REASON = 200
REASONS = (_("no money"), _("only every second year"), _("the event has ended"))
"""Suggested reasons; any other can be typed."""
_NONE_TICKED = _("Tick at least one event.")
_NO_REASON = _("Say in a few words why, in at most %(limit)s characters.", limit=MAX_REASON)
_FULL = _("You have as many drafts as there may be. Send or discard some, then go on.")

_YEAR = re.compile(r"[0-9]{4}")

router = APIRouter(prefix="/ingest/rollover", include_in_schema=False)


@router.get("")
async def redirect_to_year(account: PageEditor, state: Service) -> Response:  # noqa: ARG001 - the route's role
    return Pages.redirect(f"/ingest/rollover/{get_default_year(state.get_today())}")


@router.get("/{year}")
async def show_last_year(request: Request, year: str, account: PageEditor, state: Service) -> Response:
    return await _render(request, state, account, _read_year(year), tick=_read_tick(request))


@router.post("/{year}")
async def act_on_last_year(request: Request, year: str, account: PageEditor, state: Service) -> Response:
    """Make drafts (``renew``), ask why events do not return (``ask``), note it (``decline``), or take it back."""
    into, form = _read_year(year), await state.pages.read_form(request)
    if back := read_field(form, "back"):
        return await _restore(request, state, account, into, back)
    chosen = [one] if (one := read_field(form, "one")) else _read_chosen(form)
    if not chosen:
        return await _render(request, state, account, into, chosen=[], error=_NONE_TICKED)
    match read_field(form, "act"):
        case "ask":
            return await _ask_reason(request, state, account, into, chosen)
        case "decline":
            return await _decline(request, state, account, into, chosen, read_field(form, "reason"))
    return await _renew(request, state, account, into, chosen)


async def _renew(request: Request, state: State, account: Account, year: int, chosen: Sequence[str]) -> Response:
    result = await renew_events(state, account, year, frozenset(chosen))
    if result.full:
        return await _render(request, state, account, year, chosen=chosen, error=_FULL)
    said = n_("%(num)s draft made for %(year)s.", "%(num)s drafts made for %(year)s.", result.made, year=year)
    return _redirect(request, state, year, said)


async def _decline(  # noqa: PLR0917 - who, what and why
    request: Request, state: State, account: Account, year: int, chosen: Sequence[str], reason: str
) -> Response:
    try:
        cleaned = normalize_line(reason, MAX_REASON)
    except TextRefused:
        return await _ask_reason(request, state, account, year, chosen, reason=reason, error=_NO_REASON)
    declined = await decline_events(state, account.organisation, year, frozenset(chosen), reason=cleaned)
    said = n_(
        "%(num)s event does not return in %(year)s.",
        "%(num)s events do not return in %(year)s.",
        len(declined),
        year=year,
    )
    return _redirect(request, state, year, said)


async def _restore(request: Request, state: State, account: Account, year: int, submission_id: str) -> Response:
    await state.declines.remove(account.organisation, year, submission_id)
    return _redirect(request, state, year, _("The event is on the list again."))


async def _ask_reason(
    request: Request,
    state: State,
    account: Account,
    year: int,
    chosen: Sequence[str],
    *,
    reason: str = "",
    error: Text | str = "",
) -> Response:
    rollover = await list_last_year(state, account.organisation, year)
    view = make_view(rollover, state.pages.choose_language(request), state.region, chosen=chosen)
    return await state.pages.render(
        request,
        "decline.html",
        status=422 if error else 200,
        title=_("Not back in %(year)s", year=year),
        account=account,
        rows=[each for each in view.open if each.ticked],
        year=year,
        reason=reason,
        reasons=REASONS,
        error=error,
    )


async def _render(
    request: Request,
    state: State,
    account: Account,
    year: int,
    *,
    tick: Tick = "",
    chosen: Sequence[str] | None = None,
    error: Text | str = "",
) -> Response:
    rollover = await list_last_year(state, account.organisation, year)
    view = make_view(rollover, state.pages.choose_language(request), state.region, tick=tick, chosen=chosen)
    return await state.pages.render(
        request,
        "rollover.html",
        status=422 if error else 200,
        title=_("From %(last)s to %(year)s", last=year - 1, year=year),
        account=account,
        view=view,
        errors=[ErrorLink("choices", error)] if error else [],
    )


def _redirect(request: Request, state: State, year: int, said: Text | str) -> Response:
    response = Pages.redirect(f"/ingest/rollover/{year}")
    state.pages.flash(response, said, request)
    return response


def _read_year(written: str) -> int:
    """Raises NotFound."""
    if not _YEAR.fullmatch(written) or int(written) not in YEARS[1:]:
        raise NotFound
    return int(written)


def _read_tick(request: Request) -> Tick:
    match request.query_params.get("tick"):
        case "all":
            return "all"
        case "none":
            return "none"
    return ""


def _read_chosen(form: FormData) -> list[str]:
    return [each for each in form.getlist("entry") if isinstance(each, str)][:MAX_OPEN]
