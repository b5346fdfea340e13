"""Command line `kalendarium …`: services and operator commands.

An operator's error is one line and a non-zero exit code, never a traceback. Commands that were renamed keep their old
name as a hidden alias.
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

from deploy.local.probes import probe_http
from services.admin.cli.accounts import account, key
from services.admin.cli.backup import backup, restore
from services.admin.cli.dead_letters import dead_letters
from services.admin.cli.doctor import doctor
from services.admin.cli.jobs import jobs
from services.admin.cli.mail import mail
from services.admin.cli.person import person
from services.admin.cli.rebuild import rebuild
from services.admin.cli.region import region, submit_programme
from services.demo.cli import demonstrate_all_in_one, demonstrate_stack
from services.errors import describe_error
from services.runtime.server import create_server
from shared.observability.logging import configure_logging
from shared.settings import CommonSettings, read_settings

kalendarium = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
kalendarium.add_typer(account, name="account", help="User accounts.")
kalendarium.add_typer(key, name="key", help="API keys.")
kalendarium.add_typer(person, name="person", help="What becomes of a person who leaves.")
kalendarium.add_typer(region, name="region", help="The region pack.")
kalendarium.add_typer(mail, name="mail", help="The outbox: what was sent, what waits, and why.")
kalendarium.add_typer(jobs, name="jobs", help="Work that the services do later, and what became of it.")
kalendarium.add_typer(dead_letters, name="dead-letters", help="Records that a service could not read.")
kalendarium.add_typer(dead_letters, name="parked", hidden=True)
kalendarium.command()(backup)
kalendarium.command()(restore)
kalendarium.command()(rebuild)
kalendarium.command()(doctor)


def main() -> None:
    try:
        kalendarium()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        line = describe_error(error)
        if line is None:
            raise
        sys.stderr.write(f"{line}\n")
        sys.exit(1)


def _serve(settings: CommonSettings, create: Callable[[], ASGIApp], *, name: str) -> None:
    configure_logging(level=settings.log_level, style=settings.log_format)
    running = create_server(create(), settings, name=name, alone=True)
    running.run()
    if not running.started:
        sys.exit(1)


@kalendarium.command()
def ingest() -> None:
    """Run ingest: submissions (port 8001)."""
    from services.ingest.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="ingest")


@kalendarium.command()
def calendar() -> None:
    """Run calendar: review and publication (port 8002)."""
    from services.calendar.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="calendar")


@kalendarium.command()
def distribution() -> None:
    """Run distribution: public pages, feeds and API (port 8003)."""
    from services.distribution.app import Settings, create_app  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(Settings)
    _serve(settings, lambda: create_app(settings), name="distribution")


@kalendarium.command("all-in-one")
@kalendarium.command("together", hidden=True)
def run_all_in_one() -> None:
    """Run the three services in one process (port 8000); without Kafka the event log is embedded in MongoDB."""
    from services.runtime.all_in_one import AllInOne  # noqa: PLC0415 - each service runs without the others

    settings = read_settings(CommonSettings)
    _serve(settings, lambda: AllInOne(settings), name="Kalendarium")


@kalendarium.command()
def demo(*, once: Annotated[bool, typer.Option(help="Print the result and exit.")] = False) -> None:
    """Demonstrate the workflow in one process, with the region's programme; starts a MongoDB if none is set."""
    demonstrate_all_in_one(Path("var"), once=once, screen=Console())


@kalendarium.command()
def stack(
    *,
    demo: Annotated[bool, typer.Option(help="Demonstrate the workflow with the region's programme.")] = False,
    once: Annotated[bool, typer.Option(help="Print the result and exit.")] = False,
) -> None:
    """Run Kafka, MongoDB and one process per service, without Docker; Ctrl-C stops them."""
    demonstrate_stack(Path("var"), demo=demo, once=once, screen=Console())


@kalendarium.command("import-programme")
def import_programme(
    *,
    logins: Annotated[Path, typer.Option(help="Addresses and API keys, in the demo's format.")] = Path("var/demo.json"),
    year: Annotated[int | None, typer.Option(help="The year; next year by default.")] = None,
) -> None:
    """Submit the region pack's programme for a year through ingest's API, as each organisation."""
    settings = read_settings(CommonSettings)
    submit_programme(settings.region, logins, year=year, screen=Console())


@kalendarium.command("probe")
@kalendarium.command("healthy", hidden=True)
def probe(port: Annotated[int, typer.Argument(help="The service's port.")]) -> None:
    """Probe the readiness of the service on a port; exit code 0 if it is ready, else 1."""
    sys.exit(0 if probe_http(f"http://127.0.0.1:{port}/readyz") else 1)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
