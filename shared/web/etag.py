"""The numbers that only rise, as ``ETag`` and ``If-Match`` carry them: ``"7"``."""

from __future__ import annotations

from starlette.requests import Request

from shared.web.locale import _
from shared.web.problems import BadRequest, PreconditionMissing, Stale


def etag(number: int) -> str:
    """Write a number as a strong ETag."""
    return f'"{number}"'


def expected_number(request: Request, *, required: bool = True) -> int | None:
    """Read the number that ``If-Match`` names; None for ``*``, or without the header where it is optional.

    A weak tag never matches (RFC 9110, 13.1.1), and no number of ours is written differently.

    Raises:
        PreconditionMissing: if the header is required and not there.
        BadRequest: if it names several.
        Stale: if what it names was never one of our numbers.

    """
    header = request.headers.get("if-match", "").strip()
    if not header:
        if required:
            raise PreconditionMissing
        return None
    if header == "*":
        return None
    if "," in header:
        raise BadRequest(_("W nagłówku If-Match podaj jedną wartość."), code="several_etags")
    number = header[1:-1]
    if len(header) < 3 or header != f'"{number}"' or not number.isascii() or not number.isdecimal():  # noqa: PLR2004 - two quotes and a digit
        raise Stale
    return int(number)


def if_match(request: Request, number: int, *, required: bool = True) -> None:
    """Go on only if ``If-Match`` names this number, or ``*``.

    Raises:
        PreconditionMissing: if the header is required and not there.
        BadRequest: if it names several.
        Stale: if it names another.

    """
    expected = expected_number(request, required=required)
    if expected not in {None, number}:
        raise Stale(headers={"ETag": etag(number)})
