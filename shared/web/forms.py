"""Parses URL-encoded forms in UTF-8 (WHATWG URL, section 5.1)."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request

from shared.i18n.text import _
from shared.web.csrf import is_same_origin
from shared.web.problems import BadRequest, FormExpired, TooLarge

REDRAW_FIELD: Final = "redraw"
"""What a button of language or appearance adds to a form: it is to be shown again, not to be carried out."""
MAX_FIELDS: Final = 1_000
MAX_CHARACTERS: Final = 150_000
"""Of all values: an event with every text at its limit in every language has 140,000. They are shown again escaped."""
MAX_NAME: Final = 200
"""Of a field's name; no form has a longer one, and nothing is said of a field that no form has."""
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})++")  # possessive: else each escape is remembered for going back


async def read_form(request: Request) -> FormData:
    """Raises BadRequest: more than :data:`MAX_FIELDS` fields, or not UTF-8."""
    # Raises TooLarge: more than :data:`MAX_CHARACTERS` characters in all values.
    return parse_form(await request.body())


async def read_own_form(request: Request) -> FormData:
    """The form of a page for who is not logged in, so without our token. Raises FormExpired: from another site."""
    if not is_same_origin(request):
        raise FormExpired
    return await read_form(request)


def read_field(form: FormData, name: str) -> str:
    """Return "" if the form lacks it."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def parse_form(body: bytes) -> FormData:
    """Decodes a run of escapes at a time; the standard library takes 20 times as long for the worst input."""
    if body.count(b"&") >= MAX_FIELDS:
        said = _("The form has too many fields: %(limit)d at most.", limit=MAX_FIELDS)
        raise BadRequest(said, code="too_many_fields")
    pairs = [each.partition(b"=") for each in body.split(b"&") if each]
    try:
        fields = [(_decode(name), _decode(value)) for name, _equals, value in pairs if len(name) <= MAX_NAME]
    except UnicodeDecodeError:
        raise BadRequest(_("The form is not written in UTF-8."), code="not_utf8") from None
    if sum(len(value) for _name, value in fields) > MAX_CHARACTERS:
        raise TooLarge(
            _(
                "A form may have %(limit)s characters at most. Go back to it, shorten the texts and send it again.",
                limit=MAX_CHARACTERS,
            )
        )
    return FormData(fields)  # type: ignore[arg-type]  # a list of texts, where files could be too


def _decode(written: bytes) -> str:
    found, place = bytearray(), 0
    plain = written.replace(b"+", b" ")
    for run in _ESCAPES.finditer(plain):  # not sub(): it keeps a hundred thousand pieces before it joins them
        found += plain[place : run.start()]
        found += bytes.fromhex(run[0].replace(b"%", b"").decode("ascii"))
        place = run.end()
    return (found + plain[place:]).decode()
