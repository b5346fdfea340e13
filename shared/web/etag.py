"""Version numbers in ``ETag`` and ``If-Match``: ``"7"``."""

from __future__ import annotations

from starlette.requests import Request

from shared.i18n.text import _
from shared.web.http.numbers import parse_number
from shared.web.problems import BadRequest, PreconditionMissing, Stale


def format_etag(number: int) -> str:
    return f'"{number}"'


def read_if_match(request: Request, *, required: bool = True) -> int | None:
    """Read the number in ``If-Match``; None for ``*``, or if the header is missing and optional.

    Raises:
        PreconditionMissing: the header is required and missing.
        BadRequest: it names several.
        Stale: it is none of our numbers.

    """
    # A weak tag never matches (RFC 9110, section 13.1.1).
    header = request.headers.get("if-match", "").strip()
    if not header and required:
        raise PreconditionMissing
    if "if-match" not in request.headers:
        return None
    if header == "*":
        return None
    if "," in header:
        raise BadRequest(_("Give one value in the If-Match header."), code="several_etags")
    number = parse_number(header[1:-1]) if header == f'"{header[1:-1]}"' else None
    if number is None:
        raise Stale
    return number


def check_if_match(request: Request, number: int, *, required: bool = True) -> None:
    """Raises as :func:`read_if_match`, and Stale if another number is named."""
    expected = read_if_match(request, required=required)
    if expected not in {None, number}:
        raise Stale(headers={"ETag": format_etag(number)})
