"""schema.org's vocabulary as a judge: Google's types of it, checked by TypeScript's compiler."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.support.left_out import leave_out

ROOT: Final = Path(__file__).parents[2]
COMPILER: Final = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
VOCABULARY: Final = ROOT / "node_modules" / "schema-dts"
SETTINGS: Final = {
    "compilerOptions": {
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
        "paths": {"schema-dts": [str(VOCABULARY)]},
    },
    "files": ["things.ts"],
}


def judge(folder: Path, things: Iterable[dict[str, Any]]) -> list[str]:
    """Give what is no property, value or type of schema.org in some things, a line each."""
    node = shutil.which("node")
    if node is None or not COMPILER.is_file() or not VOCABULARY.is_dir():
        leave_out("node", "schema.org's types: apt-get install nodejs npm, then npm ci.")
    written = [_declared(number, thing) for number, thing in enumerate(things)]
    (folder / "things.ts").write_text("\n".join(["import type * as s from 'schema-dts';", *written]), encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    command = [node, str(COMPILER), "-p", str(folder), "--pretty", "false"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603 - a compiler
    return done.stdout.splitlines()


def _declared(number: int, thing: dict[str, Any]) -> str:
    return f"export const thing{number}: s.WithContext<s.{thing['@type']}> = {json.dumps(thing)};"
