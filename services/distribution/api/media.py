"""The route of pictures: only what a public event shows now."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.distribution.media.picture_files import PicturesUnreadable
from services.distribution.state import OpenState
from shared.i18n.text import _
from shared.media.model import FORMATS, parse_file
from shared.web.http.negotiation import match_etag
from shared.web.middleware.security_headers import FILE_HEADERS
from shared.web.problems import NotFound, ProblemTable, Unavailable, problem_responses

CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""What an address shows never changes; who knows an address keeps what it showed."""
_UNREADABLE: Final = _("Pictures cannot be read just now. Everything else can.")
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file; never changes", "content": dict.fromkeys(FORMATS.values(), _BYTES)},
    304: {"description": "As it was"},
}
MEDIA_PROBLEMS: Final[ProblemTable] = {
    PicturesUnreadable: lambda error: Unavailable(_UNREADABLE, code="pictures_unavailable", retry_after=error.seconds)
}

router = APIRouter(tags=["media"])


@router.get("/media/{file}", response_class=Response, responses={**_FILE, **problem_responses(404, 503)})
async def read_picture(request: Request, state: OpenState, file: str) -> Response:
    """Read a picture of a public event: `<media>-<width>.<webp or jpg>`, 400, 800 or 1600 pixels wide, 3:2.

    A picture that is smaller comes as large as it is. A picture that no event shows any more is not found.
    """
    wanted = parse_file(file)
    if wanted is None or wanted[0] not in state.programme.shown_media:
        raise NotFound
    found = await state.picture_files.get(*wanted)
    if found is None:
        raise NotFound
    headers = {"ETag": found.etag, "Cache-Control": CACHE_CONTROL}
    headers |= {name.decode(): value.decode() for name, value in FILE_HEADERS}
    asked = ", ".join(request.headers.getlist("if-none-match")).encode("latin-1")
    if asked and match_etag(asked, found.etag.encode()):
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=FORMATS[wanted[1].rpartition(".")[2]], headers=headers)
