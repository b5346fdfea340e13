"""Who may import whom: three services that do not touch, on one ground floor that knows none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("ingest", "calendar", "distribution")
PURE = ("domain", "formats", "imports", "programme", "selection", "form")
EDGES = ("api", "pages", "consumer")
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
    """The service a file belongs to, and its room there: ``("calendar", "domain")``."""
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


@pytest.mark.parametrize("path", [path for path in FILES if (room := of_service(path)) and room[1] in PURE], ids=str)
def test_the_trade_is_pure(path: Path) -> None:
    source = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    service, _ = of_service(path) or ("", "")
    edges = tuple(f"services.{service}.{room}" for room in (*EDGES, "store", "app"))

    assert [name for name in imports(path) if is_below(name, (*IO, *edges, "shared.database", "shared.settings"))] == []
    assert [node for node in ast.walk(source) if isinstance(node, ast.AsyncFunctionDef | ast.Await)] == []


@pytest.mark.parametrize("path", [path for path in FILES if (room := of_service(path)) and room[1] in EDGES], ids=str)
def test_edges_do_not_call_each_other(path: Path) -> None:
    service, room = of_service(path) or ("", "")
    others = tuple(f"services.{service}.{edge}" for edge in (*EDGES, "app") if edge != room)

    assert [name for name in imports(path) if is_below(name, others)] == []


def test_the_event_log_and_the_web_do_not_know_each_other() -> None:
    crossing = {
        module(path): name
        for path in FILES
        for one, other in (("eventlog", "shared.web"), ("web", "shared.eventlog"))
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
