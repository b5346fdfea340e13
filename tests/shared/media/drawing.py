"""Pictures for tests, drawn here: no other people's."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 0)


def encode(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decode(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def draw_quarters(width: int = 600, height: int = 400) -> Image.Image:
    """Red and green above, blue and yellow below."""
    image = Image.new("RGB", (width, height), RED)
    for colour, corner in ((GREEN, (width // 2, 0)), (BLUE, (0, height // 2)), (YELLOW, (width // 2, height // 2))):
        image.paste(colour, (*corner, width, height) if colour == YELLOW else (*corner, *_end(corner, width, height)))
    return image


def _end(corner: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    return corner[0] + width // 2, corner[1] + height // 2


def get_corners(data: bytes) -> list[str]:
    """Name the colours near the corners: left and right above, then below."""
    image = decode(data).convert("RGB")
    width, height = image.size
    places = [(x, y) for y in (height // 6, height * 5 // 6) for x in (width // 6, width * 5 // 6)]
    return [name_colour(image, each) for each in places]


def name_colour(image: Image.Image, place: tuple[int, int]) -> str:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    names = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW, "white": (255, 255, 255), "black": (0, 0, 0)}
    return min(names, key=lambda name: sum(abs(a - b) for a, b in zip(names[name], found, strict=True)))


def write_png(width: int, height: int, *, depth: int, kind: int, rows: bytes) -> bytes:
    """A PNG as Pillow does not write it; ``kind`` is its colour type."""
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def make_swapped_profile() -> bytes:
    """A colour profile in which red is green and green is red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
