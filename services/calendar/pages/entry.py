"""One entry: what is proposed, what is public, what has been said; and the decision on it."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from services.calendar.desk import decide, entry_of
from services.calendar.domain.entry import Act, Entry, last_decision, live_status, matter, review_state
from services.calendar.pages.filtering import Filters
from services.calendar.pages.queue import HOME, waiting_in
from services.calendar.pages.spoken import Speaker, title_of
from services.calendar.pages.typed import Refusal, Typed, typed_in
from services.calendar.state import Service, State
from services.calendar.store import place_of
from services.calendar.words import DEED_WORDS, REASON_WORDS
from shared.web.access import PageCurator
from shared.web.locale import Text, _, translate
from shared.web.phrases import instant_phrase
from shared.web.problems import Invalid, NotPossibleNow, Stale

router = APIRouter(prefix="/calendar/entries", include_in_schema=False)

DONE: Mapping[str, Text] = {
    "accept": _("Przyjęto: %(title)s. Wydarzenie jest w programie."),
    "reject": _("Odrzucono: %(title)s. Organizacja przeczyta powód."),
    "request_changes": _("Poproszono o zmiany: %(title)s. Organizacja przeczyta uwagi."),
}


@router.get("/{entry_id}")
async def show_entry(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:  # noqa: ARG001 - says who may
    """Show an entry with its differences, its history and the decision."""
    return await entry_page(request, state, await entry_of(state, entry_id))


@router.post("/{entry_id}/decision")
async def decide_entry(request: Request, entry_id: str, account: PageCurator, state: Service) -> Response:
    """Take a decision on the version that was seen, and go on to the next entry."""
    typed = typed_in(await state.pages.form(request))
    try:
        entry = await decide(state, entry_id, typed.rule(by=account.name), seen=typed.seen)
    except (Invalid, Stale, NotPossibleNow) as problem:
        return await entry_page(request, state, await entry_of(state, entry_id), Refusal(problem, typed))
    filters = waiting_in(request, state)
    _before, following = await state.entries.neighbours(filters.selection, place_of(entry))
    response = state.pages.redirect(filters.at(f"/calendar/entries/{following}" if following else HOME))
    lang = state.pages.language(request)
    state.pages.flash(response, Text(DONE[typed.decision].msgid, {"title": title_of(entry.event, lang)[0]}), request)
    return response


async def entry_page(request: Request, state: State, entry: Entry, refusal: Refusal | None = None) -> Response:
    """Draw an entry, with what was typed if it could not be done."""
    lang = state.pages.language(request)
    filters = waiting_in(request, state)
    return await state.pages.render(
        request,
        "entry.html",
        status=refusal.problem.status_code if refusal else 200,
        title=title_of(entry.event, lang)[0],
        headers={"Cache-Control": "no-store"},
        **shown(entry, state, lang),
        way=await _way(state, filters, entry),
        reasons=[(code, translate(words, lang)) for code, words in REASON_WORDS.items()],
        refusal=refusal,
        typed=refusal.typed if refusal else Typed(),
        errors=refusal.errors if refusal else {},
        filters=filters,
    )


def shown(entry: Entry, state: State, lang: str) -> dict[str, Any]:
    """Give what a page shows of an entry."""
    speaker = Speaker(state.region, lang)
    title, title_lang = title_of(entry.event, lang)
    compared = entry.proposal is not None and entry.live is not None
    changed = speaker.changed(entry.live.event, entry.proposal.event) if entry.live and entry.proposal else []
    facts = speaker.facts(entry.event)
    labels = {row.label for row in changed}
    return {
        "entry": entry,
        "heading": {"text": title, "lang": title_lang},
        "matter": matter(entry),
        "review_state": review_state(entry),
        "live_status": live_status(entry),
        "compared": compared,
        "changed": changed,
        "facts": facts,
        "unchanged": [fact for fact in facts if fact.label not in labels],
        "history": [_line(act, state, lang) for act in reversed(entry.history)],
        "decision": _said(last_decision(entry), lang),
    }


async def _way(state: State, filters: Filters, entry: Entry) -> dict[str, Any] | None:
    """Give the place of an entry in the queue that one comes from, and the ways on."""
    if not entry.waiting:
        return None
    place = place_of(entry)
    before, after = await state.entries.neighbours(filters.selection, place)
    return {
        "position": await state.entries.count(filters.selection, before=place) + 1,
        "count": await state.entries.count(filters.selection),
        "previous": filters.at(f"/calendar/entries/{before}") if before else "",
        "next": filters.at(f"/calendar/entries/{after}") if after else "",
    }


def _line(act: Act, state: State, lang: str) -> dict[str, str]:
    """Give a line of the history as ``parts/history.html`` takes it."""
    deed = DEED_WORDS[act.by, act.what]
    return {
        "instant": act.when,
        "when": instant_phrase(act.when, lang, state.region.time_zone),
        "who": act.who,
        "what": Text(deed.msgid, {"version": act.version}).in_language(lang),
        "said": _said(act, lang),
    }


def _said(act: Act | None, lang: str) -> str:
    """Give a decision's reason and comment in one text."""
    if act is None:
        return ""
    reason = translate(REASON_WORDS[act.reason], lang) if act.reason else ""
    return ". ".join(filter(None, (reason, act.comment)))
