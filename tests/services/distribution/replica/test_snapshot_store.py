from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.distribution.replica.snapshot import InvalidSnapshot, LogPosition, build_programme, pack
from services.distribution.replica.snapshot_store import LEFTOVER_SECONDS, NAME, SnapshotStore
from tests.services.distribution.builders import make_message, make_programme
from tests.services.distribution.replica.test_snapshot import OURS, READING

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from services.distribution.replica.snapshot import pack
from services.distribution.replica.snapshot_store import SnapshotStore
from tests.services.distribution.builders import make_message, make_programme
from tests.services.distribution.replica.test_snapshot import OURS, READING

file = SnapshotStore(Path(sys.argv[1]))
programmes = [make_programme(make_message(f"e{n}", revision) for n in range(400)).copy() for revision in (1, 2)]
print("writing", flush=True)
while True:
    for programme in programmes:
        file.write(pack(OURS, READING, programme, datetime.now(UTC)))
"""


def pieces(count: int = 1, reading: LogPosition = READING) -> Iterator[bytes]:
    inventory = make_programme(make_message(f"e{number}") for number in range(count)).copy()
    return pack(OURS, reading, inventory, datetime.now(UTC))


def events(file: SnapshotStore) -> int:
    snapshot = file.read(OURS)
    assert snapshot is not None
    return len(build_programme(snapshot))


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = SnapshotStore(tmp_path / "made" / "on the way")

    assert file.read(OURS) is None
    written = [file.write(pieces(count)) for count in (1, 3)]

    assert (events(file), file.path.stat().st_size) == (3, written[1])
    assert [path.name for path in file.path.parent.iterdir()] == [NAME]


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()

    with pytest.raises(InvalidSnapshot, match="IsADirectoryError"):
        SnapshotStore(tmp_path).read(OURS)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()

    with pytest.raises(InvalidSnapshot, match="only the beginning"):
        SnapshotStore(tmp_path).read(OURS)


def test_a_disk_that_fills_up_while_writing_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    file = SnapshotStore(tmp_path)
    file.write(pieces(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    large = list(pieces(200))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.write(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert events(file) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        SnapshotStore(tmp_path / "file" / "folder").write(pieces())


def test_what_a_dead_process_left_long_ago_is_removed_and_what_another_writes_now_is_not(tmp_path: Path) -> None:
    old, new = tmp_path / f"{NAME}.old.part", tmp_path / f"{NAME}.new.part"
    for part in (old, new):
        part.write_bytes(b"half")
    long_ago = time.time() - LEFTOVER_SECONDS - 1
    os.utime(old, (long_ago, long_ago))

    SnapshotStore(tmp_path).write(pieces())

    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, new.name]


@pytest.mark.parametrize("milliseconds", [1, 3, 7, 15, 40])
def test_a_process_killed_while_writing_leaves_the_old_or_the_new_one(tmp_path: Path, milliseconds: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603 - this file's own
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        deadline = time.monotonic() + 60
        while not (tmp_path / NAME).exists():
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(milliseconds / 1000)
        writer.send_signal(signal.SIGKILL)

    snapshot = SnapshotStore(tmp_path).read(OURS)

    assert snapshot is not None
    assert {listing.revision for listing in build_programme(snapshot)} in ({1}, {2})
