from pathlib import Path

import pytest

from deploy.local.errors import DiskFull, NotWritable
from deploy.local.folders import ensure_writable_folder


def test_missing_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = ensure_writable_folder(tmp_path / "var" / "mongo")

    assert list(folder.iterdir()) == []


def test_disk_with_too_little_room_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DiskFull) as refusal:
        ensure_writable_folder(tmp_path, needs_mb=10**12)

    assert str(refusal.value) == (
        f"The disk under {tmp_path} is full: 1000000000000 MB of free space is needed, so delete something there."
    )


def test_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    with pytest.raises(NotWritable) as refusal:
        ensure_writable_folder(tmp_path / "var" / "mongo")

    assert str(refusal.value) == f"Cannot write to {tmp_path / 'var' / 'mongo'}: Not a directory."
