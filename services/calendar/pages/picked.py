"""Decisions on many entries at once, each as it was seen; what could not be done is listed, and hinders nothing."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.calendar.desk import decide
from services.calendar.domain.entry import Entry
from services.calendar.domain.review import REASONS
from services.calendar.pages.queue import HOME, ON_A_PAGE, queue_page
from services.calendar.pages.spoken import title_of
from services.calendar.pages.typed import Refusal, Typed, number_in, text_in, typed_in
from services.calendar.state import Service, State
from services.calendar.words import REASON_WORDS
from shared.web.access import PageCurator
from shared.web.locale import _, n_, translate
from shared.web.origin import own_path
from shared.web.problems import FieldError, Invalid, Problem

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry that was ticked, and the review number that was seen."""

    id: str
    seen: int

    @property
    def value(self) -> str:
        """Give it as a form carries it."""
        return f"{self.id}.{self.seen}"


@dataclass(frozen=True, slots=True)
class Undone:
    """A decision that could not be taken, and why."""

    title: str
    url: str
    why: str


@router.post("/calendar/decisions")
async def decide_picked(request: Request, account: PageCurator, state: Service) -> Response:
    """Accept what was ticked, or ask why it is rejected and then reject it."""
    form = await state.pages.form(request)
    typed, picks = typed_in(form), picks_in(form)
    if not picks or typed.decision not in {"accept", "reject"}:
        told = _("Zaznacz wpisy, o których decydujesz: najwyżej %(most)s naraz.", most=ON_A_PAGE)
        return await queue_page(request, state, status=422, errors=[{"id": "queue", "text": told}])
    back = own_path(text_in(form, "back"), HOME)
    if typed.decision == "reject" and not text_in(form, "asked"):
        return await _ask_why(request, state, picks, back)
    try:
        _check_reason(typed)
        rule = typed.rule(by=account.name)
    except Invalid as problem:
        return await _ask_why(request, state, picks, back, Refusal(problem, typed))
    done: list[Entry] = []
    undone: list[tuple[Pick, Problem]] = []
    for pick in picks:
        try:
            done.append(await decide(state, pick.id, rule, seen=pick.seen))
        except Problem as problem:
            undone.append((pick, problem))
    return await _outcome(request, state, typed, done, undone, back)


def picks_in(form: FormData) -> list[Pick]:
    """Read what was ticked; nothing if it is more than a page holds."""
    found = {}
    for value in form.getlist("entry"):
        entry_id, _dot, seen = value.rpartition(".") if isinstance(value, str) else ("", "", "")
        if entry_id:
            found[entry_id] = Pick(entry_id, number_in(seen))
    return list(found.values()) if len(found) <= ON_A_PAGE else []


def _check_reason(typed: Typed) -> None:
    """Ask for what a rejection needs before any is made.

    Raises:
        Invalid: if the reason, or the comment that it needs, is missing.

    """
    if typed.decision != "reject":
        return
    if typed.reason not in REASONS:
        raise Invalid(errors=[FieldError("reason", _("Wybierz powód odrzucenia z listy."), "reason_unknown")])
    if typed.reason == "other" and not typed.comment.strip():
        told = _("Napisz, o co chodzi: organizacja przeczyta te słowa.")
        raise Invalid(errors=[FieldError("comment", told, "missing")])


async def _ask_why(
    request: Request, state: State, picks: list[Pick], back: str, refusal: Refusal | None = None
) -> Response:
    lang = state.pages.language(request)
    found = await state.entries.several([pick.id for pick in picks])
    return await state.pages.render(
        request,
        "rejecting.html",
        status=refusal.problem.status_code if refusal else 200,
        title=_("Odrzuć zaznaczone"),
        headers={"Cache-Control": "no-store"},
        picks=picks,
        titles=[title_of(found[pick.id].event, lang) for pick in picks if pick.id in found],
        reasons=[(code, translate(words, lang)) for code, words in REASON_WORDS.items()],
        back_url=back,
        refusal=refusal,
        typed=refusal.typed if refusal else Typed(),
        errors=refusal.errors if refusal else {},
    )


async def _outcome(  # noqa: PLR0917 - what a page of outcomes is made of
    request: Request, state: State, typed: Typed, done: list[Entry], undone: list[tuple[Pick, Problem]], back: str
) -> Response:
    accepted = typed.decision == "accept"
    count = len(done)
    said = (
        n_("Przyjęto %(num)s wpis.", "Przyjęto %(num)s wpisy.", count)
        if accepted
        else n_("Odrzucono %(num)s wpis.", "Odrzucono %(num)s wpisy.", count)
    )
    if not undone:
        response = state.pages.redirect(back)
        state.pages.flash(response, said, request)
        return response
    lang = state.pages.language(request)
    found = await state.entries.several([pick.id for pick, _problem in undone])
    listed = [
        Undone(
            title=title_of(found[pick.id].event, lang)[0] if pick.id in found else pick.id,
            url=f"/calendar/entries/{pick.id}" if pick.id in found else "",
            why=problem.errors[0].message if problem.errors else problem.detail,
        )
        for pick, problem in undone
    ]
    return await state.pages.render(
        request,
        "outcome.html",
        status=409,
        title=n_("Nie podjęto %(num)s decyzji", "Nie podjęto %(num)s decyzji", len(listed)),
        headers={"Cache-Control": "no-store"},
        said=said if done else "",
        undone=listed,
        back_url=back,
        typed=typed,
    )
