"""The files that pages are made of: read once, found by a name that holds their hash, kept by browsers for ever.

``site.css`` is served as ``/static/site.<hash>.css``; addresses inside style sheets are rewritten to such names, so a
changed font changes the sheet's name too. A name without a hash is not served: nothing could ever be told to forget it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cramjam
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.web.problems import NotFound

FOLDER: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
WORTH_GZIP: Final = frozenset({".css", ".js", ".svg", ".html", ".json", ".txt"})
TYPES: Final = {".woff2": "font/woff2", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_ADDRESS = re.compile(r"""url\(\s*(['"]?)(?!data:|https?:|#|/)([^'")]+)\1\s*\)""")


class NoSuchStaticFile(LookupError):
    """A template or style sheet names a file that is not there."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent: its whole bytes, and gzipped where that makes it smaller."""

    body: bytes
    gzipped: bytes | None
    content_type: str


class Static:
    """The files of a folder; as an ASGI app it answers for them.

    Raises:
        NoSuchStaticFile: if a style sheet names one that is not there.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}
        self._files: dict[str, StaticFile] = {}
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            self._add(file.relative_to(folder).as_posix())

    def url(self, path: str) -> str:
        """Give the address of a file, e.g. ``/static/site.3f2a9c1b0d.css`` for ``site.css``.

        Raises:
            NoSuchStaticFile: if there is none.

        """
        try:
            return PREFIX + self._names[path]
        except KeyError:
            raise NoSuchStaticFile(path) from None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a file, in gzip if it is taken; 404 for a name that is not, or no longer, there."""
        found = self._files.get(scope["path"].removeprefix(PREFIX))
        if found is None:
            raise NotFound
        headers = {"Content-Type": found.content_type, "Cache-Control": "public, max-age=31536000, immutable"}
        body = found.body
        if found.gzipped is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                headers["Content-Encoding"], body = "gzip", found.gzipped
        await Response(body, headers=headers)(scope, receive, send)

    def _add(self, path: str) -> str:
        """Read a file, those that it names first, and give the name under which it is served."""
        if path in self._names:
            return self._names[path]
        file = self._folder / path
        if not file.is_file():
            raise NoSuchStaticFile(path)
        body = file.read_bytes()
        if file.suffix == ".css":
            body = _ADDRESS.sub(lambda match: self._rewritten(path, match[2]), body.decode()).encode()
        stem, suffix = posixpath.splitext(path)
        self._names[path] = name = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}{suffix}"
        self._files[name] = StaticFile(body, _gzipped(body, suffix), _type(suffix))
        return name

    def _rewritten(self, sheet: str, address: str) -> str:
        named, mark, part = address.partition("#")
        name = self._add(posixpath.normpath(posixpath.join(posixpath.dirname(sheet), named)))
        return f'url("{posixpath.relpath(name, posixpath.dirname(sheet) or ".")}{mark}{part}")'


@cache
def static_files() -> Static:
    """Give the design language's own files, read once a process."""
    return Static(FOLDER)


def _gzipped(body: bytes, suffix: str) -> bytes | None:
    if suffix not in WORTH_GZIP:
        return None
    packed = bytes(cramjam.gzip.compress(body, level=9))
    return packed if len(packed) < len(body) else None


def _type(suffix: str) -> str:
    found = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
