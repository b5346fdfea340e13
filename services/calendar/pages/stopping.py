"""Cancelling and withdrawing: what goes out at once is asked for twice."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from services.calendar.desk import Rule, comment_in, decide, entry_of
from services.calendar.domain import review
from services.calendar.domain.entry import Entry
from services.calendar.domain.public import Outcome
from services.calendar.pages.spoken import title_of
from services.calendar.pages.typed import Refusal, Typed, typed_in
from services.calendar.state import Service, State
from shared.web.access import PageCurator
from shared.web.locale import Text, _
from shared.web.problems import Invalid, NotPossibleNow, Stale

router = APIRouter(prefix="/calendar/entries", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Stopping:
    """A way to stop an event: its rule, and the words of its page."""

    act: str
    rule: Callable[..., Outcome]
    question: Text
    consequence: Text
    button: Text
    done: Text


CANCEL = Stopping(
    act="cancel",
    rule=review.cancel,
    question=_("Odwołać wydarzenie?"),
    consequence=_(
        "Wydarzenie zostanie w programie i we wszystkich kanałach jako odwołane, od razu. "
        "Będzie tak do czasu, aż przyjmiesz jego nowszą wersję."
    ),
    button=_("Odwołaj wydarzenie"),
    done=_("Odwołano: %(title)s. W programie jest teraz jako odwołane."),
)
WITHDRAW = Stopping(
    act="withdraw",
    rule=review.withdraw,
    question=_("Wycofać z programu?"),
    consequence=_(
        "Wydarzenie zniknie z programu i ze wszystkich kanałów od razu, a to, co czeka na decyzję, przestanie czekać. "
        "Organizacja może wysłać je jeszcze raz."
    ),
    button=_("Wycofaj z programu"),
    done=_("Wycofano: %(title)s. W programie już tego nie ma."),
)


@router.get("/{entry_id}/cancel")
async def ask_cancel(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Ask whether an event is to be cancelled."""
    return await _ask(request, state, await entry_of(state, entry_id), CANCEL)


@router.post("/{entry_id}/cancel")
async def cancel(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    """Cancel an event as it was seen."""
    return await _stop(request, state, entry_id, CANCEL, by=account.name)


@router.get("/{entry_id}/withdraw")
async def ask_withdraw(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Ask whether an entry is to be withdrawn."""
    return await _ask(request, state, await entry_of(state, entry_id), WITHDRAW)


@router.post("/{entry_id}/withdraw")
async def withdraw(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    """Withdraw an entry as it was seen."""
    return await _stop(request, state, entry_id, WITHDRAW, by=account.name)


async def _stop(request: Request, state: State, entry_id: str, stopping: Stopping, *, by: str) -> Response:
    typed = typed_in(await state.pages.form(request))
    try:
        comment = comment_in(typed.comment)
        rule: Rule = lambda entry, at: stopping.rule(entry, by=by, now=at, comment=comment)  # noqa: E731 - names what it fills
        entry = await decide(state, entry_id, rule, seen=typed.seen)
    except (Invalid, Stale, NotPossibleNow) as problem:
        return await _ask(request, state, await entry_of(state, entry_id), stopping, Refusal(problem, typed))
    response = state.pages.redirect(f"/calendar/entries/{entry_id}")
    title, _lang = title_of(entry.event, state.pages.language(request))
    state.pages.flash(response, Text(stopping.done.msgid, {"title": title}), request)
    return response


async def _ask(
    request: Request, state: State, entry: Entry, stopping: Stopping, refusal: Refusal | None = None
) -> Response:
    title, title_lang = title_of(entry.event, state.pages.language(request))
    return await state.pages.render(
        request,
        "stopping.html",
        status=refusal.problem.status_code if refusal else 200,
        title=stopping.question,
        headers={"Cache-Control": "no-store"},
        entry=entry,
        heading={"text": title, "lang": title_lang},
        stopping=stopping,
        refusal=refusal,
        typed=refusal.typed if refusal else Typed(),
        errors=refusal.errors if refusal else {},
    )
