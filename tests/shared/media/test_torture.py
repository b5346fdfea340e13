"""Uploads of every bad kind, each in a child as in production: taken or refused in words, within bounds.

Run it with ``-s`` to read the figures.
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Final

import pytest
from PIL import Image

from shared.media.making import make_picture
from shared.media.model import MAKE_PICTURE, MAX_UPLOAD, MadePicture
from shared.media.refusals import explain_refusal
from shared.sandbox.model import InputRefused
from shared.sandbox.sandbox import Sandbox
from tests.shared.media.drawing import decode, draw_quarters, encode, make_swapped_profile, write_png
from tests.shared.media.test_making import GPS_NUMERATOR, OF_THE_FORMAT, PRIVATE, make_exif, make_heic, make_zip

LONGEST: Final = 20.0
"""Seconds for one upload on a busy machine; the child ends after 10 of computing."""
MEMORY: Final = 512 * 1024
"""kB, as decision 0032 has it."""
OPTIONS: Final = {"focus": {"x": 0.5, "y": 0.5}}
XMP: Final = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:a="http://ns.adobe.com/">Home of Anna</x:xmpmeta>'


def list_uploads() -> Iterator[tuple[str, bytes]]:
    yield from list_sound()
    yield from list_huge()
    yield from list_foreign()
    yield from list_damaged()


def list_sound() -> Iterator[tuple[str, bytes]]:
    for kind in ("JPEG", "PNG", "WEBP", "MPO"):
        for orientation in (1, 6, 8):
            exif = make_exif(orientation)
            yield f"{kind} with GPS, turned {orientation}", encode(draw_quarters(900, 700), kind, exif=exif)
    yield "JPEG with XMP and a comment", encode(draw_quarters(), xmp=XMP, comment=b"Home of Anna", exif=make_exif())
    yield "JPEG with a colour profile", encode(draw_quarters(), icc_profile=make_swapped_profile())
    yield "JPEG and archive in one", encode(draw_quarters(), exif=make_exif()) + make_zip()
    yield "JPEG and page in one", encode(draw_quarters()) + b"<html><script>alert(1)</script>"
    yield "CMYK", encode(draw_quarters().convert("CMYK"))
    yield "grey with transparency", encode(draw_quarters().convert("LA"), "PNG")
    yield "palette", encode(draw_quarters().convert("P"), "PNG")
    yield "16 bits", write_png(600, 400, depth=16, kind=0, rows=bytes((1 + 1_200) * 400))


def draw_noise() -> Image.Image:
    """The same each time: by chance the letters of a mark stand in megabytes of other noise."""
    return Image.frombytes("L", (1_800, 1_350), Random(1).randbytes(1_800 * 1_350)).convert("RGB")  # noqa: S311 - no secret


def list_huge() -> Iterator[tuple[str, bytes]]:
    yield "JPEG of 39 megapixels", encode(draw_noise().resize((7_200, 5_400)), quality=60)
    yield "PNG of 24 megapixels", encode(Image.new("RGBA", (6_000, 4_000), "red"), "PNG")
    yield "WebP of 24 megapixels", encode(Image.new("RGB", (6_000, 4_000), "red"), "WEBP")
    yield "JPEG of 41 megapixels", encode(Image.new("RGB", (7_600, 5_400)))
    yield "PNG bomb", write_png(60_000, 60_000, depth=8, kind=6, rows=bytes(1_000_000))
    yield "PNG bomb of one bit", write_png(6_000, 5_000, depth=1, kind=0, rows=bytes(751 * 5_000))
    yield "PNG that inflates without end", write_png(600, 400, depth=8, kind=2, rows=bytes(200_000_000))
    yield "text that inflates without end", _write_text_bomb()
    yield "narrow", encode(Image.new("RGB", (10_000, 400)))
    yield "small", encode(draw_quarters(300, 200))


def list_foreign() -> Iterator[tuple[str, bytes]]:
    yield "SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
    yield "HEIC", make_heic()
    yield "GIF", encode(draw_quarters(), "GIF")
    yield "TIFF", encode(draw_quarters(), "TIFF")
    yield "PDF", b"%PDF-1.7\n" + bytes(1_000)
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 600 400\n"
    yield "page", b"<!doctype html><img src=x onerror=alert(1)>"
    yield "nothing", b""
    yield "zeros", bytes(MAX_UPLOAD)
    yield "moving WebP", encode(draw_quarters(), "WEBP", save_all=True, append_images=[Image.new("RGB", (600, 400))])
    yield "moving PNG", encode(draw_quarters(), "PNG", save_all=True, append_images=[Image.new("RGB", (600, 400))])


def list_damaged() -> Iterator[tuple[str, bytes]]:
    chance = random.Random(12)  # noqa: S311 - of a test
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = encode(draw_quarters(900, 700), kind, exif=make_exif())
        for part in (0.1, 0.5, 0.95):
            yield f"{kind}, {part:.0%} of it", whole[: int(len(whole) * part)]
        for number in range(2):
            data = bytearray(whole)
            for _ in range(12):
                data[chance.randrange(len(data))] = chance.randrange(256)
            yield f"{kind}, damaged {number}", bytes(data)


def _write_text_bomb() -> bytes:
    """A PNG whose comment is 100 MB of spaces in 100 kB."""
    out = BytesIO()
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - of this upload only

    notes = PngInfo()
    notes.add_text("Comment", " " * 100_000_000, zip=True)
    draw_quarters().save(out, "PNG", pnginfo=notes)
    return out.getvalue()


def find_private(picture: MadePicture) -> list[bytes]:
    numbers = [struct.pack(order + "I", GPS_NUMERATOR) for order in "<>"]
    files = [picture.source, *picture.files.values()]
    assert {name for file in files for name in decode(file).info} <= OF_THE_FORMAT
    return [mark for mark in (*PRIVATE, *numbers, b"<script") for file in files if mark in file]


@pytest.mark.slow
async def test_whatever_is_uploaded_is_taken_or_refused_within_bounds_and_nothing_private_is_kept() -> None:
    before = getrusage(RUSAGE_CHILDREN).ru_maxrss
    sandbox, refusals, longest, taken, private = Sandbox(), Counter[str](), ("", 0.0), 0, []
    for name, upload in list_uploads():
        began = time.monotonic()
        try:
            made = await sandbox.run(MAKE_PICTURE, upload, OPTIONS)
        except InputRefused as refused:
            refusals[explain_refusal(refused.code).code] += 1
        else:
            taken += 1
            private += [(name, mark) for mark in find_private(made)]
        longest = max(longest, (name, time.monotonic() - began), key=lambda each: each[1])
    memory = getrusage(RUSAGE_CHILDREN).ru_maxrss  # or of a larger child that an earlier test had
    why = ", ".join(f"{code} {count}" for code, count in refusals.most_common())
    print(f"\n{taken} taken, {refusals.total()} refused ({why})")  # noqa: T201 - the figures of the show
    print(f"longest {longest[1]:.1f} s ({longest[0]}), largest memory {memory // 1024} MB, private: {private}")  # noqa: T201

    assert private == []
    assert longest[1] <= LONGEST
    # A child counts the memory of the process that it was forked from, too.
    assert memory <= max(MEMORY, before, getrusage(RUSAGE_SELF).ru_maxrss)
    assert taken >= 20
    sound = encode(draw_quarters())
    assert await sandbox.run(MAKE_PICTURE, sound, OPTIONS) == make_picture(sound, OPTIONS), "and the next is served"
