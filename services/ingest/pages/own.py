"""The list of an organisation's submissions: what waits for it comes first."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest import words
from services.ingest.pages import showing
from services.ingest.state import Service
from shared.messages import ReviewState
from shared.web.access import PageEditor
from shared.web.frame import Link
from shared.web.locale import _
from shared.web.pages import Pages
from shared.web.problems import BadRequest

ON_A_PAGE = 50
LAST_PAGE = 1_000
LONGEST = len(str(LAST_PAGE))

router = APIRouter()


@router.get("/ingest")
async def home() -> Response:
    """Lead to the list; its address ends with a slash."""
    return Pages.redirect("/ingest/")


@router.get("/ingest/")
async def own_submissions(request: Request, account: PageEditor, state: Service) -> Response:
    """Show what the organisation has sent, by where it stands, a page of it."""
    lang, page = state.pages.language(request), _page_in(request)
    standings = await state.submissions.standings(account.organisation)
    wanted = _by_group(standings)[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    found = await state.submissions.in_order(account.organisation, ids=wanted) if wanted else []
    rows = [showing.row(each, lang, state.region) for each in found]
    counts = {key: sum(stands == key for _id, stands in standings) for key in words.GROUPS}
    groups = [
        {"name": name, "count": counts[key], "rows": [row for row in rows if row["state"] == key]}
        for key, name in words.GROUPS.items()
    ]
    return await state.pages.render(
        request,
        "own.html",
        title=_("Moje zgłoszenia"),
        account=account,
        groups=[group for group in groups if group["rows"]],
        paging=_paging(page, len(standings)),
    )


def _page_in(request: Request) -> int:
    """Read which page is asked for, from 1.

    Raises:
        BadRequest: if it is no number of a page.

    """
    said = request.query_params.get("page") or "1"
    if not (len(said) <= LONGEST and said.isascii() and said.isdecimal() and 1 <= int(said) <= LAST_PAGE):
        raise BadRequest
    return int(said)


def _by_group(standings: Sequence[tuple[str, ReviewState]]) -> list[str]:
    """Give the ids, group after group, and within a group as they come."""
    place = {state: number for number, state in enumerate(words.GROUPS)}
    return [each for each, _state in sorted(standings, key=lambda one: place[one[1]])]


def _paging(page: int, count: int) -> dict[str, Any] | None:
    """Give the ways on; None where one page holds all."""
    last = max(1, -(-count // ON_A_PAGE))
    if last == 1 and page == 1:
        return None
    return {
        "previous": Link(_("Wstecz"), f"/ingest/?page={page - 1}") if page > 1 else None,
        "next": Link(_("Dalej"), f"/ingest/?page={page + 1}") if page < last else None,
        "words": _("strona %(page)s z %(last)s", page=page, last=last),
    }
