"""Other people's judges of API documents, run in Node; what they find, by document."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.left_out import leave_out

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tests" / "documents" / "judge.mjs"
PACKAGES: Final = ("@stoplight/spectral-core", "@redocly/openapi-core", "@asyncapi/parser")
Finding = Mapping[str, str]


def judge(kind: str, *files: Path) -> dict[Path, list[Finding]]:
    """Let the judges of ``openapi`` or ``asyncapi`` read files, and give what each of them finds wrong."""
    node = shutil.which("node")
    if node is None or not all((ROOT / "node_modules" / each).is_dir() for each in PACKAGES):
        leave_out("node", "the judges of API documents: apt-get install nodejs npm, then npm ci.")
    command = [node, str(SCRIPT), kind, *(str(file) for file in files)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own script
    found: dict[str, list[Finding]] = json.loads(done.stdout)
    return {Path(file): findings for file, findings in found.items()}


def written(folder: Path, name: str, document: Mapping[str, Any]) -> Path:
    """Write a document as JSON, which is YAML too."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
