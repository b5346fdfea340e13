"""Redirects other spellings of a public page's path to its canonical one."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.pages.language import is_for_programs

_SAFE: Final = "/:@!$&'()*+,;=-._~"
_YEAR_AND_MONTH = re.compile(r"(\d{4})/([1-9])", re.ASCII)


class CanonicalPaths:
    """The innermost ASGI middleware (308); ``roots`` are the first parts of page paths, the site's languages."""

    def __init__(self, app: ASGIApp, *, roots: Collection[str]) -> None:
        self._app = app
        self._roots = roots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and not is_for_programs(scope["path"]):
            path = canonicalize_path(scope["path"], self._roots)
            if path != scope["path"]:
                query = str(scope["query_string"], "latin-1")
                app = RedirectResponse(quote(path, safe=_SAFE) + (f"?{query}" if query else ""), 308)
        await app(scope, receive, send)


def canonicalize_path(path: str, roots: Collection[str]) -> str:
    """Canonical: ``/pl/``, ``/pl/2027/08``; a path below no root is unchanged."""
    root, *rest = path[1:].split("/")
    root, rest = root.lower(), [each for each in rest if each]
    if root not in roots:
        return path
    written = "/".join(rest)
    unpadded = _YEAR_AND_MONTH.fullmatch(written)
    return f"/{root}/" + (f"{unpadded[1]}/0{unpadded[2]}" if unpadded else written)
