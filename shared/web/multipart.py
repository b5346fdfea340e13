"""Parses forms with files (RFC 7578), in memory and within bounds; only routes for uploads take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from shared.i18n.text import _
from shared.web.forms import MAX_CHARACTERS, MAX_FIELDS, MAX_NAME
from shared.web.problems import BadRequest, TooLarge

MAX_HEADER: Final = 4_000
"""Bytes of the headers of one part."""
MAX_FILE_NAME: Final = 200
_TEXT_BYTES: Final = 4 * MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form: the field's name, what the file is called there, its bytes."""

    name: str
    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FormWithFiles:
    """``form`` holds the texts only."""

    form: FormData
    files: tuple[SentFile, ...]


@dataclass(slots=True)
class _Part:
    name: str = ""
    filename: str | None = None
    data: bytearray = field(default_factory=bytearray)


async def read_form_with_files(request: Request, *, most: int, keep: bool = True) -> FormWithFiles:
    """Read at most ``most`` bytes of files; without ``keep`` their names only. The middleware bounds the whole.

    Raises BadRequest (no such form, or too many fields), TooLarge (characters of texts, bytes of files).
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise BadRequest(_UNREADABLE, code="form_unreadable")
    reader = _Reader(boundary, most=most, keep=keep)
    try:
        async for piece in request.stream():
            reader.write(piece)
    except ClientDisconnect:
        raise BadRequest from None  # nobody is there to read it
    return reader.finish()


_UNREADABLE: Final = _("The form cannot be read. Go back to it and send it again.")


class _Reader:
    def __init__(self, boundary: bytes, *, most: int, keep: bool) -> None:
        self._most, self._keep = most, keep
        self._texts: list[tuple[str, str]] = []
        self._files: list[SentFile] = []
        self._part = _Part()
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = bytearray(), bytearray()
        self._count = self._characters = self._text_bytes = self._file_bytes = 0
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._take_name,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end,
                },
            )
        except FormParserError:
            raise BadRequest(_UNREADABLE, code="form_unreadable") from None

    def write(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError:
            raise BadRequest(_UNREADABLE, code="form_unreadable") from None

    def finish(self) -> FormWithFiles:
        try:
            self._parser.finalize()
        except FormParserError:
            raise BadRequest(_UNREADABLE, code="form_unreadable") from None
        return FormWithFiles(FormData(self._texts), tuple(self._files))  # type: ignore[arg-type]  # texts only

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_FIELDS:
            said = _("The form has too many fields: %(limit)d at most.", limit=MAX_FIELDS)
            raise BadRequest(said, code="too_many_fields")
        self._part, self._headers = _Part(), {}

    def _take_name(self, data: bytes, start: int, end: int) -> None:
        self._take_header(self._name, data[start:end])

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._take_header(self._value, data[start:end])

    @staticmethod
    def _take_header(into: bytearray, piece: bytes) -> None:
        into += piece
        if len(into) > MAX_HEADER:
            raise BadRequest(_UNREADABLE, code="form_unreadable")

    def _end_header(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._headers[b"content-disposition"] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end_headers(self) -> None:
        _kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._part.name = _decode(options, b"name")
        self._part.filename = _decode(options, b"filename") if b"filename" in options else None

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.filename is None:
            self._text_bytes += end - start
            if self._text_bytes > _TEXT_BYTES:
                raise _make_too_large()
        else:
            self._file_bytes += end - start
            if self._file_bytes > self._most:
                raise make_files_too_large(self._most)
            if not self._keep:
                return
        self._part.data += data[start:end]

    def _end(self) -> None:
        name, filename, data = self._part.name, self._part.filename, bytes(self._part.data)
        if len(name) > MAX_NAME:
            return
        if filename is not None:
            if filename:  # else no file was chosen
                self._files.append(SentFile(name, filename[-MAX_FILE_NAME:], data))
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise BadRequest(_("The form is not written in UTF-8."), code="not_utf8") from None
        self._texts.append((name, text))
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise _make_too_large()


def _decode(options: Mapping[bytes, bytes], name: bytes) -> str:
    return options.get(name, b"").decode(errors="replace")


def _make_too_large() -> TooLarge:
    return TooLarge(
        _(
            "A form may have %(limit)s characters at most. Go back to it, shorten the texts and send it again.",
            limit=MAX_CHARACTERS,
        )
    )


def make_files_too_large(most: int) -> TooLarge:
    """Say it in the words of who chose files in a form; Back shows that as it was."""
    return TooLarge(
        _(
            "Files that are sent at once may have %(megabytes)d MB together. Go back: what you typed is still in the "
            "form. Choose fewer of them, or smaller ones.",
            megabytes=most // 1_000_000,
        )
    )
