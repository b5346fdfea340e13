"""What can be seen without asking anybody: settings, the region pack, the disk under our own data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.doctor.findings import Finding, broken, ok, warning
from shared.region import RegionPackBroken, load_region, read_pack_file
from shared.settings import CommonSettings
from shared.web.accessibility import Statement
from shared.web.pages import STATEMENT

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
NOBODYS: Final = (".example", ".invalid", ".test", "example.com", "example.net", "example.org")
"""Domains that no mailbox can have (RFC 2606)."""
FULL: Final = 0.9
"""How full a disk may be before somebody should look at it."""
OVERFULL: Final = 0.97


def is_for_trying(settings: CommonSettings) -> bool:
    """Tell whether an installation is only reachable from its own machine."""
    return (urlsplit(settings.public_url).hostname or "") in LOOPBACK


def look_around(settings: CommonSettings) -> list[Finding]:
    """Look at everything that needs no connection."""
    return [_address(settings), *_region(settings), _disk(settings.data_dir)]


def _address(settings: CommonSettings) -> Finding:
    if settings.https:
        return ok("address", f"People come to {settings.public_url}, by https.")
    if is_for_trying(settings):
        return ok("address", f"{settings.public_url} is reachable from this machine only, for trying it out.")
    return warning(
        "address",
        f"People come to {settings.public_url} without https, so passwords and cookies can be read on the way.",
        "Give the proxy a certificate and set KAL_PUBLIC_URL, KAL_INGEST_URL and KAL_CALENDAR_URL to https addresses.",
    )


def _region(settings: CommonSettings) -> list[Finding]:
    try:
        region = load_region(settings.region)
        file = settings.region / STATEMENT
        statement = read_pack_file(file, Statement) if file.is_file() else None
    except RegionPackBroken as error:
        return [
            broken("region pack", str(error), "Correct the file, and try `kalendarium region check` before a start.")
        ]
    return [ok("region pack", f"{region.label('en')}, from {settings.region}."), _statement(statement)]


def _statement(statement: Statement | None) -> Finding:
    about = "accessibility"
    if statement is None:
        return warning(
            about,
            "The region pack has no accessibility statement, which Polish law asks of every public site.",
            f"Write {STATEMENT}; the region pack's README.md says what stands in it.",
        )
    if statement.email.endswith(NOBODYS):
        return warning(
            about,
            f"The accessibility statement still names {statement.email}, an address that nobody can have.",
            f"Put the publisher's own address into {STATEMENT}, and make the rest of it true.",
        )
    return ok(about, f"The statement names {statement.email}.")


def _disk(folder: Path) -> Finding:
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    return disk_finding(f"disk of {folder}", used=usage.total - usage.free, size=usage.total)


def disk_finding(about: str, *, used: float, size: float) -> Finding:
    """Judge how full a disk is; both numbers in bytes."""
    part = used / size if size else 0.0
    what = f"{part:.0%} of {size / 1e9:.0f} GB are used."
    do = "Make room, or a larger disk, before writes are refused; docs/operations.md says where to look first."
    if part >= OVERFULL:
        return broken(about, what, do)
    return warning(about, what, do) if part >= FULL else ok(about, what)
