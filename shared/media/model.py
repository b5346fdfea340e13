"""A picture: its shape, its sizes, its name. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from shared.sandbox.model import SandboxTask

WIDTHS: Final = (400, 800, 1600)
"""In pixels; a picture comes in those that it can fill, and never larger than it was."""
FORMATS: Final[Mapping[str, str]] = {"webp": "image/webp", "jpg": "image/jpeg"}
SOURCE: Final = "source.jpg"
"""The file that another part of the picture can be cut from; it is never served to the public."""
MAX_UPLOAD: Final = 20_000_000
"""Bytes."""
MAX_MEGAPIXELS: Final[Mapping[str, int]] = {"JPEG": 40, "PNG": 25, "WEBP": 25}
"""What can be read within the sandbox's memory; a JPEG is read smaller."""
MAX_ASPECT: Final = 4
MAX_PICTURES: Final = 5_000
"""Of one organisation: more than a programme of ten years has."""
MAX_STORED: Final = 2_000_000_000
"""Bytes of one organisation, or one key could fill the disk of the database."""
MAX_SIDE: Final = 10_000
"""In pixels, of a source: more than :func:`shrink` leaves."""
NAMES: Final = frozenset(f"{width}.{kind}" for width in WIDTHS for kind in FORMATS)
"""Of files that the public may see."""
SMALLEST: Final = (400, 267)

_FILE: Final = re.compile(r"([0-9a-f]{64})-([0-9a-z]+\.[a-z]+)")

Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int

    def turn(self) -> Size:
        return Size(self.height, self.width)


class Focus(msgspec.Struct, frozen=True):
    """The point that stays in the picture when it is cut to 3:2: 0 is left and top, 1 right and bottom."""

    x: Fraction = 0.5
    y: Fraction = 0.5


class MadePicture(msgspec.Struct, frozen=True, kw_only=True):
    """What the child makes of an upload: files by their names, such as ``400.webp``, and the source, of this size."""

    width: int
    height: int
    source: bytes
    files: dict[str, bytes]

    def __post_init__(self) -> None:
        """Raises ValueError: a child that hostile bytes have taken over may answer anything."""
        are_sides = min(self.width, self.height) > 0 and max(self.width, self.height) <= MAX_SIDE
        are_files = self.files.keys() <= NAMES and self.files and all((self.source, *self.files.values()))
        if not are_sides or not are_files:
            raise ValueError("no picture is made like this")


MAKE_PICTURE: Final = SandboxTask("shared.media.making:make_picture", MadePicture)


def crop(size: Size, focus: Focus) -> tuple[int, int, int, int]:
    """Return the largest part of 3:2 round the focus: left, top, right, bottom."""
    wide = size.width * 2 > size.height * 3
    width, height = (size.height * 3 // 2, size.height) if wide else (size.width, size.width * 2 // 3)
    left = _place(focus.x * size.width - width / 2, size.width - width)
    top = _place(focus.y * size.height - height / 2, size.height - height)
    return left, top, left + width, top + height


def _place(wanted: float, most: int) -> int:
    return min(max(round(wanted), 0), most)


def shrink(size: Size) -> Size:
    """Return the size of the source: its part of 3:2 is as wide as the largest file, if the picture is."""
    left, _top, right, _bottom = crop(size, Focus())
    width = right - left
    most = WIDTHS[-1]
    if width <= most:
        return size
    return Size(-(-size.width * most // width), -(-size.height * most // width))


def list_widths(size: Size) -> list[int]:
    """Return the widths that a source of this size fills."""
    left, _top, right, _bottom = crop(size, Focus())
    return [each for each in WIDTHS if each <= right - left]


def make_focus(x: float, y: float) -> Focus:
    """Round to what a name tells apart."""
    return Focus(round(x, 3), round(y, 3))


def parse_file(file: str, *, sources: bool = False) -> tuple[str, str] | None:
    """Split the public name of a file, such as ``<media>-400.webp``; None if it is none.

    With ``sources`` also that of a source, which only its organisation and curators may see.
    """
    found = _FILE.fullmatch(file)
    known = found is not None and (found[2] in NAMES or (sources and found[2] == SOURCE))
    return (found[1], found[2]) if found and known else None


def name_upload(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def name_media(upload: str, focus: Focus) -> str:
    """Name a picture: by the hash of its upload, and of the focus if that was moved.

    So what an address shows never changes, and the same upload is stored once.
    """
    if focus == Focus():
        return upload
    return hashlib.sha256(f"{upload} {focus.x:.3f} {focus.y:.3f}".encode()).hexdigest()
