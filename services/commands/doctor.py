"""`kalendarium doctor`: what is wrong with this installation, and what to do about it, in sentences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from services.doctor.findings import Finding, broken, in_json, in_lines, ok, worst
from services.doctor.services import Addresses
from shared.settings import CommonSettings, SettingsBroken, read_settings
from shared.telemetry import open_logs

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
    found = _found({name: address.rstrip("/") for name, address in asked.items() if address})
    typer.echo(in_json(found).decode() if as_json else "\n".join(in_lines(found)))
    raise typer.Exit(worst(found))


def _found(asked: dict[str, str]) -> Sequence[Finding]:
    open_logs(level="error", style="console")
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
    from services.doctor.examination import examine  # noqa: PLC0415 - services start by this program too, without it

    return [ok("settings", "They can be used."), *asyncio.run(examine(settings, Addresses(**people | asked)))]
