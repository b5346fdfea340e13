"""Problems of drafts."""

from __future__ import annotations

from shared.i18n.text import _
from shared.web.problems import Problem


class DraftGone(Problem):
    """The draft was discarded (410)."""

    status = 410
    default_code = "draft_discarded"
    title = _("This draft was discarded")
    default_detail = _("The other drafts are in the list of your events.")
