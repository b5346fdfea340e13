"""The page of a one-time link that was used, replaced, cancelled or is too old, with the ways on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from fastapi import Request
from starlette.responses import Response

from services.ingest.state import State
from shared.i18n.text import _
from shared.web.auth.roles import find_current_account


async def render_link_expired(request: Request, state: State, method: Literal["get", "post"], url: str) -> Response:
    """``url`` is where another link is asked for."""
    account = await find_current_account(request)
    return await state.pages.render(
        request,
        "link_expired.html",
        title=_("This link no longer works"),
        status=HTTPStatus.GONE,
        again={"method": method, "url": url},
        home=state.pages.get_home(account) if account else "",
    )
