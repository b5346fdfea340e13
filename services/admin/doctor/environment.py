"""Checks without a connection: settings, region pack, the disk under our own data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.admin.doctor.findings import Finding, broken, ok, warning
from shared.region import RegionPackBroken, load_region, read_pack_file
from shared.settings import CommonSettings
from shared.web.pages.accessibility import Statement
from shared.web.pages.navigation import STATEMENT

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
# No mailbox can be in them (RFC 2606).
RESERVED_DOMAINS: Final = (".example", ".invalid", ".test", "example.com", "example.net", "example.org")
# Share of a disk; from here on somebody should look at it.
FULL: Final = 0.9
OVERFULL: Final = 0.97


def is_local_only(settings: CommonSettings) -> bool:
    return (urlsplit(settings.public_url).hostname or "") in LOOPBACK


def examine_environment(settings: CommonSettings) -> list[Finding]:
    return [_check_address(settings), *_check_region(settings), _check_disk(settings.data_dir)]


def _check_address(settings: CommonSettings) -> Finding:
    if settings.https:
        return ok("address", f"People come to {settings.public_url}, by https.")
    if is_local_only(settings):
        return ok("address", f"{settings.public_url} is reachable from this machine only, for trying it out.")
    return warning(
        "address",
        f"People come to {settings.public_url} without https, so passwords and cookies can be read on the way.",
        "Give the proxy a certificate and set KAL_PUBLIC_URL, KAL_INGEST_URL and KAL_CALENDAR_URL to https addresses.",
    )


def _check_region(settings: CommonSettings) -> list[Finding]:
    try:
        region = load_region(settings.region)
        file = settings.region / STATEMENT
        statement = read_pack_file(file, Statement) if file.is_file() else None
    except RegionPackBroken as error:
        return [
            broken("region pack", str(error), "Correct the file, and try `kalendarium region check` before a start.")
        ]
    return [ok("region pack", f"{region.get_label('en')}, from {settings.region}."), _check_statement(statement)]


def _check_statement(statement: Statement | None) -> Finding:
    about = "accessibility"
    if statement is None:
        return warning(
            about,
            "The region pack has no accessibility statement, which Polish law asks of every public site.",
            f"Write {STATEMENT}; the region pack's README.md says what stands in it.",
        )
    if statement.email.endswith(RESERVED_DOMAINS):
        return warning(
            about,
            f"The accessibility statement still names {statement.email}, an address that nobody can have.",
            f"Put the publisher's own address into {STATEMENT}, and make the rest of it true.",
        )
    return ok(about, f"The statement names {statement.email}.")


def _check_disk(folder: Path) -> Finding:
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path("/"))
    usage = shutil.disk_usage(there)
    return judge_disk(f"disk of {folder}", used=usage.total - usage.free, size=usage.total)


def judge_disk(about: str, *, used: float, size: float) -> Finding:
    """Both numbers in bytes."""
    part = used / size if size else 0.0
    what = f"{part:.0%} of {size / 1e9:.0f} GB are used."
    do = "Make room, or a larger disk, before writes are refused; docs/operations.md says where to look first."
    if part >= OVERFULL:
        return broken(about, what, do)
    return warning(about, what, do) if part >= FULL else ok(about, what)
