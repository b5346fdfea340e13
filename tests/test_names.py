"""One name, one meaning: a type stands in one module, a file once in its package, or in those where it is the same."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
FOLDERS = ("services", "shared", "deploy")
SAME: Final[Mapping[str, str]] = {
    "HistoryEntry": "a line of a history, of a submission and of an entry",
    "OrganiserAnswer": "a schema of two APIs",
    "ReviewAnswer": "a schema of two APIs",
    "Settings": "the settings of a service",
    "State": "the application state of a service",
    "Vocabulary": "the region's codes that a request may name",
}
"""What stands in several modules, and is the same thing in each."""


def classes(source: str) -> Iterable[str]:
    return (node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef))


def modules_by_type() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in classes(path.read_text(encoding="utf-8")):
                found[name].append(str(path.relative_to(ROOT)))
    return found


def test_no_type_name_stands_in_two_modules() -> None:
    twice = {name: places for name, places in modules_by_type().items() if len(places) > 1}

    assert {name: places for name, places in twice.items() if name not in SAME} == {}


def test_a_name_that_is_listed_as_the_same_thing_stands_in_several_modules() -> None:
    found = modules_by_type()

    assert [name for name in SAME if len(found[name]) < 2] == []


def test_a_type_inside_another_does_not_count() -> None:
    assert list(classes("class Outer:\n    class Inner: ...\nclass Other: ...")) == ["Outer", "Other"]


FIXED: Final = frozenset(
    [
        "__init__",
        "api",
        "cli",
        "commands",
        "consumer",
        "documents",
        "erasure",
        "errors",
        "model",
        "pages",
        "problems",
        "repository",
        "schemas",
        "serializers",
        "settings",
        "view",
    ]
)
"""Files that do the same in every room."""
SAME_NAMES: Final[Mapping[str, str]] = {
    "services/admin/cli": "files are named after their command",
    "shared/eventlog/kafka": "an adapter has the parts of the port",
    "shared/eventlog/mongo": "an adapter has the parts of the port",
}
"""Folders whose files may be named like others of the package."""


def test_no_file_name_stands_twice_in_a_package() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = path.relative_to(ROOT)
            if path.stem not in FIXED and str(place.parent) not in SAME_NAMES:
                found["/".join([*place.parts[:2], path.name])].append(str(place))

    assert {name: places for name, places in found.items() if len(places) > 1} == {}
