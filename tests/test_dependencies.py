"""Dependencies: what pyproject.toml names is imported, or has a reason to be there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import files, packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DISTRIBUTIONS = packages_distributions()
PRODUCT = ("services", "shared", "deploy")
DEVELOPMENT = ("bench", "docs", "faults", "tests", "deploy")
NOT_IMPORTED = {
    "httptools": "uvicorn's parser of HTTP, which shared/web/middleware/connection.py extends",
    "python-multipart": "FastAPI reads forms with it",
    "tzdata": "zoneinfo's data where the system has none",
}
COMMANDS = {"cyclonedx-bom", "mypy", "pip-audit", "pip-licenses", "ruff", "uv"}
PLUGINS = {"pytest-asyncio", "pytest-timeout", "pytest-xdist", "types-pyyaml"}


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[\[<>=;! ]", each, maxsplit=1)[0].lower() for each in requirements]


def imported_by(folders: tuple[str, ...]) -> set[str]:
    """Distributions by their normalized names."""
    modules = {module for folder in folders for file in (ROOT / folder).rglob("*.py") for module in modules_of(file)}
    return {re.sub(r"[-_.]+", "-", each).lower() for module in modules for each in distributions_of(module)}


def modules_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def distributions_of(module: str) -> list[str]:
    """The distributions that hold a module; several share a namespace such as ``opentelemetry``."""
    found = DISTRIBUTIONS.get(module.partition(".")[0], ())
    return [each for each in found if len(found) == 1 or holds(each, module)]


@cache
def holds(distribution: str, module: str) -> bool:
    path = module.replace(".", "/")
    return any(str(file) in {f"{path}.py", f"{path}/__init__.py"} for file in files(distribution) or ())


def test_every_dependency_of_the_product_is_imported_by_it() -> None:
    imported = imported_by(PRODUCT)

    assert [name for name in names(PROJECT["project"]["dependencies"]) if name not in {*imported, *NOT_IMPORTED}] == []


def test_every_development_tool_is_imported_or_run() -> None:
    imported = imported_by(DEVELOPMENT)

    assert [
        name for name in names(PROJECT["dependency-groups"]["dev"]) if name not in {*imported, *COMMANDS, *PLUGINS}
    ] == []
