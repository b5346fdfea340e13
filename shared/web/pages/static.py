"""Static files: read once, addressed by their hash, cached by browsers without limit.

``site.css`` is served as ``/static/site.<hash>.css``. Addresses in style sheets are rewritten, so a changed font
changes the sheet's name. A name without hash is not served: it could never be invalidated.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.web.http.negotiation import accepts_gzip
from shared.web.problems import NotFound

FOLDER: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
COMPRESSIBLE: Final = frozenset({".css", ".js", ".svg", ".html", ".json", ".txt"})
TYPES: Final = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
_ADDRESS = re.compile(r"""url\(\s*(['"]?)(?!data:|https?:|#|/)([^'")]+)\1\s*\)""")


class StaticFileMissing(LookupError):
    pass


@dataclass(frozen=True, slots=True)
class StaticFile:
    """``gzipped`` is None where compression saves nothing."""

    body: bytes
    gzipped: bytes | None
    content_type: str


class StaticFiles:
    """The files of a folder, as an ASGI app. Raises StaticFileMissing: a style sheet names a missing file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}
        self._files: dict[str, StaticFile] = {}
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            self._add(file.relative_to(folder).as_posix())

    def get_url(self, path: str) -> str:
        """``/static/site.3f2a9c1b0d.css`` for ``site.css``; raises StaticFileMissing."""
        try:
            return PREFIX + self._names[path]
        except KeyError:
            raise StaticFileMissing(path) from None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._files.get(scope["path"].removeprefix(PREFIX))
        if found is None:
            raise NotFound
        headers = {"Content-Type": found.content_type, "Cache-Control": "public, max-age=31536000, immutable"}
        body = found.body
        if found.gzipped is not None:
            headers["Vary"] = "Accept-Encoding"
            if accepts_gzip(Headers(scope=scope).get("accept-encoding", "").encode("latin-1")):
                headers["Content-Encoding"], body = "gzip", found.gzipped
        await Response(body, headers=headers)(scope, receive, send)

    def _add(self, path: str) -> str:
        """Read a file, and first those that it names; returns its served name."""
        if path in self._names:
            return self._names[path]
        file = self._folder / path
        if not file.is_file():
            raise StaticFileMissing(path)
        body = file.read_bytes()
        if file.suffix == ".css":
            body = _ADDRESS.sub(lambda match: self._rewrite_address(path, match[2]), body.decode()).encode()
        stem, suffix = posixpath.splitext(path)
        self._names[path] = name = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}{suffix}"
        self._files[name] = StaticFile(body, _compress(body, suffix), _get_type(suffix))
        return name

    def _rewrite_address(self, sheet: str, address: str) -> str:
        named, mark, part = address.partition("#")
        name = self._add(posixpath.normpath(posixpath.join(posixpath.dirname(sheet), named)))
        return f'url("{posixpath.relpath(name, posixpath.dirname(sheet) or ".")}{mark}{part}")'


@cache
def load_static_files() -> StaticFiles:
    return StaticFiles(FOLDER)


def _compress(body: bytes, suffix: str) -> bytes | None:
    if suffix not in COMPRESSIBLE:
        return None
    packed = gzip.compress(body, mtime=0)
    return packed if len(packed) < len(body) else None


def _get_type(suffix: str) -> str:
    found = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
