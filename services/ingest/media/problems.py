"""How the errors of pictures are answered."""

from __future__ import annotations

from typing import Final

from services.ingest.media.commands import PictureInUse
from shared.i18n.text import _
from shared.media.commands import PictureRefused, PictureUnknown, TooManyPictures
from shared.media.model import MAX_PICTURES, MAX_STORED
from shared.media.refusals import explain_refusal
from shared.sandbox.model import SandboxBusy, SandboxUnavailable
from shared.web.problems import Invalid, NotFound, NotPossibleNow, ProblemTable, Unavailable

RETRY_SECONDS: Final = 10
UNAVAILABLE_SECONDS: Final = 60
_BUSY: Final = _(
    "Other pictures are being read just now. Nothing was saved; try again in %(seconds)d s.", seconds=RETRY_SECONDS
)
_UNAVAILABLE: Final = _(
    "Pictures cannot be read just now; the picture is not at fault. Nothing was saved; try again in %(seconds)d s.",
    seconds=UNAVAILABLE_SECONDS,
)
_IN_USE: Final = _("This picture is used by an event. Take it out of the event first, or withdraw that.")
_TOO_MANY: Final = _(
    "Your organisation has as many pictures as are kept: %(count)d, or %(megabytes)d MB. "
    "Delete one or use one of them.",
    count=MAX_PICTURES,
    megabytes=MAX_STORED // 1_000_000,
)

MEDIA_PROBLEMS: Final[ProblemTable] = {
    PictureRefused: lambda error: Invalid(errors=[explain_refusal(error.code)]),
    PictureUnknown: lambda _error: NotFound(),
    PictureInUse: lambda _error: NotPossibleNow(_IN_USE, code="picture_in_use"),
    TooManyPictures: lambda _error: NotPossibleNow(_TOO_MANY, code="too_many_pictures"),
    SandboxBusy: lambda _error: Unavailable(_BUSY, code="pictures_busy", retry_after=RETRY_SECONDS),
    SandboxUnavailable: lambda _error: Unavailable(
        _UNAVAILABLE, code="pictures_unavailable", retry_after=UNAVAILABLE_SECONDS
    ),
}
