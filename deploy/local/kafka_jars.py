"""Apache Kafka's jars: taken from Maven's repository once, by the coordinates in ``deploy/kafka/pom.xml``."""

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

from deploy.local.cannot_start import CannotStart
from deploy.local.folders import writable_folder
from deploy.local.java import find_java

ROOT = Path(__file__).resolve().parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
JARS = ROOT / "var" / "kafka" / "libs"
NEEDS_MB = 100
DOWNLOAD_SECONDS = 600


class MavenNotFound(CannotStart):
    """There is no ``mvn`` to fetch Kafka's jars with."""

    def __init__(self) -> None:
        super().__init__("No Maven found to fetch Kafka with: on Debian and Ubuntu run apt-get install maven.")


class JarsNotFetched(CannotStart):
    """Maven could not fetch Kafka's jars."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Maven could not fetch Kafka's jars: {reason}")


def kafka_jars(folder: Path = JARS, *, path: str | None = None) -> Path:
    """``folder`` with Kafka's jars in it, fetched if they are missing or of another release than the POM names.

    Maven and a Java for it are looked for on the ``path`` (PATH if not given). Of several processes that ask at
    once, one fetches and the others wait for it.

    Raises:
        CannotStart: there is no Java or Maven, the fetching failed, or the folder cannot be written.
    """
    wanted = hashlib.sha256(POM.read_bytes()).hexdigest()
    if not _are_there(folder, wanted):
        writable_folder(folder.parent, needs_mb=NEEDS_MB)
        with _locked(folder.with_suffix(".lock")):
            if not _are_there(folder, wanted):
                _fetch(folder, wanted, path)
    return folder


def _are_there(folder: Path, wanted: str) -> bool:
    made_from = folder / "pom.sha256"
    return made_from.is_file() and made_from.read_text() == wanted


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, wanted: str, path: str | None) -> None:
    """Fetch beside ``folder`` and move into place when complete: half a download is never taken for the jars."""
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
    print("Fetching Apache Kafka's jars (43 MB, once) …", file=sys.stderr)  # noqa: T201 - a wait of many seconds, explained
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    environment = {"JAVA_HOME": str(java.resolve().parents[1])} | os.environ
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS, env=environment
        )
    except subprocess.TimeoutExpired as late:
        raise JarsNotFetched(f"not done after {DOWNLOAD_SECONDS} s") from late
    if run.returncode != 0:
        raise JarsNotFetched(next(iter((run.stdout + run.stderr).strip().splitlines()), f"code {run.returncode}"))


if __name__ == "__main__":
    try:
        kafka_jars()
    except CannotStart as error:
        sys.exit(str(error))
