"""A backup file is whole or refused: nothing between."""

from __future__ import annotations

import io
import lzma
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import bson
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admin.backup.container import pack, unpack, verify
from services.admin.backup.manifest import FORMAT, BackupRefused, read_manifest
from tests.services.admin.backup.packing import SOME, packed, packed_as, part_of, unpacked

FILE = packed()
DOCUMENTS = st.dictionaries(
    st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=8),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.text(st.characters(blacklist_categories=["Cs"]), max_size=20),
        st.binary(max_size=20),
    ),
    max_size=4,
)


def refusal(file: bytes) -> str:
    with pytest.raises(BackupRefused) as refused:
        verify(io.BytesIO(file))
    return str(refused.value)


@given(st.dictionaries(st.sampled_from(sorted(SOME)), st.lists(DOCUMENTS, max_size=5), max_size=3))
def test_what_was_packed_is_unpacked(collections: dict[str, list[dict[str, Any]]]) -> None:
    file = packed(collections)

    manifest = verify(io.BytesIO(file))

    assert manifest.documents == sum(map(len, collections.values()))
    assert unpacked(file) == collections


@given(st.integers(1, len(FILE) - 1))
def test_cut_off_anywhere_it_is_refused(end: int) -> None:
    assert refusal(FILE[:end]) == "The backup is damaged: it is cut off. Take another copy of it; nothing was changed."


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_with_any_byte_changed_it_is_refused(place: int, bits: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= bits

    assert "\n" not in refusal(bytes(changed))


@given(st.binary(min_size=1, max_size=50))
def test_with_anything_added_it_is_refused(added: bytes) -> None:
    assert "something was added to its end" in refusal(FILE + added)


@given(st.binary(min_size=1, max_size=200))
def test_anything_else_is_refused(file: bytes) -> None:
    assert refusal(file)


def test_empty_file_is_told_as_one() -> None:
    assert refusal(b"") == "The file is empty."


@pytest.mark.parametrize("file", [b"PK\x03\x04 a zip", b"\x1f\x8b\x08 gzip", b"{}"])
def test_foreign_file_is_told_as_one(file: bytes) -> None:
    assert "not a backup of Kalendarium" in refusal(file)


def test_compressed_text_is_refused() -> None:
    assert "it cannot be unpacked" in refusal(lzma.compress(b"a text"))


def test_archive_of_something_else_is_told_as_one() -> None:
    out = io.BytesIO()
    with lzma.open(out, "wb") as packing, tarfile.open(fileobj=packing, mode="w|") as archive:
        archive.addfile(tarfile.TarInfo("README.md"), io.BytesIO(b""))

    assert "not a backup of Kalendarium" in refusal(out.getvalue())


def test_file_of_a_later_format_is_refused_by_name() -> None:
    assert refusal(packed(version=2, product="0.9.0")) == (
        "The backup is of format version 2, written by Kalendarium 0.9.0; this release reads version 1. "
        "Restore it with the release that wrote it."
    )


def test_later_format_is_told_whatever_else_it_holds() -> None:
    raw = msgspec.json.encode({"format": FORMAT, "version": 7, "chapters": []})

    with pytest.raises(BackupRefused, match="format version 7, written by Kalendarium unknown"):
        read_manifest(raw)


@pytest.mark.parametrize("changes", [{"documents": 4}, {"bytes": 1}])
def test_manifest_that_does_not_add_up_is_refused(changes: dict[str, Any]) -> None:
    assert "does not add up" in refusal(packed(**changes))


def test_part_that_is_not_what_the_manifest_says_is_refused() -> None:
    manifest = verify(io.BytesIO(FILE))
    other = [b"".join(map(bson.encode, SOME[name])) for name in SOME]
    other[0] = other[0].replace(b"anna", b"jana")

    assert "accounts/accounts.bson is not what was written" in refusal(packed_as(manifest, *other))


def test_document_that_is_cut_off_is_refused() -> None:
    content = bson.encode({"_id": "1"})[:-3]
    manifest = verify(io.BytesIO(packed({})))
    part = part_of("ingest/submissions", content, 1)
    manifest = msgspec.structs.replace(manifest, parts=(part,), documents=1, bytes=len(content))

    assert "a document is cut off" in refusal(packed_as(manifest, content))


def test_standard_tools_read_it(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.xz"
    file.write_bytes(FILE)

    subprocess.run(["tar", "-xJf", file, "-C", tmp_path], check=True)  # noqa: S603, S607 - the tool that operators have

    assert read_manifest((tmp_path / "manifest.json").read_bytes()) == verify(io.BytesIO(FILE))
    assert bson.decode_all((tmp_path / "ingest" / "submissions.bson").read_bytes()) == SOME["ingest/submissions"]


def test_same_content_gives_the_same_bytes() -> None:
    assert packed() == packed()


def test_packing_takes_exactly_one_content_a_part() -> None:
    manifest = verify(io.BytesIO(FILE))

    with pytest.raises(ValueError, match="shorter"):
        pack(io.BytesIO(), manifest, [], modified=0)


def test_unpacking_what_changed_since_it_was_verified_is_refused() -> None:
    with pytest.raises(BackupRefused):
        list(unpack(io.BytesIO(FILE[:-20])))
