"""What a kind of organisation is called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.i18n.text import Text, _

KIND_LABELS: Final[Mapping[str, Text]] = {
    "ROT": _("regional tourist organisation"),
    "LOT": _("local tourist organisation"),
    "JST": _("municipality or county"),
    "NGO": _("association or foundation"),
    "institution": _("institution"),
    "company": _("company"),
    "agency": _("agency"),
}
