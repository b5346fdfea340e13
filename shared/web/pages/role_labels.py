"""What a role is called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.accounts.model import Role
from shared.i18n.text import Text, p_

ROLE_LABELS: Final[Mapping[Role, Text]] = {
    "editor": p_("role", "editor"),
    "curator": p_("role", "curator"),
    "chief": p_("role", "chief curator"),
    "translator": p_("role", "translator"),
    "administrator": p_("role", "administrator"),
}
