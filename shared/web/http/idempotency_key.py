"""``Idempotency-Key``: a client's name for a request that it may repeat."""

from __future__ import annotations

import re
from typing import Any, Final

from shared.i18n.text import _

KEY_REUSED: Final = _("This Idempotency-Key belongs to another request. Use a new key.")
KEY_UNREADABLE: Final = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

KEY_PARAMETER: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
    "description": "Names this request: repeated with the same key and body, it is answered as the first time.",
}


class KeyUnreadable(Exception):
    """An idempotency key must have 1 to 255 visible ASCII characters."""


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None
