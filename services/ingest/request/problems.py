"""Problem table of requests: how the errors of their rules are answered."""

from __future__ import annotations

from typing import Final

from services.ingest.request.commands import NotAsked
from services.ingest.request.model import AlreadyAnswered
from shared.i18n.text import _
from shared.web.problems import NotFound, NotPossibleNow, ProblemTable

REQUEST_PROBLEMS: Final[ProblemTable] = {
    NotAsked: lambda _error: NotFound(),
    AlreadyAnswered: lambda _error: NotPossibleNow(
        _("This request is answered already, or was taken back."), code="request_closed"
    ),
}
