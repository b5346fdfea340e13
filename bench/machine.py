"""Environment of a measurement: the machine, the day, and the versions of the software."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

from bench.load import name_load_tool
from deploy.local.kafka_jars import POM
from deploy.local.mongod import find_mongod

PACKAGES = ("uvicorn", "uvloop", "httptools", "fastapi", "pydantic", "msgspec", "icalendar", "pymongo", "aiokafka")
_MAVEN = {"maven": "http://maven.apache.org/POM/4.0.0"}


def describe() -> Mapping[str, str]:
    return {
        "machine": f"{_read_processor()}, {os.cpu_count()} cores, {_read_memory()}, "
        f"{platform.system()} {platform.release()}",
        "load average before": ", ".join(f"{each:.1f}" for each in os.getloadavg()),
        "date": datetime.now(UTC).date().isoformat(),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "servers": f"MongoDB {_read_mongod_version()}, Apache Kafka {_read_kafka_version()}",
        "load by": name_load_tool(),
    }


def _read_processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return " ".join(found[1].split()) if found else platform.machine()


def _read_memory() -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{gigabytes:.0f} GB"


def _read_mongod_version() -> str:
    said = subprocess.run([find_mongod(), "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - the one we start
    found = re.search(r"db version v(\S+)", said.stdout)
    return found[1] if found else "of an unknown version"


def _read_kafka_version() -> str:
    if shutil.which("java") is None:
        return "not there"
    found = ET.parse(POM).find(".//maven:dependency/maven:version", _MAVEN)  # noqa: S314 - our own file
    return str(found.text) if found is not None else "of an unknown version"
