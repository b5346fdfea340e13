"""Download of Kafka's jars through Maven, once, by the coordinates in ``deploy/kafka/pom.xml``."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import StartError
from deploy.local.folders import ensure_writable_folder
from deploy.local.java import find_java

ROOT = Path(__file__).resolve().parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
JARS = ROOT / "var" / "kafka" / "libs"
NEEDED_MB = 100
DOWNLOAD_SECONDS = 600


class MavenNotFound(StartError):
    def __init__(self) -> None:
        super().__init__("No Maven found to fetch Kafka with: on Debian and Ubuntu run apt-get install maven.")


class DownloadFailed(StartError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Maven could not fetch Kafka's jars: {reason}")


def ensure_kafka_jars(folder: Path = JARS, *, path: str | None = None) -> Path:
    """Download the jars unless those of the POM's release are there; raises StartError.

    A file lock makes concurrent callers wait for one download.
    """
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    if not _are_current(folder, wanted):
        ensure_writable_folder(folder.parent, needs_mb=NEEDED_MB)
        with _lock(folder.with_suffix(".lock")):
            if not _are_current(folder, wanted):
                _download(folder, wanted, path)
    return folder


def _are_current(folder: Path, wanted: str) -> bool:
    made_from = folder / "pom.sha256"
    return made_from.is_file() and made_from.read_text() == wanted


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(folder: Path, wanted: str, path: str | None) -> None:
    # Renamed at the end, so that an interrupted download is never used.
    coming = folder.with_suffix(".coming")
    shutil.rmtree(coming, ignore_errors=True)
    _run_maven(coming, path)
    (coming / "pom.sha256").write_text(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    coming.rename(folder)


def _run_maven(folder: Path, path: str | None) -> None:
    java = find_java(path=path)
    maven = shutil.which("mvn", path=path)
    if maven is None:
        raise MavenNotFound
    print("Fetching Apache Kafka's jars (43 MB, once) …", file=sys.stderr)  # noqa: T201 - explains a wait of many seconds
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    environment = {"JAVA_HOME": str(java.resolve().parents[1])} | os.environ
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS, env=environment
        )
    except subprocess.TimeoutExpired as late:
        raise DownloadFailed(f"not done after {DOWNLOAD_SECONDS} s") from late
    if run.returncode != 0:
        raise DownloadFailed(next(iter((run.stdout + run.stderr).strip().splitlines()), f"code {run.returncode}"))


if __name__ == "__main__":
    try:
        ensure_kafka_jars()
    except StartError as error:
        sys.exit(str(error))
