"""Forms with files: read in memory, within bounds, whatever stands in them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from shared.web.forms import MAX_CHARACTERS, MAX_FIELDS
from shared.web.multipart import FormWithFiles, SentFile, read_form_with_files
from shared.web.problems import BadRequest, TooLarge

BOUNDARY = b"grenze"


def write(*parts: tuple[str, str | None, bytes]) -> bytes:
    body = b""
    for name, filename, data in parts:
        file = f'; filename="{filename}"' if filename is not None else ""
        body += b"--%s\r\nContent-Disposition: form-data; " % BOUNDARY + f'name="{name}"{file}'.encode()
        body += b"\r\n\r\n" + data + b"\r\n"
    return body + b"--%s--\r\n" % BOUNDARY


async def read(
    body: bytes, *, most: int = 1_000, keep: bool = True, size: int = 7, kind: bytes | None = None
) -> FormWithFiles:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]

    async def receive() -> Message:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    content_type = kind or b"multipart/form-data; boundary=" + BOUNDARY
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", content_type)]}
    return await read_form_with_files(Request(scope, receive), most=most, keep=keep)


async def test_texts_and_files_are_parted() -> None:
    body = write(
        ("title.pl", None, "Żagle\r\nnowe".encode()), ("picture", "żagle.jpg", b"\xff\xd8\r\n--gre"), ("a", "", b"")
    )

    found = await read(body)

    assert found.form.multi_items() == [("title.pl", "Żagle\r\nnowe")]
    assert found.files == (SentFile("picture", "żagle.jpg", b"\xff\xd8\r\n--gre"),)


async def test_bytes_of_files_are_bounded_together_and_not_kept_where_there_is_no_room() -> None:
    body = write(("picture", "a", bytes(600)), ("title.pl", None, b"x"), ("picture", "b", bytes(600)))

    with pytest.raises(TooLarge):
        await read(body)
    found = await read(body, most=1_200, keep=False)

    assert [each.data for each in found.files] == [b"", b""]
    assert found.form["title.pl"] == "x"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (write(*(("a", None, b""),) * (MAX_FIELDS + 1)), BadRequest),
        (write(("a", None, b"x" * (MAX_CHARACTERS + 1))), TooLarge),
        (write(("a", None, b"\xff")), BadRequest),
        (write(("a" * 5_000, None, b"x")), BadRequest),
        (b"nothing of the kind", BadRequest),
    ],
)
async def test_what_is_too_much_or_no_form_is_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        await read(body, size=65_536)


@pytest.mark.parametrize(
    "kind", [b"multipart/form-data", b"multipart/form-data; boundary=" + b"x" * 5_000, b"text/plain"]
)
async def test_a_form_without_a_boundary_is_refused(kind: bytes) -> None:
    with pytest.raises(BadRequest):
        await read(write(("a", None, b"x")), kind=kind)


@given(body=st.binary(max_size=300), size=st.integers(1, 50))
async def test_whatever_comes_is_read_or_refused(body: bytes, size: int) -> None:
    for each in (body, write(("a", "b", body)), b"--grenze\r\n" + body):
        try:
            await read(each, size=size)
        except BadRequest:
            continue


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=5), size=st.integers(1, 40)
)
async def test_what_is_written_is_read(texts: Sequence[str], size: int) -> None:
    found = await read(write(*(("a", None, each.encode()) for each in texts)), size=size)

    assert found.form.getlist("a") == list(texts)
