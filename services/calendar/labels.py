"""Labels of calendar's pages: actions, states, why an entry is in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.i18n.text import Text, _, p_

ACTION_LABELS: Final[Mapping[tuple[str, str], Text]] = {
    ("organisation", "sent"): _("Version %(version)s sent"),
    ("organisation", "cancelled"): _("The organisation cancelled the event"),
    ("organisation", "postponed"): _("The organisation postponed the event"),
    ("organisation", "reinstated"): _("The organisation took the postponement back"),
    ("organisation", "withdrawn"): _("The organisation withdrew the submission"),
    ("curator", "accepted"): _("Version %(version)s accepted"),
    ("curator", "rejected"): _("Version %(version)s rejected"),
    ("curator", "changes_requested"): _("Changes requested in version %(version)s"),
    ("curator", "taken_back"): _("Taken back what version %(version)s reported"),
    ("curator", "cancelled"): _("Event cancelled"),
    ("curator", "postponed"): _("Event postponed"),
    ("curator", "reinstated"): _("Postponement taken back"),
    ("curator", "withdrawn"): _("Withdrawn from the programme"),
}
"""By actor and action; ``version`` is the submission's."""
QUEUE_REASON_LABELS: Final[Mapping[str, Text]] = {
    "reported": _("Reported, not checked"),
    "new": _("New"),
    "change": p_("noun", "Change"),
    "answer": _("Answer"),
    "remark": _("Unanswered remark"),
}
