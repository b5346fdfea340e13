"""`kalendarium doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from services.admin.doctor.findings import Finding, broken, find_worst, ok, render_json, render_text
from services.admin.doctor.services import ServiceAddresses
from shared.observability.logging import configure_logging
from shared.settings import CommonSettings, SettingsBroken, read_settings

Address = Annotated[str | None, typer.Option(help="Where to ask it, if not at its address for people.")]


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings for a program.")] = False,
    ingest: Address = None,
    calendar: Address = None,
    distribution: Address = None,
) -> None:
    """Look at the whole installation, change nothing, and say what to do; exit code 0 well, 1 look at it, 2 broken."""
    asked = {"ingest": ingest, "calendar": calendar, "distribution": distribution}
    found = _run_checks({name: address.rstrip("/") for name, address in asked.items() if address})
    typer.echo(render_json(found).decode() if as_json else "\n".join(render_text(found)))
    raise typer.Exit(find_worst(found))


def _run_checks(asked: dict[str, str]) -> Sequence[Finding]:
    configure_logging(level="error", style="console")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says of an outage is said by us
    try:
        settings = read_settings(CommonSettings)
    except SettingsBroken as error:
        do = "Correct it; README.md lists all settings, and no service starts before."
        return [broken("settings", line, do) for line in str(error).splitlines()]
    people = {
        "ingest": settings.ingest_url,
        "calendar": settings.calendar_url,
        "distribution": settings.public_url,
    }
    from services.admin.doctor.examination import examine  # noqa: PLC0415 - services start by this program too, without it

    return [ok("settings", "They can be used."), *asyncio.run(examine(settings, ServiceAddresses(**people | asked)))]
