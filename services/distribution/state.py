"""What the requests of distribution find open: one object on the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from services.distribution.formats import Format, Imprint
from services.distribution.months import MonthsKept
from services.distribution.programme import Programme
from services.distribution.rows import Rows
from services.distribution.selection import Known
from services.distribution.serving import SHOWN, Desk, Shown
from shared.web.locale import _
from shared.web.pages import Pages
from shared.web.problems import Unavailable


@dataclass(frozen=True, slots=True)
class State:
    """The programme, and everything that is made from it.

    ``today`` gives the day in the region, ``is_open`` tells whether the whole programme is here.
    """

    programme: Programme
    desk: Desk
    imprint: Imprint
    known: Known
    pages: Pages
    rows: Rows
    months: MonthsKept
    formats: Mapping[str, Format]
    today: Callable[[], date]
    is_open: Callable[[], bool]


def _state(request: Request) -> State:
    """Give the state; the answer is made from the programme, and says how old that is unless it is all there is.

    Raises:
        Unavailable: while the programme is not read yet: half of it must not be shown as all of it.

    """
    state: State = request.app.state.service
    if not state.is_open():
        raise Unavailable(_("Program jest jeszcze wczytywany."), code="not_caught_up")
    shown: Shown | None = request.scope.get(SHOWN)
    if shown is not None:
        shown.says = state.desk.feeds.generated_at
    return state


Opened = Annotated[State, Depends(_state)]
"""The state, once the whole programme is here."""
