"""Pictures made of an upload: checked, upright, sRGB, without metadata, cut to 3:2, in several sizes and formats.

Pure; runs in a child of the sandbox, which imports Pillow. The same upload gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from typing import Any, Final

import msgspec
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from shared.media.model import (
    FORMATS,
    MAX_ASPECT,
    MAX_MEGAPIXELS,
    SMALLEST,
    Focus,
    MadePicture,
    Size,
    crop,
    list_widths,
    shrink,
)
from shared.sandbox.model import InputRefused

# Pillow imports these when it needs them; a child cannot open a file then.
Image.preinit()
for _name in ("MpoImagePlugin", "TiffImagePlugin", "WebPImagePlugin"):
    import_module(f"PIL.{_name}")

_MEGAPIXEL: Final = 1_000_000
_TURNS: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by EXIF's orientation; from 5 on it lies on its side."""
_LYING: Final = 5
_SRGB: Final = ImageCms.createProfile("sRGB")
_HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def make_picture(data: bytes, options: Mapping[str, Any]) -> MadePicture:
    """Raises InputRefused with a code of ``shared/media/refusals.py``; ``options`` has a ``focus``."""
    focus = msgspec.convert(options.get("focus", {}), Focus)
    source = _read_source(data)
    size = Size(*source.size)
    box = crop(size, focus)
    files: dict[str, bytes] = {}
    for width in list_widths(size):
        resized = source.resize((width, round(width * 2 / 3)), Image.Resampling.LANCZOS, box=box)
        files |= {f"{width}.{name}": _save(resized, name) for name in FORMATS}
    return MadePicture(width=size.width, height=size.height, source=_save(source, "jpg", quality=90), files=files)


def _read_source(data: bytes) -> Image.Image:
    try:
        image = _open(data)
        _check_pixels(image.format, Size(*image.size))
        turned = _get_orientation(image)  # decodes a PNG
        size = Size(*image.size) if turned < _LYING else Size(*image.size).turn()
        _check_upright(size)
        smaller = shrink(size)
        stored = smaller if turned < _LYING else smaller.turn()
        image.draft(None, (stored.width, stored.height))
        image.load()
        profile = image.info.get("icc_profile")
        flat = _flatten(image).resize((stored.width, stored.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        upright = flat if turned == 1 else flat.transpose(_TURNS[turned])
        return _convert_to_srgb(upright, profile)
    except (InputRefused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - Pillow raises whatever hostile bytes bring about
        raise InputRefused("picture_broken") from None


def _open(data: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
    except Image.DecompressionBombError:
        raise InputRefused("picture_pixels") from None
    except UnidentifiedImageError:
        raise InputRefused(_name_kind(data)) from None
    # Phones put a second view behind a JPEG ("MPO"); the first is the picture.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise InputRefused("picture_moves")
    return image


def _name_kind(data: bytes) -> str:
    start = data[:1_000]
    if not data or start.startswith(_STARTS) or (start.startswith(b"RIFF") and start[8:12] == b"WEBP"):
        return "picture_broken"
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC:
        return "picture_heic"
    return "picture_svg" if b"<svg" in start.lower() else "picture_type"


def _check_pixels(kind: str | None, size: Size) -> None:
    if size.width * size.height > MAX_MEGAPIXELS["JPEG" if kind == "MPO" else str(kind)] * _MEGAPIXEL:
        raise InputRefused("picture_pixels")
    if max(size.width, size.height) > MAX_ASPECT * min(size.width, size.height):
        raise InputRefused("picture_narrow")


def _check_upright(size: Size) -> None:
    if size.width < SMALLEST[0] or size.height < SMALLEST[1]:
        raise InputRefused("picture_small")


def _get_orientation(image: Image.Image) -> int:
    found = image.getexif().get(ExifTags.Base.Orientation)
    return found if isinstance(found, int) and found in _TURNS else 1


def _flatten(image: Image.Image) -> Image.Image:
    """Put what is transparent on white, without a copy more than needed."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image)
        return ground
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Without a profile, or with one that does not fit, the colours are taken for sRGB."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, given, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _save(image: Image.Image, name: str, *, quality: int = 82) -> bytes:
    plain = Image.new("RGB", image.size)  # carries no metadata that Pillow might write
    plain.paste(image)
    out = BytesIO()
    if name == "webp":
        plain.save(out, "WEBP", quality=quality, method=4)
    else:
        plain.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
