import os
import socket
from pathlib import Path

import pytest

from deploy.local.errors import PortTaken
from deploy.local.mongod import WHEEL_PATH, MongodNotFound, create_mongod, find_mongod
from deploy.local.ports import LOOPBACK


def make_program(file: Path, *, mode: int) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(mode)
    return file


def test_mongod_on_the_path_comes_first(tmp_path: Path) -> None:
    on_path = make_program(tmp_path / "bin" / "mongod", mode=0o755)
    make_program(tmp_path / "packages" / WHEEL_PATH, mode=0o755)

    assert find_mongod(path=str(tmp_path / "bin"), packages=tmp_path / "packages") == on_path


def test_mongod_of_the_wheel_is_made_executable(tmp_path: Path) -> None:
    in_wheel = make_program(tmp_path / WHEEL_PATH, mode=0o644)

    assert find_mongod(path=str(tmp_path), packages=tmp_path) == in_wheel
    assert os.access(in_wheel, os.X_OK)


def test_missing_mongod_is_one_line_that_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MongodNotFound) as absence:
        find_mongod(path=str(tmp_path), packages=tmp_path)

    assert str(absence.value) == (
        "No mongod found: run pip install --no-deps --require-hashes -r deploy/local/mongod.lock"
        " (Linux on x86-64, macOS), or install MongoDB, or set KAL_MONGO_URL to a replica set."
    )


def test_mongod_is_refused_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server, pytest.raises(PortTaken, match="wanted for mongod, is taken"):
        create_mongod(tmp_path, port=server.getsockname()[1], replica_set="test")
