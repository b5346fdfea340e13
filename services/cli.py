"""`kalendarium …`: runs the services, and does what an operator does by hand.

Everything that can go wrong at a start is told in one line and a non-zero exit, never in a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from starlette.types import ASGIApp

from deploy.local.answers import says_ok
from services.commands.accounts import account, key
from services.commands.backup import backup, restore
from services.commands.demonstrate import demonstrate_stack, demonstrate_together
from services.commands.doctor import doctor
from services.commands.parked import parked
from services.commands.rebuild import rebuild
from services.commands.region import put_programme, region
from services.failures import in_one_line
from services.running import server
from shared.settings import CommonSettings, read_settings
from shared.telemetry import open_logs

kalendarium = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
kalendarium.add_typer(account, name="account", help="People and programs that may come in.")
kalendarium.add_typer(key, name="key", help="API keys.")
kalendarium.add_typer(region, name="region", help="The region pack.")
kalendarium.add_typer(parked, name="parked", help="Records that a service could not read.")
kalendarium.command()(backup)
kalendarium.command()(restore)
kalendarium.command()(rebuild)
kalendarium.command()(doctor)


def main() -> None:
    """Run a command; exit 1 with one line where something is not as it must be."""
    try:
        kalendarium()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        line = in_one_line(error)
        if line is None:
            raise
        sys.stderr.write(f"{line}\n")
        sys.exit(1)


def _serve(settings: CommonSettings, create: Callable[[], ASGIApp], *, name: str) -> None:
    open_logs(level=settings.log_level, style=settings.log_format)
    running = server(create(), settings, name=name)
    running.run()
    if not running.started:
        sys.exit(1)


@kalendarium.command()
def ingest() -> None:
    """Take submissions in (port 8001)."""
    from services.ingest.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="ingest")


@kalendarium.command()
def calendar() -> None:
    """Decide what is public (port 8002)."""
    from services.calendar.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="calendar")


@kalendarium.command()
def distribution() -> None:
    """Serve everybody (port 8003)."""
    from services.distribution.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="distribution")


@kalendarium.command()
def together() -> None:
    """Run the three services in one process (port 8000); without Kafka the log is kept in MongoDB."""
    from services.together import Together  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(CommonSettings)
    _serve(settings, lambda: Together(settings), name="Kalendarium")


@kalendarium.command()
def demo(*, once: Annotated[bool, typer.Option(help="Show what came out and end.")] = False) -> None:
    """Show the whole way in one process, with the region's programme; starts its own MongoDB if none is given."""
    demonstrate_together(Path("var"), once=once, screen=Console())


@kalendarium.command()
def stack(
    *,
    demo: Annotated[bool, typer.Option(help="Put the region's programme through it.")] = False,
    once: Annotated[bool, typer.Option(help="Show what came out and end.")] = False,
) -> None:
    """Run real Kafka, MongoDB and one process a service, without Docker; Ctrl-C stops all of it."""
    demonstrate_stack(Path("var"), demo=demo, once=once, screen=Console())


@kalendarium.command("import-programme")
def import_programme(
    *,
    logins: Annotated[Path, typer.Option(help="Addresses and keys, as the demo writes them.")] = Path("var/demo.json"),
    year: Annotated[int | None, typer.Option(help="The year; the next one if not given.")] = None,
) -> None:
    """Put the region pack's programme into a year, through ingest's API, as each organisation."""
    settings = read_settings(CommonSettings)
    put_programme(settings.region, logins, year=year, screen=Console())


@kalendarium.command()
def healthy(port: Annotated[int, typer.Argument(help="A service's own port.")]) -> None:
    """Tell by the exit code whether the service on a port is ready."""
    sys.exit(0 if says_ok(f"http://127.0.0.1:{port}/readyz") else 1)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
