from __future__ import annotations

import asyncio
import struct
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from shared.media.making import make_picture
from shared.media.model import MAKE_PICTURE, MAX_MEGAPIXELS, MadePicture
from shared.media.refusals import explain_refusal
from shared.sandbox.model import InputRefused, SandboxBusy
from shared.sandbox.sandbox import Sandbox
from tests.shared.media.drawing import (
    decode,
    draw_quarters,
    encode,
    get_corners,
    make_swapped_profile,
    write_png,
)

Transpose = Image.Transpose
UPRIGHT = ["red", "green", "blue", "yellow"]
PLAIN = encode(draw_quarters())
GPS_NUMERATOR = 534_253_117
OF_THE_FORMAT = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"),
    *("loop", "background", "timestamp", "duration"),
}
PRIVATE = (
    b"Exif",
    b"SECRETCAM",
    b"2026:07:11",
    b"Home of Anna",
    b"ns.adobe.com",
    b"GPS",
    b"PK\x03\x04",
    b"ICC_PROFILE",
)


def make(data: bytes, **focus: float) -> MadePicture:
    return make_picture(data, {"focus": focus})


def list_files(picture: MadePicture) -> list[bytes]:
    return [picture.source, *picture.files.values()]


def make_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Make] = "SECRETCAM"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSDateStamp: "2026:07:11"})
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (IFDRational(GPS_NUMERATOR, 10_000_000), 25.0, 7.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_comes_in_the_sizes_that_it_fills_as_webp_and_jpeg(kind: str) -> None:
    made = make(encode(draw_quarters(1_300, 1_000), kind))

    assert list(made.files) == ["400.webp", "400.jpg", "800.webp", "800.jpg"]
    assert [(decode(each).format, decode(each).size) for each in made.files.values()] == [
        ("WEBP", (400, 267)),
        ("JPEG", (400, 267)),
        ("WEBP", (800, 533)),
        ("JPEG", (800, 533)),
    ]
    assert (made.width, made.height) == decode(made.source).size == (1_300, 1_000)


def test_the_largest_is_1600_pixels_wide_and_the_source_just_fills_it() -> None:
    made = make(encode(draw_quarters(4_000, 3_000)))

    assert decode(made.files["1600.jpg"]).size == (1_600, 1_067)
    assert (made.width, made.height) == (1_600, 1_200)


def test_the_same_upload_gives_the_same_bytes() -> None:
    assert make(PLAIN) == make(PLAIN)


def test_a_picture_cut_from_the_source_is_as_one_cut_from_the_upload() -> None:
    made = make(encode(draw_quarters(1_200, 400)), x=0.0)

    again = make(made.source, x=1.0)

    assert get_corners(made.files["400.jpg"]) == ["red", "red", "blue", "blue"]
    assert get_corners(again.files["400.jpg"]) == ["green", "green", "yellow", "yellow"]


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, None),
        (2, Transpose.FLIP_LEFT_RIGHT),
        (3, Transpose.ROTATE_180),
        (4, Transpose.FLIP_TOP_BOTTOM),
        (5, Transpose.TRANSPOSE),
        (6, Transpose.ROTATE_90),
        (7, Transpose.TRANSVERSE),
        (8, Transpose.ROTATE_270),
        (9, None),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright(orientation: int, stored: Transpose | None, kind: str) -> None:
    upright = draw_quarters(600, 420)
    image = upright if stored is None else upright.transpose(stored)

    made = make(encode(image, kind, exif=make_exif(orientation)))

    assert (made.width, made.height) == (600, 420)
    assert get_corners(made.files["400.jpg"]) == UPRIGHT


@pytest.mark.parametrize("profile", [None, make_swapped_profile()], ids=["sRGB", "profile"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_left_of_where_and_by_whom_it_was_taken(kind: str, profile: bytes | None) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:a="http://ns.adobe.com/">Home of Anna</x:xmpmeta>'
    notes = {"comment": b"Home of Anna"} if kind == "JPEG" else {}
    upload = encode(draw_quarters(), kind, exif=make_exif(), xmp=xmp, icc_profile=profile, **notes) + make_zip()
    number = [struct.pack(order + "I", GPS_NUMERATOR) for order in "<>"]

    made = make(upload)

    assert b"SECRETCAM" in upload
    assert any(each in upload for each in number)
    assert [mark for mark in (*PRIVATE, *number) for file in list_files(made) if mark in file] == []
    assert {name for file in list_files(made) for name in decode(file).info} <= OF_THE_FORMAT


def make_zip() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Evil.class", "an applet behind a picture")
    return out.getvalue()


def test_what_stands_behind_a_picture_is_not_kept() -> None:
    made = make(PLAIN + make_zip())

    assert made == make(PLAIN)


def test_colours_become_srgb() -> None:
    made = make(encode(draw_quarters(), icc_profile=make_swapped_profile()))

    assert get_corners(made.files["400.jpg"]) == ["green", "red", "blue", "yellow"]


@pytest.mark.parametrize("profile", [b"", b"no profile", make_swapped_profile()[:200]])
def test_a_profile_that_cannot_be_read_leaves_the_colours(profile: bytes) -> None:
    assert get_corners(make(encode(draw_quarters(), icc_profile=profile)).files["400.jpg"]) == UPRIGHT


def test_a_profile_of_grey_on_a_coloured_picture_leaves_the_colours() -> None:
    profile = make_swapped_profile().replace(b"RGB ", b"GRAY", 1)

    assert get_corners(make(encode(draw_quarters(), icc_profile=profile)).files["400.jpg"]) == UPRIGHT


def test_a_picture_for_print_keeps_its_colours() -> None:
    assert get_corners(make(encode(draw_quarters().convert("CMYK"))).files["400.jpg"]) == UPRIGHT


def test_sixteen_bits_of_grey_become_eight() -> None:
    rows = b"".join(b"\x00" + struct.pack(">400H", *([0x4000] * 200 + [0xC000] * 200)) for _ in range(300))

    found = decode(make(write_png(400, 300, depth=16, kind=0, rows=rows)).files["400.jpg"]).convert("L")

    assert [found.getpixel((x, 100)) for x in (50, 350)] == [pytest.approx(0x40, abs=2), pytest.approx(0xC0, abs=2)]


def test_sixteen_bits_of_colour_become_eight() -> None:
    rows = b"".join(b"\x00" + struct.pack(">3H", 0xFFFF, 0, 0) * 400 for _ in range(300))

    made = make(write_png(400, 300, depth=16, kind=2, rows=rows))

    assert get_corners(made.files["400.jpg"]) == ["red"] * 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (600, 400), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 300, 400))
    if mode in {"P", "L", "1"}:
        grey = Image.new("L", image.size, 0)
        grey.paste(1 if mode != "1" else 255, (0, 0, 300, 400))
        image = grey.convert(mode) if mode != "P" else Image.frombytes("P", grey.size, grey.tobytes())
        if mode == "P":
            image.putpalette([0, 0, 0, 255, 0, 0])
        upload = encode(image, "PNG", transparency=255 if mode == "1" else 1)
    else:
        upload = encode(image.convert(mode), "PNG")

    assert get_corners(make(upload).files["400.jpg"]) == ["white", "black"] * 2


def test_a_phones_picture_with_a_second_view_is_its_first() -> None:
    upload = encode(draw_quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (600, 400), "blue")])

    assert get_corners(make(upload).files["400.jpg"]) == UPRIGHT


def make_heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(2_000)


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (b"", "picture_broken"),
        (PLAIN[:2_000], "picture_broken"),
        (PLAIN[:10], "picture_broken"),
        (encode(draw_quarters(), "PNG")[:-40], "picture_broken"),
        (encode(draw_quarters(), "WEBP")[:-400], "picture_broken"),
        (encode(draw_quarters(), "WEBP")[:20], "picture_broken"),
        (b"%PDF-1.7", "picture_type"),
        (b"GIF89a" + encode(draw_quarters(), "GIF")[6:] + make_zip(), "picture_type"),
        (encode(draw_quarters(), "TIFF"), "picture_type"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "picture_svg"),
        (make_heic(), "picture_heic"),
        (encode(draw_quarters(), "WEBP", save_all=True, append_images=[Image.new("RGB", (600, 400))]), "picture_moves"),
        (encode(draw_quarters(), "PNG", save_all=True, append_images=[Image.new("RGB", (600, 400))]), "picture_moves"),
        (write_png(60_000, 60_000, depth=8, kind=6, rows=bytes(100_000)), "picture_pixels"),
        (write_png(6_000, 5_000, depth=1, kind=0, rows=bytes(751 * 5_000)), "picture_pixels"),
        (write_png(6_000, 5_000, depth=8, kind=6, rows=b"not to be decoded"), "picture_pixels"),
        (write_png(20_000, 1_000, depth=8, kind=6, rows=b"not to be decoded"), "picture_narrow"),
        (encode(draw_quarters(398, 400)), "picture_small"),
        (encode(draw_quarters(400, 266)), "picture_small"),
        (encode(draw_quarters(2_000, 400)), "picture_narrow"),
        (encode(draw_quarters(400, 1_700)), "picture_narrow"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_for_us_is_refused_with_what_to_do(upload: bytes, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        make(upload)

    assert refused.value.code == code
    assert explain_refusal(code).code == code


def test_a_jpeg_may_have_more_pixels_than_a_png() -> None:
    made = make(encode(Image.new("RGB", (7_200, 5_000))))

    assert MAX_MEGAPIXELS["PNG"] * 1_000_000 < 7_200 * 5_000
    assert made.width == 1_600


@settings(max_examples=40)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 3_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4),
    cut=st.none() | st.integers(0, 3_000),
)
def test_a_damaged_picture_is_a_picture_or_refused(
    kind: str, changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    data = bytearray(encode(draw_quarters(420, 280), kind, exif=make_exif()))
    for at, change in changes:
        data[at % len(data) : at % len(data) + len(change)] = change

    with suppress(InputRefused):
        make(bytes(data[:cut]))


async def test_thirty_at_once_get_their_picture_or_are_told_to_come_back() -> None:
    sandbox = Sandbox(at_once=2, waiting=4)
    calls = [asyncio.create_task(sandbox.run(MAKE_PICTURE, PLAIN, {"focus": {"x": 0.5, "y": 0.5}})) for _ in range(30)]
    ticks = 0
    while not all(each.done() for each in calls):
        await asyncio.sleep(0.01)
        ticks += 1
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(each) for each in answers] == [MadePicture] * 6 + [SandboxBusy] * 24
    assert answers[0] == make(PLAIN)
    assert ticks > 10  # others are served meanwhile


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "MPO"])
async def test_a_child_can_make_pictures_of_every_kind(kind: str) -> None:
    upload = encode(draw_quarters(), kind, exif=make_exif(6), icc_profile=make_swapped_profile())

    assert await Sandbox().run(MAKE_PICTURE, upload) == make(upload)


async def test_a_child_refuses_what_is_no_picture() -> None:
    with pytest.raises(InputRefused, match="picture_moves"):
        await Sandbox().run(
            MAKE_PICTURE, encode(draw_quarters(), "WEBP", save_all=True, append_images=[Image.new("RGB", (600, 400))])
        )
