"""What docker-compose.yml and the image it builds say, read as Docker would read it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.running import ROOT

SERVICES: Final = ("ingest", "calendar", "distribution")
DOCKERFILE: Final = ROOT / "deploy" / "Dockerfile"
COMPOSE: Final = ROOT / "docker-compose.yml"


def read_compose() -> dict[str, Any]:
    """Read the file, with the defaults of its variables filled in."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE.read_text(encoding="utf-8"))
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@dataclass(frozen=True)
class Image:
    """The image: what is copied into it, its environment, who it runs as, and the program that it begins with."""

    copied: tuple[tuple[str, str], ...]
    environment: dict[str, str]
    user: str
    entrypoint: list[str]
    commands: tuple[str, ...]

    def unpack(self, folder: Path) -> Path:
        """Copy into a folder what the image has in its working directory."""
        for source, target in self.copied:
            there = ROOT / source
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            if there.is_dir():
                shutil.copytree(there, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(there, folder / target)
        return folder


def read_image() -> Image:
    """Read the Dockerfile."""
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text(encoding="utf-8")).splitlines()
    orders = [tuple(line.split(maxsplit=1)) for line in lines if line and not line.startswith("#")]
    said: dict[str, list[str]] = {}
    for name, rest in orders:
        said.setdefault(name, []).append(rest)
    return Image(
        copied=tuple(_copied([rest for rest in said["COPY"] if not rest.startswith("--from")])),
        environment=dict(pair.split("=", maxsplit=1) for rest in said["ENV"] for pair in rest.split()),
        user=said["USER"][-1],
        entrypoint=yaml.safe_load(said["ENTRYPOINT"][-1]),
        commands=tuple(said["RUN"]),
    )


def _copied(lines: list[str]) -> list[tuple[str, str]]:
    """Each source with its target, both relative."""
    pairs = []
    for line in lines:
        *sources, target = line.split()
        pairs += [(source, str(Path(target, source) if target.endswith("/") else Path(target))) for source in sources]
    return pairs
