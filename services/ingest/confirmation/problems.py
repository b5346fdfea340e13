"""How a link that is over is answered."""

from __future__ import annotations

from typing import Final

from services.ingest.confirmation.model import LinkInvalid
from shared.i18n.text import _
from shared.web.problems import Problem, ProblemTable


class LinkOver(Problem):
    """A link of a mail that is over, or was cut off (410)."""

    status = 410
    default_code = "link_over"
    title = _("This link is no longer valid")
    default_detail = _(
        "The link is over, or it was cut off. Log in: your events are on your own list, where each can be confirmed."
    )


CONFIRMATION_PROBLEMS: Final[ProblemTable] = {LinkInvalid: lambda _error: LinkOver()}
