"""Who may import whom: three services that do not touch, on one ground floor that knows none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("ingest", "calendar", "distribution")
PURE_FILES = {
    "arrival",
    "content",
    "dates",
    "feed_index",
    "diff",
    "edition_numbers",
    "field_errors",
    "field_types",
    "feasts",
    "fields",
    "history",
    "indexed_event",
    "model",
    "months",
    "publication",
    "selection",
    "shift",
    "text",
}
"""The rules of the trade: the same name is the same job in every package."""
PURE_ROOMS = {"formats", "form", "presentation"}
WEBLESS_FILES = {"commands", "model", "repository"}
"""They raise errors of their room; ``problems.py`` says how these are answered."""
EDGES = ("api", "pages", "consumer", "repository", "app", "state")
IO = ("pymongo", "bson", "aiokafka", "fastapi", "starlette", "httpx", "uvicorn", "asyncio", "socket", "os", "time")
FILES = sorted(
    path.relative_to(ROOT) for folder in ("services", "shared", "deploy") for path in (ROOT / folder).rglob("*.py")
)


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def of_service(path: Path) -> tuple[str, str] | None:
    """The service a file belongs to, and its room there: ``("calendar", "entry")``."""
    if path.parts[0] != "services" or len(path.parts) < 3 or path.parts[1] not in SERVICES:
        return None
    return path.parts[1], path.parts[2].removesuffix(".py")


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "shared"], ids=str)
def test_shared_knows_no_service(path: Path) -> None:
    upwards = [name for name in imports(path) if is_below(name, ("services", "deploy"))]

    assert upwards == []


@pytest.mark.parametrize("path", [path for path in FILES if of_service(path)], ids=str)
def test_services_know_each_other_only_through_messages(path: Path) -> None:
    service, _ = of_service(path) or ("", "")
    others = tuple(f"services.{other}" for other in SERVICES if other != service)

    assert [name for name in imports(path) if is_below(name, others)] == []


def is_pure(path: Path) -> bool:
    return path.stem in PURE_FILES or path.parts[-2] in PURE_ROOMS


PURE = [path for path in FILES if of_service(path) and is_pure(path)]


@pytest.mark.parametrize("path", PURE, ids=str)
def test_rules_are_pure(path: Path) -> None:
    source = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    above = [name for name in imports(path) if name.startswith("services.") and name.rpartition(".")[2] in EDGES]

    assert [name for name in imports(path) if is_below(name, (*IO, "shared.database", "shared.settings"))] == []
    assert above == []
    assert [node for node in ast.walk(source) if isinstance(node, ast.AsyncFunctionDef | ast.Await)] == []


@pytest.mark.parametrize("path", [path for path in FILES if of_service(path) and path.stem in WEBLESS_FILES], ids=str)
def test_commands_and_storage_do_not_know_the_web(path: Path) -> None:
    assert [name for name in imports(path) if is_below(name, ("shared.web",))] == []


def test_rooms_do_not_need_each_other() -> None:
    """A room is a package; a file next to rooms, such as ``app.py``, stands for itself."""
    modules = {module(path): path for path in FILES}
    packages = {name if path.stem == "__init__" else name.rpartition(".")[0] for name, path in modules.items()}
    with_rooms = {package.rpartition(".")[0] for package in packages}

    def room(name: str) -> str:
        package = name if name in packages else name.rpartition(".")[0]
        return name if package in with_rooms else package

    needs: dict[str, set[str]] = {}
    for name, path in modules.items():
        needed = {room(each) for each in imports(path) if each in modules}
        needs.setdefault(room(name), set()).update(needed - {room(name)})

    assert list(TopologicalSorter(needs).static_order()), "a CycleError says which rooms need each other"


def test_the_event_log_and_accounts_do_not_know_the_web() -> None:
    crossing = {
        module(path): name
        for path in FILES
        for one, other in (("eventlog", "shared.web"), ("accounts", "shared.web"), ("web", "shared.eventlog"))
        if path.parts[:2] == ("shared", one)
        for name in imports(path)
        if is_below(name, (other,))
    }

    assert crossing == {}


@pytest.mark.parametrize(
    ("library", "only"),
    [("aiokafka", "shared/eventlog/kafka"), ("pymongo", "shared/database"), ("bson", "shared/database")],
)
def test_a_client_is_imported_in_one_place(library: str, only: str) -> None:
    # The starters of local servers speak to a server before there is a service.
    elsewhere = [
        str(path)
        for path in FILES
        if not str(path).startswith((only, "deploy/local"))
        for name in imports(path)
        if is_below(name, (library,))
    ]

    assert elsewhere == []
