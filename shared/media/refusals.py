"""Why an upload is no picture for us, in the words of the form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.field_error import FieldError
from shared.i18n.text import Text, _
from shared.media.model import MAX_ASPECT, MAX_MEGAPIXELS, SMALLEST

_REFUSALS: Final[Mapping[str, Text]] = {
    "picture_type": _("This is no picture that we can read. Choose a file in the format JPEG, PNG or WebP."),
    "picture_heic": _(
        "This is a HEIC picture, as some phones save them. Export it as JPEG, or set the camera to “most compatible”."
    ),
    "picture_svg": _("This is an SVG drawing. Export it as PNG, 1600 pixels wide or more, and choose that file."),
    "picture_moves": _("This picture moves. Choose one that stands still."),
    "picture_broken": _(
        "The file is damaged or incomplete. Open it in a program for pictures, save it as JPEG and choose that file."
    ),
    "picture_pixels": _(
        "The picture has too many pixels: %(jpeg)d million at most as JPEG, %(png)d million as PNG or WebP. "
        "1600 pixels in width are enough.",
        jpeg=MAX_MEGAPIXELS["JPEG"],
        png=MAX_MEGAPIXELS["PNG"],
    ),
    "picture_small": _(
        "The picture is too small: at least %(width)d by %(height)d pixels are needed, 1600 in width are best.",
        width=SMALLEST[0],
        height=SMALLEST[1],
    ),
    "picture_narrow": _(
        "One side of the picture is more than %(times)d times as long as the other. Cut it and choose it again.",
        times=MAX_ASPECT,
    ),
    "picture_costly": _("The picture cannot be read with reasonable effort. Save it as JPEG and choose that file."),
}


def explain_refusal(code: str, *, field: str = "picture") -> FieldError:
    """Say what is wrong and what to do; a code that is not known is that of a file that is no picture."""
    known = code if code in _REFUSALS else "picture_type"
    return FieldError(field, _REFUSALS[known], known)
